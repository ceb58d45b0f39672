# Every command of the project. STACK=local is the default; STACK=dev and STACK=prod are committed settings.
SHELL := /bin/sh
.DEFAULT_GOAL := help
STACK ?= local
N ?= 1000
NAME ?= all
SCALE ?= full
MINUTES ?= 60
DOWN_AFTER ?= 200,300,500
BURSTS ?= 5,5
MUNDO = .venv/bin/python -m ops

.PHONY: help setup up preview policies refresh down status outputs doctor init init-secrets config rotate env ingest sample \
	test lint format types unit database integration web e2e lock schema picture clean-images dev sql rollback drill drill-all \
	backup backups restore restore-forget restore-drill major-upgrade \
	soak switch-master capacity traceability dashboards metrics-page docs site evidence kpis \
	changelog commits readme \
	benchmark validate-performance

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 24

setup: ## the locked Python environment
	@sh toolchain/bootstrap.sh

up: setup ## bring the platform up, or to what its settings say now
	@$(MUNDO) up --stack $(STACK)

preview: setup ## what `make up` would change (FORMAT=markdown OUTPUT=file for a reviewer)
	@$(MUNDO) preview --stack $(STACK) $(if $(FORMAT),--format '$(FORMAT)') $(if $(OUTPUT),--output '$(OUTPUT)')

policies: setup ## what the platform's policies say of every stack's settings
	@$(MUNDO) policies

refresh: setup ## drift between state and what really runs (APPLY=1 writes it to state)
	@$(MUNDO) refresh --stack $(STACK) $(if $(filter 1,$(APPLY)),--apply)

down: setup ## remove the platform WITH ITS DATA (asks; FORCE=1 for scripts)
	@$(MUNDO) down --stack $(STACK) $(if $(filter 1,$(FORCE)),--force)

status: setup ## every container: state, health, restarts
	@$(MUNDO) status --stack $(STACK)

outputs: setup ## stack outputs as JSON (SHOW_SECRETS=1 shows passwords)
	@$(MUNDO) outputs --stack $(STACK) $(if $(filter 1,$(SHOW_SECRETS)),--show-secrets)

doctor: ## what is there, what is missing, what that costs; changes nothing
	@if [ -e .venv/.mundo-lock ]; then $(MUNDO) doctor; else sh toolchain/doctor.sh; fi

init: setup ## settings of a new stack beside others: free subnet, free ports, generated secrets
	@$(MUNDO) init --stack $(STACK) --side-by-side

init-secrets: setup ## generate the secrets that a committed stack lacks: STACK=dev
	@$(MUNDO) init-secrets --stack $(STACK)

config: setup ## set one setting: SET=ports.app=8081
	@$(MUNDO) config --stack $(STACK) '$(SET)'

rotate: setup ## give a secret a new value: SECRET=redisPassword
	@$(MUNDO) rotate --stack $(STACK) '$(SECRET)'

env: setup ## environment for typing pulumi by hand: eval "$$(make -s env)"
	@$(MUNDO) env

ingest: setup ## load a file of features: FILE=farm.geojson
	@$(MUNDO) ingest --stack $(STACK) '$(FILE)'

sample: setup ## make and load a synthetic farm: N=1000
	@$(MUNDO) sample --stack $(STACK) -n $(N)

dev: setup ## the app with reload on this machine, against the running stack (PORT=8001)
	@$(MUNDO) dev --stack $(STACK) $(if $(PORT),--port '$(PORT)')

sql: setup ## one statement as the owner of the schema: QUERY='SELECT * FROM v_partition_status'
	@$(MUNDO) sql --stack $(STACK) -- "$$QUERY"

rollback: setup ## undo the migrations after TO=0030_search_catalogo_indexed (asks; FORCE=1 for scripts)
	@$(MUNDO) rollback --stack $(STACK) --to '$(TO)' $(if $(filter 1,$(FORCE)),--force)

backup: setup ## back the database up now: KIND=incr (what has changed) or full
	@$(MUNDO) backup --stack $(STACK) $(if $(KIND),--kind '$(KIND)')

backups: setup ## list the backups, with the moments that can be reached (JSON=1)
	@$(MUNDO) backups --stack $(STACK) $(if $(filter 1,$(JSON)),--json)

restore: setup ## the database as it was: TO='2026-11-24 10:15Z' or TO=latest (asks; FORCE=1 for scripts)
	@$(MUNDO) restore --stack $(STACK) --to '$(TO)' $(if $(filter 1,$(FORCE)),--force)

restore-forget: setup ## remove the clusters that restores have put aside (asks; FORCE=1 for scripts)
	@$(MUNDO) restore-forget --stack $(STACK) $(if $(filter 1,$(FORCE)),--force)

restore-drill: setup ## restore the newest backup into a throw-away server and compare it
	@$(MUNDO) restore-drill --stack $(STACK)

major-upgrade: setup ## the data to this release's major version of PostgreSQL, then up (asks; FORCE=1 for scripts)
	@$(MUNDO) major-upgrade --stack $(STACK) $(if $(filter 1,$(FORCE)),--force)

