# One command each; `make help` lists them. Everything is set up on the way.
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv/bin/python
QUIET := TF_CPP_MIN_LOG_LEVEL=3 SQLALCHEMY_SILENCE_UBER_WARNING=1 RASA_TELEMETRY_ENABLED=false

.PHONY: help setup run agents train test lighthouse eval eval-crossval eval-banking77 eval-diagnosis compare bench bench-ledger shell lint lock clean

help: ## List these commands
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## Make .venv from requirements.lock (getting uv and Python 3.10 if missing)
	@$(PYTHON) scripts/bootstrap.py

run: setup ## Start everything and print where to look; Ctrl-C stops it
	@exec $(VENV) -m scripts.run

agents: setup ## One-time links for a small team of agents at /desk (ARGS="invite --role admin NAME" for one person)
	@$(QUIET) $(VENV) -m scripts.agents $(or $(ARGS),demo)

train: setup ## Train the model if the data have changed (FORCE=1: always)
	@$(VENV) -m scripts.model $(if $(FORCE),--force)

test: setup ## Run every test, with the trained model and a real browser
	@$(VENV) -m scripts.browser
	@$(VENV) -m scripts.model
	@$(QUIET) $(VENV) -m pytest $(ARGS)

lighthouse: setup ## Measure the support page with Lighthouse (needs Node.js); fails under 95
	@$(QUIET) $(VENV) -m tests.lighthouse.measure

eval: train ## Measure the model on the held-out sentences
	@$(QUIET) $(VENV) -m bot.nlu.evaluate

eval-crossval: setup ## Cross-validate the intent model on the training sentences (draws the threshold's curve)
	@$(QUIET) $(VENV) -m bot.nlu.crossval $(ARGS)

eval-banking77: setup ## Train and test our pipeline and Rasa's default one on DATA=folder with train.csv and test.csv
	@$(QUIET) $(VENV) -m bot.nlu.banking77 "$(DATA)" $(ARGS)

compare: setup ## Compare our classifier with DIET and others (ARGS="--sample 0.35 --folds 3 --epochs 20" is quicker)
	@$(QUIET) $(VENV) -m bot.nlu.compare $(ARGS)

eval-diagnosis: setup ## Ask the diagnosis about simulated wallets whose truth is known (N=10000 SEED=7)
	@$(QUIET) $(VENV) -m tests.simulator.evaluate --count $(or $(N),10000) --seed $(or $(SEED),7)

bench: train ## Measure message → answer over HTTP, and the diagnosis alone
	@$(QUIET) $(VENV) -m tests.benchmarks.bench

bench-ledger: setup ## Measure the ledger's queries as it grows (ARGS="--sizes 100k 1M 10M"; DATABASE_URL adds PostgreSQL)
	@$(QUIET) $(VENV) -m tests.benchmarks.bench_ledger $(ARGS)

shell: train ## Talk to the model in the terminal (stock `rasa shell`, with the local settings)
	@$(VENV) -m scripts.rasa shell --port 5006

lint: setup ## Check style, types and training sentences (ruff, mypy, bot.nlu.lint)
	@$(VENV) -m ruff check .
	@$(VENV) -m ruff format --check .
	@$(VENV) -m mypy
	@$(QUIET) $(VENV) -m bot.nlu.lint

lock: setup ## Resolve pyproject.toml into requirements.lock anew
	@"$$($(PYTHON) scripts/bootstrap.py --uv)" pip compile --universal --generate-hashes --group dev --no-header \
		--quiet --python $(VENV) --output-file requirements.lock pyproject.toml

clean: ## Remove what was built and what running left behind (databases too)
	@rm -rf .venv .tools .rasa var results reports .pytest_cache .mypy_cache .ruff_cache models/*.tar.gz models/spacy
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
