"""Configurations that the tests load, in words of our own."""

from __future__ import annotations

from gateway.configuration.loading import Loaded, load
from gateway.configuration.problems import ConfigurationError

DEFINITION = """\
---
name: planner
description: Plans a change before anybody makes it
---

You plan. Costs are in $, and $HOME is not yours.
"""

RICH = """\
providers:
  anthropic:
    kind: anthropic
    base_url: https://api.anthropic.com
    is_default: true
    credential_source: client
  ollama:
    kind: openai
    preset: ollama
    base_url: http://127.0.0.1:11434/v1
    enabled: false
    credential_source: none
    idle_timeout: 12.5
    models:
      qwen3:8b: {}
  openai:
    kind: openai
    preset: openai
    base_url: https://api.openai.com
    credential_header: authorization
    extra_headers:
      x-price: 5 $$ each
      x-team: search
    capabilities:
      images: false
    credential: ${OPENAI_API_KEY}
    models:
      gpt-4.1:
        display_name: GPT 4.1 “the long one”
        max_output_tokens: 32768
        context_window: 1000000
      gpt-5: {}
aliases:
  claude-gpt:
    target: openai:gpt-5
    display_name: GPT 5
  claude-small:
    target: ollama:qwen3:8b
    enabled: false
subagents:
  mappings:
    Explore:
      target: 'anthropic:'
    planner:
      target: openai:gpt-5
      note: |-
        Cheap enough,
        says $ACCOUNTING.
      fallbacks:
      - openai:gpt-4.1
      - 'anthropic:'
rules:
- name: long prompts
  criteria:
  - header: 'x-team: search-*'
  - input_over: '50000'
  - kind: main loop
  target: openai:gpt-4.1
  fallbacks:
  - anthropic:claude-haiku-4-5
- name: pictures
  order: 35
  criteria:
  - images: 'yes'
  - model: '*-5'
  - model: claude-opus-*
  target: 'anthropic:'
  enabled: false
- name: the rest
  target: ollama:qwen3:8b
agent_definitions:
  planner: |
    ---
    name: planner
    description: Plans a change before anybody makes it
    ---

    You plan. Costs are in $, and $HOME is not yours.
"""


def loaded(text: str, is_trial: bool = False) -> Loaded:
    return load(text.encode(), "gateway.yaml", is_trial)


def problems_of(text: str) -> list[str]:
    """What is said of a file that is refused."""
    try:
        loaded(text)
    except ConfigurationError as error:
        return [str(problem) for problem in error.problems]
    raise AssertionError("the file was taken")
