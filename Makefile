# edgeday: every target sets up what it needs; only Python 3.11+ and make have to be there.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SETUP := $(VENV)/.set-up

.PHONY: setup replay test test-wrangler test-browser load-test crash-test lint bench clean help
.DEFAULT_GOAL := help

help: ## say what there is to make
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

setup: $(SETUP) ## make .venv with the edgeday command in it

$(SETUP): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $@

replay: setup ## replay the three days of the design document
	$(BIN)/edgeday replay scenarios/normal-day.yaml scenarios/high-load-day.yaml scenarios/system-issues-day.yaml

test: setup ## run the tests
	$(BIN)/python -m pytest

test-wrangler: setup ## test with the real wrangler 3 and 4 (installs them; needs Node 20 and npm)
	npm install --no-audit --no-fund --prefix .wrangler-test/3 wrangler@3.114.17
	npm install --no-audit --no-fund --prefix .wrangler-test/4 wrangler@4.86.0
	EDGEDAY_REQUIRE_WRANGLER=1 $(BIN)/python -m pytest tests/server/test_wrangler.py

test-browser: setup ## test the pages in Chromium (installs it with apt-get, which needs root)
	command -v chromium >/dev/null || (apt-get update && apt-get install -y chromium)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[browser]'
	EDGEDAY_REQUIRE_BROWSER=1 $(BIN)/python -m pytest tests/server/dashboard/test_browser.py tests/report/test_html_in_a_browser.py

load-test: setup ## send 10,000 requests over 64 connections to a server
	EDGEDAY_LOAD_REQUESTS=10000 $(BIN)/python -m pytest tests/server/test_load.py

crash-test: setup ## kill 200 writers of a state file, and look for what they had stored
	$(BIN)/python -m tests.storage.crash --rounds 200

lint: setup ## check style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: setup ## measure speed, as ratios to a bare loop
	$(BIN)/python -m benchmarks.replay_day
	$(BIN)/python -m benchmarks.journal
	$(BIN)/python -m benchmarks.storage
	$(BIN)/python -m benchmarks.server

clean: ## remove what was set up
	rm -rf $(VENV) build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .wrangler-test
