# `make report` and `make test` do everything on a fresh machine; the rest is for developers.
.DEFAULT_GOAL := help
.PHONY: help report test check format benchmark gallery clean

VENV := .venv
PYTHON := $(VENV)/bin/python

help:
	@echo "make report     set up, then make the report of data/mall_customers.csv"
	@echo "make test       set up, then run all tests"
	@echo "make check      ruff and mypy"
	@echo "make format     format the code"
	@echo "make benchmark  measure the main job against its floor"
	@echo "make gallery    rebuild the pictures of docs/gallery"
	@echo "make clean      remove the virtual environment and caches"

report: $(VENV)/.ready
	$(VENV)/bin/reportgen run data/mall_customers.csv

test: $(VENV)/.ready-test
	$(PYTHON) -m pytest -n auto --dist loadfile

check: $(VENV)/.ready-test
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m mypy

format: $(VENV)/.ready-test
	$(PYTHON) -m ruff check --fix .
	$(PYTHON) -m ruff format .

benchmark: $(VENV)/.ready
	$(PYTHON) benchmarks/main_job.py

gallery: $(VENV)/.ready
	$(PYTHON) docs/gallery.py

$(VENV)/.ready: pyproject.toml .ci/setup
	@.ci/setup run

$(VENV)/.ready-test: pyproject.toml .ci/setup
	@.ci/setup test

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache build dist
