"""Every number of the list of what other gateways got wrong (B1 to B110) has a test, or a reason why it has none.

Where to look for a test: the numbers stand in names (`test_b10_…`) and ids (`"B10 …"`).

    3a B1-B24     streams             answers/test_gateway_bugs_answers.py
    3b B25-B36    thinking            requests/test_gateway_bugs_{messages,fields}.py, ../test_unsigned_thinking.py,
                                      tests/providers/adapters/test_anthropic.py, tests/gateway/test_switched_models.py
    3c B37-B60    requests            requests/test_gateway_bugs_{messages,fields,tools}.py
    3d B61-B72    fields and headers  requests/test_gateway_bugs_fields.py, tests/providers/adapters/
    3e B73-B80    usage and counting  answers/test_gateway_bugs_answers.py, tests/gateway/test_serving.py
    3f B81-B110   transport, errors   tests/gateway/test_converted{,_errors}.py, tests/gateway/test_model_answers.py

Names without a folder of their own are below tests/providers/protocol/chat/.
"""

from __future__ import annotations

import re

from tests.support.sources import PROJECT, python_files

LAST = 110
NOT_CONVERSION = {
    29: "Anthropic's API copes by itself now (“graceful thinking degradation”), and other formats have no such rule",
    59: "server tools run only where a stream passes byte for byte: tests/gateway/test_passthrough_answers.py",
    72: "a provider has one credential, so there are no accounts to spread a session over",
    82: "a stream passes as bytes, with its pings: tests/gateway/test_keepalive.py",
    91: "Claude Code does not compress; what cannot be read is refused: tests/gateway/test_bad_input.py",
    92: "a client that leaves, in every phase: tests/gateway/test_client_leaves.py",
    93: "of another runtime; here closing a connection ends it: tests/gateway/test_client_leaves.py",
    94: "only silence ends a stream, not its length: tests/gateway/test_upstream_failures.py",
    99: "probes are answered without a trace: tests/gateway/test_passthrough.py",
    103: "the gateway keeps no OAuth token that it would have to refresh",
    105: "of a firewall in front of the gateway",
    107: "the log's own: tests/requestlog/test_retention.py",
    108: "the log's own: tests/requestlog/presentation/test_text.py",
    109: "keys are looked up by their hash: tests/gateway/test_access.py",
    110: "the log's own: tests/requestlog/test_pieces.py",
}
_IN_A_NAME = re.compile(r"def test_((?:b\d+_)+)")
_IN_AN_ID = re.compile(r'\bid="((?:B\d+[ ,]+)+)')
_NUMBER = re.compile(r"\d+")
_A_TEST = re.compile(r"tests/[\w/]+\.py")


def numbers_with_a_test() -> set[int]:
    tests = [path for path in python_files() if path.parts[0] == "tests"]
    texts = [(PROJECT / path).read_text() for path in tests]
    found = [group for text in texts for pattern in (_IN_A_NAME, _IN_AN_ID) for group in pattern.findall(text)]
    return {int(number) for group in found for number in _NUMBER.findall(group)}


def test_every_number_has_a_test_or_a_reason() -> None:
    assert numbers_with_a_test() | set(NOT_CONVERSION) == set(range(1, LAST + 1))


def test_no_number_has_both() -> None:
    assert numbers_with_a_test() & set(NOT_CONVERSION) == set()


def test_the_tests_that_the_reasons_name_exist() -> None:
    named = [name for reason in NOT_CONVERSION.values() for name in _A_TEST.findall(reason)]
    assert named and [name for name in named if not (PROJECT / name).is_file()] == []
