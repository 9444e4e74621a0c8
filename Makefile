# Commands for people: make run, make test, make bench. GNU make 3.81 or newer, a POSIX shell, Python 3.11 or newer.

.PHONY: help run test bench check lint format types layers flask clean
.DEFAULT_GOAL := help

# The first of these that is new enough; PYTHON=... goes before them all.
PYTHON_FOUND := $(shell for candidate in $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11; do \
	if "$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then \
	echo "$$candidate"; break; fi; done)

BIN := .venv/bin
# -P keeps app/ itself off the import path: its modules are app.errors and the like, never errors.
LOCAL := $(BIN)/python -P app/local_run.py
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

help:
	@echo 'make run             the portal with its demonstration company, on http://localhost:5000 (PORT=...)'
	@echo 'make test            every check and every test; what CI runs'
	@echo 'make bench           the performance table'
	@echo 'make flask c="..."   a command with the settings of make run: make flask c="visits list --json"'
	@echo 'make check           lint, types and layers, without the tests'
	@echo 'make lint format types layers   one of them; format changes files'
	@echo 'make clean           removes .venv and caches; instance/ with your data stays'

run: .venv/runtime.stamp
	@$(LOCAL) run

flask: .venv/runtime.stamp
	@$(LOCAL) flask $(c)

test: check
	@$(BIN)/python tests/install_browser.py
	@$(LOCAL) keys
	@$(BIN)/pytest -q -n auto --dist worksteal $(t)

check: lint types layers

lint: .venv/tests.stamp
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

format: .venv/tests.stamp
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

types: .venv/tests.stamp
	@$(BIN)/mypy

layers: .venv/tests.stamp
	@PYTHONPATH=. $(BIN)/lint-imports

bench: .venv/tests.stamp
	@$(LOCAL) keys
	@$(BIN)/python -m benchmarks $(c)

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Each stamp is newer than the files it was made from, or is made again.

.venv/bin/python:
	@if [ -z "$(PYTHON_FOUND)" ]; then \
	echo 'Python 3.11 or newer was not found: install it, or name it with PYTHON=/path/to/python3.' >&2; exit 1; fi
	@$(PYTHON_FOUND) -m venv .venv || { rm -rf .venv; \
	echo 'Python could not make .venv: install its venv module (on Debian and Ubuntu: python3-venv).' >&2; exit 1; }

.venv/runtime.stamp: requirements.txt | .venv/bin/python
	@echo 'Installing what the portal runs on ...' >&2
	@$(PIP) -r requirements.txt
	@touch $@

.venv/tests.stamp: tests/requirements.txt .venv/runtime.stamp
	@echo 'Installing what the tests need ...' >&2
	@$(PIP) -r tests/requirements.txt
	@touch $@
