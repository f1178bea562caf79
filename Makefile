# Everything runs in .venv, made with plain venv and pip; nothing outside this folder changes.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check install --quiet -c constraints.txt
DEMO   ?= demo.db
# without compiled files, each process that a test starts would compile the program anew
unexport PYTHONDONTWRITEBYTECODE
# three on two cores: many tests wait for a server, a clock or a process
JOBS   ?= 3

.PHONY: help install dev datasette1 moto pywb demo serve cluster-demo test mutants hostile check lint types contracts docs cog format bench speed constraints release-files clean

help:  ## list the targets
	@grep -E '^[a-z-]+:.*##' Makefile | sed 's/:.*## /\t/'

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo 'baogao needs Python 3.11 or newer; say which with: make PYTHON=python3.12 ...' >&2; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(PIP) --upgrade pip

$(VENV)/.installed: $(VENV)/bin/python pyproject.toml constraints.txt
	$(PIP) -e '.[crawl,serve,documents,export,warc]'
	@touch $@

$(VENV)/.cluster: $(VENV)/.installed
	$(PIP) -e '.[crawl,serve,documents,export,warc,cluster]'
	@touch $@

$(VENV)/.dev: $(VENV)/.installed
	$(PIP) -e '.[all,sevenzip,opentimestamps,cluster,columnar,storage,dev]'
	@touch $@

install: $(VENV)/.installed  ## make .venv with the baogao command
dev: $(VENV)/.dev  ## the same with the tools for tests and checks

# pywb brings a `brotli` of its own that would break Scrapy's: it lives apart
$(VENV)-pywb/.installed: constraints-pywb.txt
	$(PYTHON) -m venv $(VENV)-pywb
	$(VENV)-pywb/bin/python -m pip --disable-pip-version-check install --quiet -c constraints-pywb.txt pywb wacz
	@touch $@

# moto asks for an older dateutil than pandas takes: it lives apart as well
$(VENV)-moto/.installed: constraints-moto.txt
	$(PYTHON) -m venv $(VENV)-moto
	$(VENV)-moto/bin/python -m pip --disable-pip-version-check install --quiet -c constraints-moto.txt 'moto[s3]' flask flask-cors
	@touch $@

moto: $(VENV)-moto/.installed  ## an environment with a server of S3 on this machine, for the tests of storage
# the pages are tried with the next Datasette, which cannot live beside the present one
$(VENV)-datasette1/.installed: constraints-datasette1.txt
	$(PYTHON) -m venv $(VENV)-datasette1
	$(VENV)-datasette1/bin/python -m pip --disable-pip-version-check install --quiet -c constraints-datasette1.txt \
	  datasette pytest pytest-asyncio click cssselect jieba lxml lxml-html-clean markdown-it-py opencc \
	  readability-lxml sqlite-utils scrapy olefile pdfminer.six pypdfium2 openpyxl asn1crypto
	$(VENV)-datasette1/bin/python -m pip --disable-pip-version-check install --quiet --no-deps -e .
	@touch $@

datasette1: $(VENV)-datasette1/.installed  ## an environment in which the pages are tried with a pre-release of Datasette 1.0

pywb: $(VENV)-pywb/.installed  ## a second environment in which other tools judge our WARC files

demo: install  ## crawl the practice web into demo.db and say what was found
	$(BIN)/baogao demo $(DEMO)

serve: install  ## open demo.db in Datasette on 127.0.0.1
	$(BIN)/baogao serve $(DEMO)

cluster-demo: $(VENV)/.cluster  ## PostgreSQL, three workers, one of them killed, and a merge; ends all it starts
	$(BIN)/python contrib/cluster_demo.py

test: dev  ## run the tests
	$(BIN)/python -m pytest -n $(JOBS) --dist worksteal

mutants: dev  ## change the code in 300 places and see whether the tests notice; part of make bench
	$(BIN)/python bench/bench_mutants.py

hostile: dev  ## attack it: ten minutes, on this machine only; part of make bench
	$(BIN)/python bench/bench_hostile.py --jobs $(JOBS)

check: lint types contracts test docs  ## all that must hold before a commit

lint: dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/vulture
	$(BIN)/python contrib/supply_chain.py check

types: dev
	$(BIN)/mypy

contracts: dev
	$(BIN)/lint-imports
	$(BIN)/python contrib/sql_homes.py

docs: dev  ## see that generated documentation is up to date
	$(BIN)/cog --check README.md docs/*.md

cog: dev  ## write the generated documentation
	$(BIN)/cog -r README.md docs/*.md

format: dev  ## let the formatter tidy the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: dev  ## the long matrices; figures go to docs/
	@$(BIN)/python bench/performance_table.py bench/bench_*.py

speed: dev  ## measure the table of docs/performance.md beside the peers
	@$(BIN)/python bench/performance_table.py

constraints: dev  ## write constraints.txt from what is installed now
	@{ echo '# The versions the tests ran with; `make install` and CI use exactly these. Renewed by: make constraints'; \
	  $(BIN)/python -m pip freeze --exclude-editable; $(BIN)/python -m pip list --format freeze | grep '^pip=='; } > constraints.txt

release-files: dev  ## write the hashes and the bill of materials of what a release uses
	$(BIN)/python contrib/supply_chain.py hashes > constraints-release.new
	mv constraints-release.new constraints-release.txt
	$(BIN)/python contrib/supply_chain.py sbom > sbom.cdx.json

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache
