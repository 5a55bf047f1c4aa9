# The project's commands. Each sets up what it needs; a second time costs nothing.

STACK ?= .local
LOCAL = .venv/bin/python -m local
AGENT = $(if $(filter command,$(origin USER)),--user $(USER)) # the shell's own USER is somebody else
export PATH := $(CURDIR)/.venv/bin:$(CURDIR)/node_modules/.bin:$(PATH)
export CHROMIUM ?= $(shell command -v chromium || command -v chromium-browser || command -v google-chrome)

.PHONY: run up down import redrive env node chromium lint test-web test deploy destroy clean

run: env ## the whole system on this machine, until Ctrl-C; KEEP=1 keeps its leads for the next time
	@$(LOCAL) run --dir $(STACK) $(if $(KEEP),--keep)

up: env ## the same, left running; again after a change: deploys the change
	@$(LOCAL) up --dir $(STACK) $(if $(KEEP),--keep)

down: env ## stop what is running
	@$(LOCAL) down --dir $(STACK)

import: env ## make import FILE=leads.csv [USER=ada@example.com]
	@$(LOCAL) import --dir $(STACK) "$(or $(FILE),$(error make import FILE=leads.csv))" $(AGENT)

redrive: env ## queue again the runs that failed too often
	@$(LOCAL) redrive --dir $(STACK)

test: chromium env node lint test-web ## everything, browser included
	pytest

lint: env
	ruff check
	ruff format --check
	mypy

test-web: env
	@python -m local.environments web
	cd web && npm run --silent lint && npm test --silent

deploy: env node ## to the AWS account of the environment; settings as CONTEXT="-c lines=3 -c call_from=+1..."
	cdk deploy $(CONTEXT)

destroy: env node ## remove it; tables and agents stay
	cdk destroy $(CONTEXT)

env: ## Python's packages
	@python3 -m local.environments

node: env ## the CDK's command line
	@python -m local.environments cdk

chromium:
	@test -n "$(CHROMIUM)" || { echo "The browser's tests need Chromium: sudo apt-get install --yes chromium (or CHROMIUM=/path/to/chrome)"; exit 1; }

clean: ## forget everything that was built or run here
	@test ! -x .venv/bin/python || $(LOCAL) down --dir $(STACK)
	rm -rf .local .venv node_modules web/node_modules web/dist cdk.out .mypy_cache .ruff_cache .pytest_cache
