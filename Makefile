# The project's commands: `make` lists them. Each sets up what it needs; a second time costs nothing.

STACK ?= .local
LOCAL ?= $(if $(AWS)$(STAGE),,$(wildcard $(STACK)/outputs.json))
HERE = .venv/bin/python -m local
OPS = .venv/bin/python -m ops $(if $(LOCAL),--local $(STACK)) $(if $(STAGE),--stage $(STAGE))
define NEWLINE


endef
# Joins the lines of CONTEXT. Make would run each line as a command, and ignore errors of one that begins with `-`.
CHOICES = $(subst $(NEWLINE), ,$(CONTEXT))
LIST = $(if $(findstring =,$(COLUMNS)),--columns "$$COLUMNS") $(if $(ENCODING),--encoding "$$ENCODING") # the columns of a list
AGENT = $(if $(filter command,$(origin USER)),--user $(USER)) # the shell's own USER is somebody else
# With another shell than /bin/sh, every line runs in it and has this PATH. The make of macOS runs simple lines itself,
# with the PATH of its caller.
SHELL := $(or $(wildcard /bin/bash),/bin/sh)
export PATH := $(CURDIR)/.venv/bin:$(CURDIR)/node_modules/.bin:$(PATH)
unexport PYTHONDONTWRITEBYTECODE # without bytecode each process compiles everything again
MACS_CHROME = /Applications/Google Chrome.app/Contents/MacOS/Google Chrome
export CHROMIUM ?= $(shell command -v chromium || command -v chromium-browser || command -v google-chrome || ls "$(MACS_CHROME)" 2>/dev/null)
GET_CHROMIUM = $(if $(filter Darwin,$(shell uname)),brew install --cask google-chrome,sudo apt-get install --yes chromium)

.PHONY: help run up down import soak mutants env node chromium screenshots lint audit lock holidays test-web test-python test unit bench clean
.PHONY: deploy prepare destroy page smoke number user leave erase dnc rest stop-calls resume rest-number use-number close open redrive look status abandoned witness logs
.PHONY: add-token only-token replace-key

help: ## show this list
	@awk -F ':.*## ' '/^[a-z][a-z -]*:.*## / { n = split($$1, names, " "); for (i = 1; i <= n; i++) printf "make %-14s%s\n", names[i], $$2 }' Makefile

run: env ## run the whole system on this machine, until Ctrl-C; KEEP=1 keeps its leads for the next run
	@$(HERE) run --dir $(STACK) $(if $(KEEP),--keep)

up: env ## the same, and leave it running; run it again to deploy a change
	@$(HERE) up --dir $(STACK) $(if $(KEEP),--keep)

down: env ## stop the running system
	@$(HERE) down --dir $(STACK)

import: env ## FILE=leads.csv [USER=grace@example.com] [COLUMNS="Mobile=phone,Fax=ignore"] [LATER=1]: import a list into the running stack
	@$(HERE) import --dir $(STACK) "$(or $(FILE),$(error make import FILE=leads.csv))" $(AGENT) $(LIST) $(if $(LATER),--later)

test: chromium env node ## run all tests, those in a browser too
	@$(MAKE) --no-print-directory --jobs=3 lint test-web test-python

unit: env ## run the quick unit tests: without the CDK, servers and thousands of examples; tests/unit/conftest.py has the list
	QUICK=1 pytest -n 2 --dist loadfile tests/unit

test-python: env ## run the Python tests only
	pytest -n 3 --dist loadfile --no-loadscope-reorder

bench: chromium env node ## measure time, requests and money, and compare them with their bars; QUICK=1 is shorter
	@python -m benchmarks $(if $(QUICK),--quick)

screenshots: chromium env node ## make the pictures in docs/screenshots again
	python -m tests.browser.screenshots

soak: env node ## run the long tests: all that a run takes by turns, every minute of a year, then MINUTES=20 of histories, from SEED=
	SOAK=1 pytest -n 2 tests/unit/test_gates_exhaustive.py tests/unit/test_gates_properties.py tests/faults/test_histories.py tests/faults/test_line_histories.py tests/faults/test_crash_points.py tests/faults/test_tables.py tests/unit/test_request_counts.py tests/unit/test_session_documents.py tests/e2e/test_openapi.py
	python -m tests.faults.soak --minutes $(or $(MINUTES),20) $(if $(SEED),--first $(SEED))

mutants: env ## change each condition, look and order of what decides about calls: docs/conditions.md; NEW=1 for those it lacks
	python -m tests.faults.mutants $(if $(NEW),--new)

lint: env ## check style and types of all Python
	ruff check
	ruff format --check
	mypy

audit: env ## check the pinned packages for known vulnerabilities; a failed look-up is a failure
	pip-audit --strict --disable-pip --no-deps --requirement constraints.txt --requirement local/requirements.txt
	npm audit
	cd web && npm audit

# The universal lock of the oldest Python is valid for all newer ones, on Linux and macOS.
COMPILE = uv pip compile --quiet --universal --python-version 3.11 --custom-compile-command "make lock"
UPGRADED = $(if $(filter 1,$(UPGRADE)),--upgrade,$(addprefix --upgrade-package=,$(UPGRADE)))

lock: env ## pin new requirements; UPGRADE=moto upgrades one package, UPGRADE=1 all of them
	$(COMPILE) $(UPGRADED) --annotation-style line --output-file constraints.txt requirements.txt
	$(COMPILE) --generate-hashes --no-annotate --constraints constraints.txt --output-file hashes.txt requirements.txt
	$(COMPILE) $(UPGRADED) --no-annotate --output-file local/requirements.txt local/requirements.in