capacity: setup ## plan disk space ten years ahead (ROWS_PER_YEAR=413 OUTPUT=folder JSON=1; COMPARE=1 only compares)
	@$(MUNDO) capacity --stack $(STACK) $(if $(ROWS_PER_YEAR),--rows-per-year '$(ROWS_PER_YEAR)') \
		$(if $(OUTPUT),--output '$(OUTPUT)') $(if $(filter 1,$(JSON)),--json) $(if $(filter 1,$(COMPARE)),--compare)

evidence: setup ## KPIs measured by benchmarks, drills and tests of this release (WRITE=1 gathers them anew)
	@$(MUNDO) evidence $(if $(filter 1,$(WRITE)),--write)

kpis: setup ## each KPI: value now, target, met or not (JSON=1)
	@$(MUNDO) kpis --stack $(STACK) $(if $(filter 1,$(JSON)),--json)

switch-master: setup ## make a replica the Redis master: writes pause for less than 100 ms
	@$(MUNDO) switch-master --stack $(STACK)

drill: setup ## break a part of its own on purpose: NAME=master-killed TIMES=3 (PAGE=file)
	@$(MUNDO) drill '$(NAME)' $(if $(TIMES),-n $(TIMES)) $(if $(PAGE),--page '$(PAGE)')

drill-all: setup ## every fault of the cache, under load (TIMES=1); writes docs/drills/cache.md
	@$(MUNDO) drill cache $(if $(TIMES),-n $(TIMES)) --page docs/drills/cache.md

soak: setup ## false failovers on a busy machine: MINUTES=60 DOWN_AFTER=200,300,500 BURSTS=5,5 (PAGE=file)
	@$(MUNDO) soak --minutes $(MINUTES) --down-after '$(DOWN_AFTER)' --bursts '$(BURSTS)' $(if $(PAGE),--page '$(PAGE)')

schema: setup ## JSON schema of the settings
	@$(MUNDO) schema

picture: setup ## draw the running stack for the README
	@$(MUNDO) picture --stack $(STACK) docs/images/platform.svg

traceability: setup ## requirements → artifacts → tests → evidence, no dead link (WRITE=1 writes docs/traceability.md)
	@$(MUNDO) traceability $(if $(filter 1,$(WRITE)),--write)

metrics-page: setup ## docs/guides/metrics.md as the registry and the exporter's questions say (WRITE=1 writes it)
	@$(MUNDO) metrics-page $(if $(filter 1,$(WRITE)),--write)

docs: setup ## the generated pages of the documentation, from what runs (CHECK=1 names those that are stale)
	@$(MUNDO) docs $(if $(filter 1,$(CHECK)),--check)

site: setup ## the documentation as a site in var/site, without internet (SERVE=1 shows it on PORT=8000)
	@$(MUNDO) site $(if $(filter 1,$(SERVE)),--serve --port '$(or $(PORT),8000)')

dashboards: setup ## the Grafana dashboards' JSON in dashboards/generated, from dashboards/grafana
	@.venv/bin/python -m dashboards.grafana

changelog: setup ## write CHANGELOG.md from commits and tags (VERSION=v1.2.3: the next release; CHECK=1 only checks)
	@$(MUNDO) changelog $(if $(filter 1,$(CHECK)),,--write $(if $(VERSION),--version '$(VERSION)'))

commits: setup ## refuse commits that break the convention: RANGE=main..HEAD
	@$(MUNDO) commits $(if $(RANGE),--range '$(RANGE)')

readme: setup ## the README's sections between markers, from their sources (CHECK=1 names stale ones)
	@$(MUNDO) readme $(if $(filter 1,$(CHECK)),,--write)

clean-images: setup ## remove images that no container uses
	@$(MUNDO) clean-images

test: setup ## everything: lint, types, unit, database, integration, web, end to end
	@sh tests/run.sh

lint: setup ## ruff, sqlfluff, shellcheck, hadolint, gofmt
	@sh tests/lint.sh

types: setup ## mypy, strict
	@.venv/bin/mypy __main__.py app benchmarks components dashboards images ops tests

format: setup ## ruff format and import order
	@.venv/bin/ruff check --fix-only -q . ; .venv/bin/ruff format -q .

unit: setup ## unit tests
	@.venv/bin/pytest tests/unit

database: setup ## pgTAP and migration tests, on a real PostgreSQL
	@.venv/bin/pytest tests/database

integration: setup ## parts together, in containers
	@.venv/bin/pytest tests/integration

web: setup ## the pages in a real browser
	@.venv/bin/pytest tests/web

e2e: setup ## real `pulumi up` of stacks of their own
	@.venv/bin/pytest tests/e2e

benchmark: setup ## measure beside a peer: NAME=partitions, refresh, … or all (SCALE=small|medium|full)
	@.venv/bin/python -m benchmarks '$(NAME)' --scale '$(SCALE)'

validate-performance: setup ## the benchmarks' criteria, pass or fail each (SCALE=small|medium|full)
	@.venv/bin/python -m benchmarks validate --scale '$(SCALE)'

lock: setup ## compile requirements/*.in into hash-pinned, registry-free locks
	@for name in app dev; do .venv/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-emit-find-links --no-header requirements/$$name.in -o requirements/$$name.txt; done
