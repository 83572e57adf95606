# Everything stays inside this folder: the environment in .venv, the demo's data in var.

PYTHON ?=
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip -qq --disable-pip-version-check
READY := $(VENV)/.ready
READY_DEV := $(VENV)/.ready-dev

.DEFAULT_GOAL := help
.PHONY: help demo setup test check fmt run migration

help: ## what can be made
	@sed -n 's/^\([a-z]*\):.*## /  make \1	/p' $(MAKEFILE_LIST) | expand -t 20

demo: $(READY) ## make the demo chain and talk to it
	@$(BIN)/zhanggui demo

setup: $(READY) ## make .venv with what the bot needs to run, nothing else

test: $(READY_DEV) ## run all tests, on SQLite and PostgreSQL
	@$(BIN)/python -m pytest

check: $(READY_DEV) ## lint, format, types, floors
	@echo "lint:   ruff check" && $(BIN)/ruff check --quiet
	@echo "format: ruff format --check" && $(BIN)/ruff format --check --quiet
	@echo "types:  mypy" && $(BIN)/mypy --no-error-summary
	@echo "floors: lint-imports" && $(BIN)/lint-imports --no-logo

fmt: $(READY_DEV) ## format the code, mend what can be mended
	@$(BIN)/ruff check --fix-only --quiet
	@$(BIN)/ruff format --quiet

run: $(READY) ## run the service
	@$(BIN)/zhanggui run

migration: $(READY_DEV) ## write the next migration from bot/db/tables.py: make migration ADDS="a column"
	@$(BIN)/python -m tests.support.migration "$(ADDS)"

$(BIN)/python:
	@python=; for one in $(or $(PYTHON),python3 python3.13 python3.12 python3.11 python3.14); do \
	  "$$one" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && python="$$one" && break; \
	done; \
	if [ -z "$$python" ]; then \
	  echo "zhanggui needs Python 3.11 or newer, and found none$(if $(PYTHON), in $(PYTHON)). Try: make PYTHON=/path/to/python3.12" >&2; exit 1; \
	fi; \
	if ! "$$python" -c 'import ensurepip, venv' 2>/dev/null; then \
	  echo "$$python has no venv module. On Debian and Ubuntu: apt install python3-venv" >&2; exit 1; \
	fi; \
	echo "Making $(VENV) with $$("$$python" --version) ..."; \
	"$$python" -m venv --clear $(VENV)

$(READY): pyproject.toml constraints.txt $(BIN)/python
	@echo "Installing what the bot needs (a minute, once) ..."
	@$(PIP) install -c constraints.txt -e .
	@touch $@

$(READY_DEV): $(READY)
	@echo "Installing what tests and checks need (once) ..."
	@$(BIN)/python -c 'import pip; raise SystemExit(tuple(map(int, pip.__version__.split(".")[:2])) < (25, 1))' || \
	  $(PIP) install --upgrade 'pip>=25.1'
	@$(PIP) install -c constraints.txt --group dev
	@touch $@