holidays: env ## make the list of public holidays for calling hours again; review the change with git diff
	python -m cdk.holiday_lists

test-web: env ## run the page's tests
	@python -m local.environments web
	cd web && npm run --silent lint && npm test --silent

# Commands of operators. `deploy` and `destroy` use the AWS account of the environment. The others use the stack that
# `make up` started here, if there is one, and otherwise that account; AWS=1 or a STAGE always means the account.

deploy: env ## deploy to AWS; settings: CONTEXT="-c lines=3 -c call_from=+1...", one of several installations: STAGE=prod
	@.venv/bin/python -m ops $(if $(STAGE),--stage $(STAGE)) deploy $(CHOICES)

prepare: env node ## fetch and build everything that `deploy` needs, without an account
	@python -c 'from local.page import build; build(print)'

destroy: env ## remove the installation; tables, agents, the page's bucket and the secret stay
	@.venv/bin/python -m ops $(if $(STAGE),--stage $(STAGE)) destroy $(CHOICES)

page: env ## publish the page again, without a deployment
	@$(OPS) page $(CHOICES)

smoke: env ## check that the installation answers, and refuses what it must refuse
	@$(OPS) smoke

number: env ## lead whoever calls your Twilio numbers to this installation
	@$(OPS) number

user: env ## EMAIL=ada@example.com [GROUP=admins]: create an agent, or reset their password; NEW_PASSWORD=1 asks for it
	@$(OPS) user "$$EMAIL"$(if $(EMAIL),,$(error make user EMAIL=ada@example.com)) $(if $(GROUP),--group $(GROUP)) $(if $(NEW_PASSWORD),--new-password)

leave: env ## USER=ada@example.com, or an id: disable an agent at once; `make user` undoes it
	@$(OPS) leave "$(if $(filter command,$(origin USER)),$(USER),$(error make leave USER=ada@example.com))"

erase: env ## USER=ada@example.com, who has left: delete all their leads and settings for ever
	@$(OPS) erase "$(if $(filter command,$(origin USER)),$(USER),$(error make erase USER=ada@example.com))"

dnc: env ## FILE=numbers.csv [REGION=DE] [COLUMNS="Tel=phone"]: add numbers to the installation's do-not-call list; REMOVE=1 removes them
	@$(OPS) dnc "$$FILE"$(if $(FILE),,$(error make dnc FILE=numbers.csv)) $(if $(REGION),--region $(REGION)) $(LIST) $(if $(REMOVE),--remove)

stop-calls rest: env ## start no call for MINUTES=60 (circuit breaker); calls in flight go on
	@$(OPS) rest $(if $(MINUTES),--minutes $(MINUTES))

resume: env ## let calls start again: close the circuit breaker, whoever opened it
	@$(OPS) resume

rest-number: env ## NUMBER=DE [DAYS=7]: call nobody from this number of call_from, by its label: DE, DE-2, default
	@$(OPS) rest-number "$$NUMBER"$(if $(NUMBER),,$(error make rest-number NUMBER=DE)) $(if $(DAYS),--days $(DAYS))

use-number: env ## NUMBER=DE: call from this number again, whoever let it rest
	@$(OPS) use-number "$$NUMBER"$(if $(NUMBER),,$(error make use-number NUMBER=DE))

close: env ## PLACE=US-LA UNTIL=2026-12-05: call nobody there, for an emergency or a holiday that no list has
	@$(OPS) close "$$PLACE"$(if $(PLACE),,$(error make close PLACE=US-LA UNTIL=2026-12-05)) "$$UNTIL"$(if $(UNTIL),,$(error make close PLACE=US-LA UNTIL=2026-12-05))

open: env ## PLACE=US-LA: restore the place's own hours
	@$(OPS) open "$$PLACE"$(if $(PLACE),,$(error make open PLACE=US-LA))

redrive: env ## queue the runs in the dead-letter queue again
	@$(OPS) redrive

status look: env ## show queues, dead runs, the circuit breaker and alarms
	@$(OPS) look

abandoned: env ## DAYS=30: show how many of those who answered met no agent
	@$(OPS) abandoned $(if $(DAYS),--days $(DAYS))

witness: env ## DAYS=7: compare the leads with Twilio's own list of calls; fails if they differ
	@$(OPS) witness $(if $(DAYS),--days $(DAYS))

logs: env ## TEXT=<a correlation, lead or call id> [MINUTES=60]: show the functions' log lines about it
	@$(OPS) logs "$$TEXT"$(if $(TEXT),,$(error make logs TEXT=an-id)) $(if $(MINUTES),--minutes $(MINUTES))

add-token only-token replace-key: env ## rotate Twilio's credentials; docs/deploy.md has the order
	@$(OPS) $@

env: ## install Python's packages
	@python3 -m local.environments

node: env ## install the CDK's command line
	@python -m local.environments cdk

chromium:
	@test -n "$(CHROMIUM)" || { echo "The browser's tests need Chromium: $(GET_CHROMIUM) (or CHROMIUM=/path/to/chrome)"; exit 1; }

clean: ## delete everything that was built or run here
	@test ! -x .venv/bin/python || $(HERE) down --dir $(STACK)
	rm -rf .local .venv node_modules web/node_modules web/dist cdk.out .mypy_cache .ruff_cache .pytest_cache
