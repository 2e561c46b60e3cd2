# Every target is one line; `make help` lists them. The machine needs Python 3.11 or newer, git and make.
SHELL := /bin/bash
PYTHON ?= python3
PY := .venv/bin/python
READY := .venv/.ready
# Each worker has a database and a Valkey of its own; WORKERS=0 runs everything in one process.
WORKERS ?= $(shell nproc 2>/dev/null || echo 2)
PYTEST := $(PY) -m pytest -n $(WORKERS) --dist worksteal

.DEFAULT_GOAL := help
.PHONY: help setup run test test-deep bench bench-full check format lock messages

help:  ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' Makefile

setup: $(READY)  ## A virtual environment with the locked dependencies, and compiled messages
	@echo "Ready. Next: make run"

run: $(READY)  ## The site at http://127.0.0.1:8000 (PORT=8001 for another port); Ctrl-C stops it
	@exec $(PY) manage.py up

test: $(READY)  ## Every test but the long ones (ARGS="-k words" to choose)
	$(PY) manage.py browser && $(PYTEST) $(ARGS)

test-deep: $(READY)  ## The long versions of the tests as well
	$(PY) manage.py browser && $(PYTEST) -m "deep or not deep" $(ARGS)

bench: $(READY)  ## Figures beside socket.io, Channels, django-spirit and Misago in five minutes (the first time brings them in)
	@exec $(PY) -m benchmarks

bench-full: $(READY)  ## The same with growth, memory and more readers; about half an hour
	@exec $(PY) -m benchmarks --full

check: $(READY)  ## Style, types, import contracts, templates, migrations, deploy settings, API snapshot, messages
	@$(PY) manage.py gate

format: $(READY)  ## Put Python and imports into the house style
	$(PY) -m ruff check --fix-only -q . ; $(PY) -m ruff format .

messages: $(READY)  ## Read the translatable strings into locale/*/ja and compile them
	$(PY) manage.py messages

lock:  ## Write requirements/*.txt anew from requirements/*.in
	@$(PYTHON) requirements/lock.py

$(READY): requirements/dev.txt requirements/setup.py
	@$(PYTHON) requirements/setup.py
