# onrecord: every task in one place.
#
#   make run        follow the feeds of config/feeds.opml and print quotes as they come
#   make demo       the same pipeline on a bundled sample, offline
#   make setup      prepare .venv with the onrecord command
#   make test       all checks and all tests
#   make check      the checks alone: format, lint, types, import contracts
#   make format     format the code, and correct what the linter can
#   make config     write config/onrecord.toml and docs/configuration.md from the code
#   make schemas    write config/schemas/ from the records
#   make lock       lock the dependencies, with hashes
#   make screenshots  photograph five pages of the demo, for docs/screenshots/
#   make clean      remove .venv and caches
#
# Requires Python 3.11 or newer, with its venv module, and make.

PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin

.PHONY: help setup setup-tests run demo test check format schemas config screenshots lock clean

help:
	@sed -n 's/^#   //p' Makefile

# ── set-up ───────────────────────────────────────────────────────────────────────────────────

setup: .venv/installed
setup-tests: .venv/installed-tests

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "onrecord needs Python 3.11 or newer on the PATH" >&2; exit 2; }
	@$(PYTHON) -m venv .venv || { echo "cannot make a virtual environment: is the venv module of $(PYTHON) installed?" >&2; exit 2; }

.venv/installed: .venv/bin/python requirements.txt pyproject.toml
	@echo "installing what requirements.txt locks (about a minute the first time)" >&2
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

.venv/installed-tests: .venv/installed tests/requirements.txt
	@echo "installing what the tests need" >&2
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r tests/requirements.txt
	@touch $@

# ── using it ─────────────────────────────────────────────────────────────────────────────────

run: setup
	@$(BIN)/onrecord run

demo: setup
	@$(BIN)/onrecord demo

# ── checking it ──────────────────────────────────────────────────────────────────────────────

test: setup-tests check
	$(BIN)/pytest -n 2 --dist worksteal

# The settings of all of these, and the reasons for each exception, stand in pyproject.toml.
check: setup-tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: setup-tests
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# ── keeping generated files true ─────────────────────────────────────────────────────────────

schemas: setup
	$(BIN)/python -m onrecord.records config/schemas

config: setup
	$(BIN)/python -m onrecord.config config/onrecord.toml docs/configuration.md

screenshots: setup-tests
	$(BIN)/python tests/screenshots.py

UV_LOCK = $(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-header --quiet

lock: setup-tests
	$(BIN)/python -m pip install --quiet uv
	$(UV_LOCK) --group build --output-file requirements.txt
	$(UV_LOCK) --group dev --constraint requirements.txt --output-file tests/requirements.txt

clean:
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis build dist
	find . -name __pycache__ -prune -exec rm -rf {} +
