# Everything there is to do with this project. A fresh machine needs python3, venv and make.
#   make sandbox   try it: simulated Ideogram and a web chat on http://127.0.0.1:8080
#   make test      the test suite, but for the drills: under five minutes on two cores
#   make drills    the whole program killed, starved and under load
#   make check     format, lint, types, import contracts
#   make lock      the lock files, after a range in pyproject.toml has changed;
#                  make lock UPGRADE=--upgrade takes the newest allowed versions

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip -qq --disable-pip-version-check --no-input
SAY := echo
PYTEST := --numprocesses auto --maxprocesses 8
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-annotate --no-header \
	pyproject.toml --group build

.PHONY: sandbox test drills check lock
.DEFAULT_GOAL := sandbox

sandbox: $(VENV)/.runtime
	@$(BIN)/ideogram-bot sandbox

test: $(VENV)/.dev
	@$(BIN)/pytest -m 'not drill' $(PYTEST)

drills: $(VENV)/.dev
	@$(BIN)/pytest -m drill $(PYTEST)

check: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

lock: $(VENV)/.dev
	$(COMPILE) $(UPGRADE) -o requirements.lock
	$(COMPILE) $(UPGRADE) --all-extras -c requirements.lock -o requirements-dev.lock

# Each stamp says that its step was done for the files it depends on.

$(VENV)/.made:
	@command -v $(PYTHON) >/dev/null || { \
	  $(SAY) '$(PYTHON) is missing: install Python 3.11 or newer.' >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  $(SAY) "$$($(PYTHON) --version) is too old: install Python 3.11 or newer, and" \
	    'name it if need be: make PYTHON=python3.12' >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  $(SAY) "Python's venv module is missing: install it" \
	    '(on Debian and Ubuntu: apt install python3-venv).' >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.runtime: $(VENV)/.made requirements.lock pyproject.toml
	@$(SAY) 'Installing into $(VENV), once. This takes about a minute.' >&2
	@$(PIP) install --require-hashes -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime requirements-dev.lock
	@$(SAY) 'Installing the tools for development, once.' >&2
	@$(PIP) install --require-hashes -r requirements-dev.lock
	@touch $@
