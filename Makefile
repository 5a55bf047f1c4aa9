# The project's commands: `make` lists them. Each sets up what it needs; a second time costs nothing.

STACK ?= .local
LOCAL ?= $(if $(AWS)$(STAGE),,$(wildcard $(STACK)/outputs.json))
HERE = .venv/bin/python -m local
OPS = .venv/bin/python -m ops $(if $(LOCAL),--local $(STACK)) $(if $(STAGE),--stage $(STAGE))
define NEWLINE


endef
# A CONTEXT of several lines is one line of choices: else each line were a command, and the leading `-` its errors' end.
CHOICES = $(subst $(NEWLINE), ,$(CONTEXT))
LIST = $(if $(findstring =,$(COLUMNS)),--columns "$$COLUMNS") $(if $(ENCODING),--encoding "$$ENCODING") # what a list's columns are
AGENT = $(if $(filter command,$(origin USER)),--user $(USER)) # the shell's own USER is somebody else
# With any shell but /bin/sh each line is run by it, and so sees this PATH: the make of macOS runs plain lines itself,
# and looks for them along the PATH that it was called with.
SHELL := $(or $(wildcard /bin/bash),/bin/sh)
export PATH := $(CURDIR)/.venv/bin:$(CURDIR)/node_modules/.bin:$(PATH)
unexport PYTHONDONTWRITEBYTECODE # each of many processes would compile everything anew
MACS_CHROME = /Applications/Google Chrome.app/Contents/MacOS/Google Chrome
export CHROMIUM ?= $(shell command -v chromium || command -v chromium-browser || command -v google-chrome || ls "$(MACS_CHROME)" 2>/dev/null)
GET_CHROMIUM = $(if $(filter Darwin,$(shell uname)),brew install --cask google-chrome,sudo apt-get install --yes chromium)

.PHONY: help run up down import soak env node chromium screenshots lint audit lock holidays test-web test-python test unit bench clean
.PHONY: deploy prepare destroy page smoke user leave erase dnc rest resume close open redrive look logs add-token only-token replace-key

help: ## this list
	@awk -F ':.*## ' '/^[a-z][a-z -]*:.*## / { n = split($$1, names, " "); for (i = 1; i <= n; i++) printf "make %-14s%s\n", names[i], $$2 }' Makefile

run: env ## the whole system on this machine, until Ctrl-C; KEEP=1 keeps its leads for the next time
	@$(HERE) run --dir $(STACK) $(if $(KEEP),--keep)

up: env ## the same, left running; again after a change: deploys the change
	@$(HERE) up --dir $(STACK) $(if $(KEEP),--keep)

down: env ## stop what is running
	@$(HERE) down --dir $(STACK)

import: env ## FILE=leads.csv [USER=grace@example.com] [COLUMNS="Mobile=phone,Fax=ignore"] [LATER=1]: a list into the running stack
	@$(HERE) import --dir $(STACK) "$(or $(FILE),$(error make import FILE=leads.csv))" $(AGENT) $(LIST) $(if $(LATER),--later)

test: chromium env node ## everything, browser included
	@$(MAKE) --no-print-directory --jobs=3 lint test-web test-python

unit: env ## the quick unit tests: without the CDK, servers and thousands of examples; tests/unit/conftest.py has the list
	QUICK=1 pytest -n 2 --dist loadfile tests/unit

test-python: env ## the tests in Python alone
	pytest -n 3 --dist loadfile --no-loadscope-reorder

bench: chromium env node ## what it costs in time, requests and money, beside its bars; QUICK=1 for a look
	@python -m benchmarks $(if $(QUICK),--quick)

screenshots: chromium env node ## the pictures in docs/screenshots, made anew
	python -m tests.browser.screenshots

soak: env ## the long proof: every minute of a year in every time zone, then MINUTES=20 of histories
	SOAK=1 pytest -n 2 tests/unit/test_gates_exhaustive.py
	python -m tests.faults.soak --minutes $(or $(MINUTES),20)

lint: env ## style and types of all Python
	ruff check
	ruff format --check
	mypy

audit: env ## known vulnerabilities of what is pinned; what could not be looked up is a failure, not a pass
	pip-audit --strict --disable-pip --no-deps --requirement constraints.txt --requirement local/requirements.txt
	npm audit
	cd web && npm audit

# The universal lock of the oldest Python holds for all of them, and for Linux and macOS.
COMPILE = uv pip compile --quiet --universal --python-version 3.11 --custom-compile-command "make lock"
UPGRADED = $(if $(filter 1,$(UPGRADE)),--upgrade,$(addprefix --upgrade-package=,$(UPGRADE)))

