# Every target makes what it needs, from a fresh clone on: Python 3.11 or newer, make and a package index are enough.
# Another Python: make PYTHON=python3.12 test

.DEFAULT_GOAL := help
SHELL := /bin/sh
PYTHON ?= python3
PINS := .ci/constraints.txt
BIN := .venv/bin
INSTALL := $(BIN)/python -m pip install --quiet --constraint $(PINS)

# Of the caller's pip settings only those hold that say where packages come from; PIP_TARGET and its like would put ours
# elsewhere. PIP_USER is set, not dropped, to outdo a configuration file.
WHENCE := PIP_INDEX_URL PIP_EXTRA_INDEX_URL PIP_NO_INDEX PIP_FIND_LINKS PIP_TRUSTED_HOST PIP_CERT PIP_CLIENT_CERT \
	PIP_PROXY PIP_CONFIG_FILE PIP_CACHE_DIR PIP_NO_CACHE_DIR PIP_DEFAULT_TIMEOUT PIP_TIMEOUT PIP_RETRIES \
	PIP_KEYRING_PROVIDER
unexport PYTHONPATH PYTHONHOME PYTHONDONTWRITEBYTECODE VIRTUAL_ENV $(filter-out $(WHENCE),$(filter PIP_%,$(.VARIABLES)))
export PIP_USER := 0
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help demo test browser check schemas bench faults clean

help:
	@echo 'make demo     the whole loop against made-up vendors: plan, apply, drift, restored'
	@echo 'make test     make check, then every test'
	@echo 'make browser  install chromium, for the tests of the HTML report; needs root, sudo or nothing to do'
	@echo 'make check    style, types, and whether schemas/ is what the code says'
	@echo 'make schemas  write schemas/ anew'
	@echo 'make faults   every fault at every step; takes minutes'
	@echo 'make bench    time, memory and requests for 100 and 1,000 objects'
	@echo 'make clean    remove all that these made'

demo: .venv/installed
	@PATH="$(CURDIR)/$(BIN):$$PATH" sh examples/quickstart/demo.sh

test: check
	@$(BIN)/python -m pytest -n auto

# By itself: nobody's machine is changed by running the tests. Without it they skip what needs a browser.
browser:
	@sh .ci/browser

check: .venv/ready
	@$(BIN)/ruff check --quiet
	@$(BIN)/ruff format --check --quiet
	@$(BIN)/mypy --strict --no-error-summary
	@$(BIN)/reconciler schema --check schemas

schemas: .venv/installed
	@$(BIN)/reconciler schema -o schemas

bench: .venv/ready
	@$(BIN)/python -m tests.benchmarks

faults: .venv/ready
	@RECONCILER_FAULTS=all $(BIN)/python -m pytest -n auto tests/laws

clean:
	rm -rf .venv .demo build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Made anew whenever a pin changes: an environment that is only added to keeps what nobody asks for any more.
.venv/installed: pyproject.toml $(PINS)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and f"Python 3.11 or newer is needed; \
	$(PYTHON) is {sys.version.split()[0]}: make PYTHON=python3.12 $(MAKECMDGOALS)")'
	@$(PYTHON) -m venv --clear .venv
	@$(INSTALL) pip
	@$(INSTALL) --build-constraint $(PINS) --editable .
	@touch $@

.venv/ready: .venv/installed
	@$(INSTALL) --group dev
	@touch $@
