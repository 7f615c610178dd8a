# One command for each thing that people do. Everything runs in .venv, which is made when it is missing or outdated.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
DUCKDB15 := $(VENV)-duckdb15/.installed
export DO_NOT_TRACK := 1

.PHONY: help refresh test test-fast faults dev lint format bench clean lock setup

help: ## Show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup: $(STAMP) ## Make the virtual environment from the locked requirements

$(STAMP): requirements.txt pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' \
	  || { echo "Python 3.11 to 3.13 is needed; this is $$($(PYTHON) --version). Set PYTHON=python3.11."; exit 1; }
	$(PYTHON) -m venv --clear $(VENV)
	grep -A99 '^uv==' requirements.txt | awk 'NR==1 || /^    /{print; next} {exit}' > $(VENV)/uv.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r $(VENV)/uv.txt
	$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes -r requirements.txt
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
	touch $(STAMP)

$(DUCKDB15): requirements-duckdb15.txt $(STAMP)
	$(PYTHON) -m venv --clear $(VENV)-duckdb15
	$(BIN)/uv pip install --quiet --python $(VENV)-duckdb15/bin/python --require-hashes -r requirements-duckdb15.txt
	touch $(DUCKDB15)

refresh: $(STAMP) ## Run three monthly cycles of the demo company into .sop/
	$(BIN)/sop refresh --source demo --cycle 2026-01 --through 2026-03

test: $(STAMP) $(DUCKDB15) ## Run all tests
	SOP_DUCKDB15_PYTHON=$(CURDIR)/$(VENV)-duckdb15/bin/python $(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

test-fast: $(STAMP) ## Run the tests of the planning functions only
	$(BIN)/python -m pytest tests/planning

faults: $(STAMP) ## Fail and kill a refresh at every effect and at random times (FAULTS="--points 1-300 --seconds 600")
	$(BIN)/python tests/faults/campaign.py $(FAULTS)

dev: $(STAMP) ## Dagster UI and daemon on the home (SOP_HOME, default .sop): http://localhost:3000
	SOP_HOME="$${SOP_HOME:-$(CURDIR)/.sop}" $(BIN)/python -m sop_pipeline.develop

lint: $(STAMP) ## Format check, lint, types, one-way rule
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(STAMP) ## Format and fix what can be fixed
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(STAMP) ## Time and memory of a demo cycle by step
	$(BIN)/python bench/refresh.py

lock: $(STAMP) ## Resolve the dependencies again into requirements.txt
	$(BIN)/uv pip compile pyproject.toml --extra dev --extra postgres --extra database --generate-hashes --no-emit-index-url --no-header \
	  --universal --python-version 3.11 --quiet -o requirements.txt

clean: ## Remove the environment, the demo home and everything that was built
	rm -rf $(VENV) $(VENV)-duckdb15 .sop dbt_project/target dbt_project/logs build *.egg-info \
	  .pytest_cache .ruff_cache .mypy_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