lock: env ## pins for what the requirements ask for; others move only by UPGRADE=moto, or all by UPGRADE=1
	$(COMPILE) $(UPGRADED) --annotation-style line --output-file constraints.txt requirements.txt
	$(COMPILE) --generate-hashes --no-annotate --constraints constraints.txt --output-file hashes.txt requirements.txt
	$(COMPILE) $(UPGRADED) --no-annotate --output-file local/requirements.txt local/requirements.in

holidays: env ## the public holidays that calling hours close on, made anew: look at what git says has changed
	python -m cdk.holiday_lists

test-web: env ## the page's own
	@python -m local.environments web
	cd web && npm run --silent lint && npm test --silent

# What operators do. `deploy` and `destroy` go to the AWS account of the environment. The others go to the stack that
# `make up` left running here, if there is one, and else to that account; AWS=1 or a STAGE always means the account.

deploy: env ## to AWS; settings as CONTEXT="-c lines=3 -c call_from=+1...", one of several installations as STAGE=prod
	@.venv/bin/python -m ops $(if $(STAGE),--stage $(STAGE)) deploy $(CHOICES)

prepare: env node ## all that `deploy` fetches and builds, without an account
	@python -c 'from local.page import build; build(print)'

destroy: env ## remove it; tables, agents, the page's bucket and the secret stay
	@.venv/bin/python -m ops $(if $(STAGE),--stage $(STAGE)) destroy $(CHOICES)

page: env ## publish the page again, without a deployment
	@$(OPS) page $(CHOICES)

smoke: env ## is it up, and are its doors shut?
	@$(OPS) smoke

user: env ## EMAIL=ada@example.com [GROUP=admins]: an agent who may log in; once more: another password, NEW_PASSWORD=1 asks for it
	@$(OPS) user "$$EMAIL"$(if $(EMAIL),,$(error make user EMAIL=ada@example.com)) $(if $(GROUP),--group $(GROUP)) $(if $(NEW_PASSWORD),--new-password)

leave: env ## USER=ada@example.com, or an id: they are let in nowhere and call nobody from now on; `make user` brings them back
	@$(OPS) leave "$(if $(filter command,$(origin USER)),$(USER),$(error make leave USER=ada@example.com))"

erase: env ## USER=ada@example.com, who has left: all their leads and settings, for good
	@$(OPS) erase "$(if $(filter command,$(origin USER)),$(USER),$(error make erase USER=ada@example.com))"

dnc: env ## FILE=numbers.csv [REGION=DE] [COLUMNS="Tel=phone"]: numbers that nobody here may call; REMOVE=1: that may be called again
	@$(OPS) dnc "$$FILE"$(if $(FILE),,$(error make dnc FILE=numbers.csv)) $(if $(REGION),--region $(REGION)) $(LIST) $(if $(REMOVE),--remove)

rest: env ## stop: no call starts for MINUTES=60, whoever asks for it; calls under way go on
	@$(OPS) rest $(if $(MINUTES),--minutes $(MINUTES))

resume: env ## end the rest, an operator's or the machine's own
	@$(OPS) resume

close: env ## PLACE=US-LA UNTIL=2026-12-05: nobody there is called; a state of emergency, say, or a holiday that no list has
	@$(OPS) close "$$PLACE"$(if $(PLACE),,$(error make close PLACE=US-LA UNTIL=2026-12-05)) "$$UNTIL"$(if $(UNTIL),,$(error make close PLACE=US-LA UNTIL=2026-12-05))

open: env ## PLACE=US-LA: the place's own hours hold again
	@$(OPS) open "$$PLACE"$(if $(PLACE),,$(error make open PLACE=US-LA))

redrive: env ## queue again the runs that failed too often
	@$(OPS) redrive

look: env ## what waits, what is dead, does it rest, which alarms ring
	@$(OPS) look

logs: env ## TEXT=<a correlation, lead or call id> [MINUTES=60]: what the functions said of it
	@$(OPS) logs "$$TEXT"$(if $(TEXT),,$(error make logs TEXT=an-id)) $(if $(MINUTES),--minutes $(MINUTES))

add-token only-token replace-key: env ## rotate Twilio's credentials: docs/deploy.md says in which order
	@$(OPS) $@

env: ## Python's packages
	@python3 -m local.environments

node: env ## the CDK's command line
	@python -m local.environments cdk

chromium:
	@test -n "$(CHROMIUM)" || { echo "The browser's tests need Chromium: $(GET_CHROMIUM) (or CHROMIUM=/path/to/chrome)"; exit 1; }

clean: ## forget everything that was built or run here
	@test ! -x .venv/bin/python || $(HERE) down --dir $(STACK)
	rm -rf .local .venv node_modules web/node_modules web/dist cdk.out .mypy_cache .ruff_cache .pytest_cache
