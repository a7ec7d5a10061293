# The targets that people type. Each does its own set-up; a stamp in .venv says what is installed already.
SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
LITELLM := tests/openai_servers/.venv
PIP := $(BIN)/pip install --quiet --disable-pip-version-check --require-hashes

.PHONY: run test lint format chaos bench bench-log bench-decide lock clean

run: $(VENV)/.runtime
	@exec $(BIN)/python manage.py serve

test: $(VENV)/.dev $(LITELLM)/.installed node-client
	@$(BIN)/python -m pytest $(PYTEST_ARGS)

lint: $(VENV)/.dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

format: $(VENV)/.dev
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

chaos: $(VENV)/.dev
	@$(BIN)/python -m pytest tests/chaos -m "slow or not slow" $(PYTEST_ARGS)

# The benchmark is not part of the repository: BENCH names its folder.
BENCH ?= ../shared/bench
bench: $(VENV)/.runtime
	@PROJECT=$(CURDIR) $(BENCH)/bench.sh --workers 1 --modes pass,conv --targets direct,py-aiohttp,ours $(BENCH_ARGS)

bench-log: $(VENV)/.dev
	@$(BIN)/python -m tests.bench.log_list

bench-decide: $(VENV)/.dev
	@$(BIN)/python -m tests.bench.decide

lock: $(VENV)/.dev
	@for extra in "-o requirements.lock" "--group dev -o requirements-dev.lock"; do \
	  uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
	    --custom-compile-command 'make lock' --all-extras pyproject.toml $$extra || exit 1; done
	@# Without polars (180 MB), which its proxy starts without.
	@cd tests/openai_servers && uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock' \
	  --no-emit-package polars --no-emit-package polars-runtime-32 litellm.in -o litellm.lock

clean:
	rm -rf $(VENV) $(LITELLM) tests/e2e/node_modules .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or newer is needed: install it, or name it as in  make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -m venv $(VENV) \
	  || { echo "Python cannot make a virtual environment: on Debian, apt install python3-venv"; rm -rf $(VENV); exit 1; }

$(VENV)/.runtime: requirements.lock | $(BIN)/python
	@echo "Installing the pinned dependencies ..."
	@$(PIP) -r requirements.lock
	@touch $@

$(VENV)/.dev: requirements-dev.lock | $(BIN)/python
	@echo "Installing the pinned dependencies for development ..."
	@$(PIP) -r requirements-dev.lock
	@touch $@ $(VENV)/.runtime

# A server of OpenAI's format that is not ours, in an environment of its own: it pins half of what we use otherwise.
$(LITELLM)/.installed: tests/openai_servers/litellm.lock
	@echo "Installing LiteLLM for the tests ..."
	@$(PYTHON) -m venv $(LITELLM)
	@$(LITELLM)/bin/pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r $<
	@touch $@

# The real Claude Code for the end-to-end tests; without npm they are skipped with a word.
.PHONY: node-client
node-client:
	@command -v npm >/dev/null || { echo "npm is missing: the tests with the real Claude Code are skipped"; exit 0; }; \
	  if ! cmp -s tests/e2e/package-lock.json tests/e2e/node_modules/.installed; then \
	    npm ci --prefix tests/e2e --no-audit --no-fund --loglevel=error \
	    && cp tests/e2e/package-lock.json tests/e2e/node_modules/.installed; fi
