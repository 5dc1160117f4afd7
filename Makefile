# edgeday: every target sets up what it needs; only Python 3.11+ and make have to be there.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SETUP := $(VENV)/.set-up
DEV := $(VENV)/.set-up-dev
BROWSER := $(VENV)/.set-up-browser
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check
LOCKED := $(INSTALL) --require-hashes
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--custom-compile-command 'make lock' $(UPGRADE)

.PHONY: setup dev lock replay test test-quick test-wrangler test-javascript test-original test-browser load-test crash-test lint docs bench clean help
.DEFAULT_GOAL := help

help: ## say what there is to make
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-15s %s\n", $$1, $$2}'

setup: $(SETUP) ## make .venv with the edgeday command in it, and what it needs to run

$(SETUP): pyproject.toml requirements/build.txt requirements/runtime.txt
	$(PYTHON) -m venv $(VENV)
	$(LOCKED) --requirement requirements/build.txt --requirement requirements/runtime.txt
	$(INSTALL) --no-index --no-deps --no-build-isolation --editable .
	@touch $@

dev: $(DEV) ## add what tests, style and types need

$(DEV): $(SETUP) requirements/dev.txt
	$(LOCKED) --requirement requirements/dev.txt
	@touch $@

$(BROWSER): $(DEV) requirements/browser.txt
	$(LOCKED) --requirement requirements/browser.txt
	@touch $@

lock: $(SETUP) ## write requirements/*.txt anew from pyproject.toml; UPGRADE=--upgrade takes the newest versions
	$(INSTALL) uv==0.13.9
	$(COMPILE) pyproject.toml --output-file requirements/runtime.txt
	$(COMPILE) --group build --constraint requirements/runtime.txt --output-file requirements/build.txt
	$(COMPILE) --group dev --constraint requirements/runtime.txt --constraint requirements/build.txt --output-file requirements/dev.txt
	$(COMPILE) --group browser --constraint requirements/runtime.txt --constraint requirements/dev.txt --output-file requirements/browser.txt

replay: setup ## replay the three days of the design document, beside what code and platform do
	$(BIN)/edgeday days scenarios/normal-day.yaml scenarios/high-load-day.yaml scenarios/system-issues-day.yaml

test: dev ## run the tests, on all cores
	$(BIN)/python -m pytest --numprocesses auto

test-quick: dev ## run the tests that are quick, for the inner loop
	$(BIN)/python -m pytest --numprocesses auto --quiet -m 'not slow'

test-wrangler: dev ## test with the real wrangler 3 and 4 (installs them; needs Node 20 and npm)
	npm install --no-audit --no-fund --prefix .wrangler-test/3 wrangler@3.114.17
	npm install --no-audit --no-fund --prefix .wrangler-test/4 wrangler@4.86.0
	EDGEDAY_REQUIRE_WRANGLER=1 $(BIN)/python -m pytest tests/server/test_wrangler_command.py tests/server/test_wrangler_warnings.py

test-javascript: dev ## test JavaScript workers with workerd and wrangler (installs them; needs Node 20 and npm)
	npm install --no-audit --no-fund --ignore-scripts --prefix .javascript-test workerd@1.20261117.1 wrangler@4.86.0
	npm install --no-audit --no-fund --ignore-scripts --prefix .javascript-test/oldest workerd@1.20250321.0 wrangler@3.114.17
	EDGEDAY_REQUIRE_WORKERD=1 $(BIN)/python -m pytest -m 'workerd or wrangler'
	EDGEDAY_REQUIRE_WORKERD=1 EDGEDAY_TOOLS=oldest $(BIN)/python -m pytest tests/hosting/javascript/test_tools.py \
		tests/hosting/javascript/test_wrangler_build.py tests/runtime/test_javascript_entry.py

test-original: dev ## hold the port against the original worker.js (installs workerd; says where the original goes)
	npm install --no-audit --no-fund --ignore-scripts --prefix .javascript-test workerd@1.20261117.1
	EDGEDAY_REQUIRE_WORKERD=1 EDGEDAY_REQUIRE_ORIGINAL=1 $(BIN)/python -m pytest tests/oracle

test-browser: $(BROWSER) ## test the pages in Chromium (installs it with apt-get, which needs root)
	command -v chromium >/dev/null || (apt-get update && apt-get install -y chromium)
	EDGEDAY_REQUIRE_BROWSER=1 $(BIN)/python -m pytest tests/server/dashboard/test_browser.py tests/server/dashboard/test_crons_browser.py tests/report/test_html_in_a_browser.py

load-test: dev ## send 10,000 requests over 64 connections to a server
	EDGEDAY_LOAD_REQUESTS=10000 $(BIN)/python -m pytest tests/server/test_load.py

crash-test: dev ## kill 200 writers of a state file, and look for what they had stored
	$(BIN)/python -m tests.storage.crash --rounds 200

lint: dev ## check style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

docs: dev ## write the generated documents, the schema and the baselines anew
	$(BIN)/python -m tools.docs
	$(BIN)/python -m tools.doc_runs
	$(BIN)/edgeday validate --schema >scenarios/scenario.schema.json
	$(BIN)/edgeday claims --markdown worker_port/study/docs/claims.md >/dev/null
	$(BIN)/edgeday variants --markdown worker_port/study/docs/comparison.md >/dev/null
	$(BIN)/edgeday baseline update scenarios/*.yaml

bench: dev ## measure speed, as ratios to a bare loop
	$(BIN)/python -m benchmarks.replay_day
	$(BIN)/python -m benchmarks.journal
	$(BIN)/python -m benchmarks.storage
	$(BIN)/python -m benchmarks.server
	$(BIN)/python -m benchmarks.python_workers
	$(BIN)/python -m benchmarks.javascript

clean: ## remove what was set up
	rm -rf $(VENV) build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .wrangler-test .javascript-test
