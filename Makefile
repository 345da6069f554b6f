# The same few commands for a person and for CI. `make` alone lists them.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$p -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
STAMP := .venv/.installed
YARDSTICKS := .venv/.bench-installed
SITE_BUILDER := .venv/.docs-installed
ARCHITECTURE := { report=$$($(BIN)/lint-imports --no-cache) && echo "$$report" | tail -n 1 || { echo "$$report"; false; }; }
WORKERS = $(shell expr $$(getconf _NPROCESSORS_ONLN) + 2)
# Two workers more than cores, since many tests wait; a module runs in one worker, so that what it shares is made once.
IN_PARALLEL = -n $(WORKERS) --dist loadfile --no-loadscope-reorder --max-worker-restart 0 --durations 10
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check

.PHONY: help setup demo demo-data test check lock long bench chaos faults soak together shots reference docs dist clean

help:  ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(STAMP)  ## make .venv with everything in it

$(STAMP): pyproject.toml locks/dev.txt
	@test -n "$(PYTHON)" || { echo "Curator needs Python 3.11 or newer with venv and ensurepip (Debian: apt-get install python3-venv); none was found on the PATH." >&2; exit 1; }
	@echo "Setting up .venv (once; about a minute) ..." >&2
	@$(PYTHON) -m venv .venv
	@$(PIP) install --require-hashes -r locks/dev.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

demo: setup  ## the whole pipeline, offline and keyless, on sample papers; at a terminal, then the review page
	@$(BIN)/curator demo $$(test -t 1 || echo --no-serve)

demo-data: setup  ## typeset the demo's sample papers again, from tests/typesetting/sources
	@$(BIN)/python -m tests.typesetting.demo_data

test: setup  ## run the tests; the ten slowest are named at the end
	@PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest $(IN_PARALLEL)

long: setup  ## the tests, the slow ones in their long form: more rounds, examples, kills and earlier schemas
	@LONG_TESTS=1 PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest $(IN_PARALLEL)

check: setup  ## ruff, mypy and the architecture
	@$(BIN)/mypy & types=$$!; \
	$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(ARCHITECTURE); style=$$?; \
	wait $$types && exit $$style

lock: setup  ## update locks/ from pyproject.toml (ARGS=--upgrade: to the newest versions)
	@$(BIN)/python locks/write.py $(ARGS)

bench: setup $(YARDSTICKS)  ## measure; each figure stands beside its yardstick
	@$(BIN)/python -m bench $(ARGS)

$(YARDSTICKS): $(STAMP) locks/bench.txt
	@$(PIP) install --require-hashes -r locks/bench.txt \
		&& touch $@ || echo "pymupdf4llm could not be installed; it is left out of the measurements." >&2

chaos: setup  ## kill Curator at 200 random instants and look that nothing is lost
	@$(BIN)/python -m tests.chaos.killing $(ARGS)

faults: setup  ## 200 seeds of an arXiv and a model that misbehave; look that nothing is lost and manners are kept
	@$(BIN)/python -m tests.chaos.misbehaving $(ARGS)

soak: setup  ## an hour of simulated weeks; look that memory, file handles and the warehouse do not run away
	@$(BIN)/python -m tests.chaos.soak $(ARGS)

together: setup  ## an hour of ingests, decisions, publications, queries and backups all at once
	@$(BIN)/python -m tests.chaos.together $(ARGS)

shots: setup  ## screenshots of every page of the review page, into shots/
	@$(BIN)/python -m tests.helpers.shots $(ARGS)

reference: setup  ## write docs/reference/ from the code
	@$(BIN)/python -m docs.generate

docs: setup $(SITE_BUILDER)  ## build docs/ into a website in site/; a broken link ends it
	@$(BIN)/zensical build --strict --clean

$(SITE_BUILDER): $(STAMP) locks/docs.txt
	@$(PIP) install --require-hashes -r locks/docs.txt
	@touch $@

dist: setup  ## build a wheel and a source archive, in dist/
	@rm -rf dist && $(BIN)/hatchling build

clean:  ## remove what setup made
	@rm -rf .venv site .cache build dist *.egg-info src/*.egg-info
