# E-Points: set up, serve, test, check. `make help` lists what there is.

PYTHON ?= python3
BIN := .venv/bin
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard translations/*/LC_MESSAGES/*.po))

# The tests' databases commit for real; in memory, where there is room, that costs no disk.
SCRATCH := $(shell test -w /dev/shm && echo /dev/shm || echo $${TMPDIR:-/tmp})

# Settings given on the command line (make run PORT=9000) reach the service as environment.
export DATABASE_URL GROUP_COMMIT HOST INSTANCE PORT PUBLIC_URL SEAL_EVERY SEAL_KEY SECRET_KEY STRIPE_SECRET_KEY STRIPE_WEBHOOK_SECRET

.PHONY: help run test prove bench coverage mutation check story lock messages test-tools clean

help: ## Show what can be made
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

run: .venv/run.stamp $(CATALOGUES) ## Set up and serve with sample data on 127.0.0.1:8000
	@$(BIN)/python wsgi.py run

test: .venv/dev.stamp $(CATALOGUES) test-tools ## Install what the tests need, then run all of them
	TMPDIR=$(SCRATCH) $(BIN)/pytest -n 2 --dist worksteal $(TESTS)

bench: .venv/dev.stamp $(CATALOGUES) ## Measure it against this machine's own limits; QUICK=1 for a short look
	@sh tests/tools.sh wrk
	@$(BIN)/python -m bench

story: .venv/dev.stamp $(CATALOGUES) test-tools ## Run only the story in the browser
	TMPDIR=$(SCRATCH) $(BIN)/pytest tests/browser/test_story.py

prove: .venv/dev.stamp $(CATALOGUES) test-tools ## Prove the ledger at full size (hours); build/prove.json
	TMPDIR=$(SCRATCH) $(BIN)/python -m tests.prove $(PROVE)

coverage: .venv/dev.stamp $(CATALOGUES) test-tools ## See that the ledger's own tests reach all of it, branch by branch
	@rm -rf build/coverage && mkdir -p build/coverage
	TMPDIR=$(SCRATCH) $(BIN)/coverage run -m pytest -n 2 --dist worksteal --ignore=tests/ledger/test_model.py tests/ledger
	@$(BIN)/coverage combine -q
	@$(BIN)/coverage report

mutation: .venv/dev.stamp $(CATALOGUES) test-tools ## See which mistakes in the ledger its tests would miss; build/mutation.json
	TMPDIR=$(SCRATCH) $(BIN)/python -m tests.prove.mutation $(MUTATE)

check: .venv/dev.stamp $(CATALOGUES) test-tools ## Style, types, import rules, migrations, catalogues
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tests.checks.migrations
	$(BIN)/python -m tests.checks.catalogues
	$(BIN)/python -m tests.checks.sizes

test-tools: ## Install Chromium, ffmpeg and PostgreSQL if they are missing
	@sh tests/tools.sh

messages: .venv/dev.stamp ## Collect new messages into the catalogue, to be translated
	$(BIN)/pybabel -q extract -F babel.cfg -k N_ -k _l --no-location --omit-header -o build/messages.pot .
	$(BIN)/pybabel -q update -i build/messages.pot -d translations --no-fuzzy-matching --omit-header

lock: .venv/dev.stamp ## Renew the locked versions from pyproject.toml
	@$(BIN)/pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip compile -q --universal --upgrade --generate-hashes --no-emit-index-url pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile -q --universal --upgrade --generate-hashes --no-emit-index-url --group dev pyproject.toml -o requirements-dev.lock

clean: ## Remove the environment and what was built; the data stays
	rm -rf .venv build .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find translations -name '*.mo' -delete

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/run.stamp: requirements.lock | .venv/bin/python
	@echo "Installing what the service needs …"
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

.venv/dev.stamp: requirements-dev.lock | .venv/bin/python
	@echo "Installing what the tests need …"
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@ .venv/run.stamp

%.mo: %.po | .venv/bin/python
	@test -e .venv/run.stamp || test -e .venv/dev.stamp || $(MAKE) .venv/run.stamp
	@$(BIN)/pybabel -q compile -i $< -o $@ -l $(notdir $(patsubst %/LC_MESSAGES/,%,$(dir $<)))
