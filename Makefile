# Everything a newcomer types: make demo, make test. Both make their own environment first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --constraint constraints.txt
READY := $(VENV)/.ready

.PHONY: demo test test-scatter test-browser lint docs clean

demo: $(READY)
	$(BIN)/gnntrack demo --output demo --overwrite

test: $(READY)
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest --numprocesses auto --dist worksteal

# Compiles torch-scatter (about eight minutes; pip keeps the wheel) and holds its results against torch's.
test-scatter: $(READY)
	$(PIP) setuptools wheel
	$(PIP) --no-build-isolation torch-scatter
	GNNTRACK_REQUIRE_TORCH_SCATTER=1 $(BIN)/python -m pytest tests/scatter_backend tests/test_scatter.py tests/losses

# Needs a browser with its driver (Debian: apt-get install chromium chromium-driver).
test-browser: $(READY)
	$(PIP) --editable '.[test,browser]'
	$(BIN)/python -m pytest tests/browser

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# The site from docs/ and docstrings, into site/; what does not resolve is an error.
docs: $(READY)
	$(PIP) --editable '.[test,docs]'
	$(BIN)/python -m mkdocs build --quiet --strict

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "gnntrack needs Python 3.11 or newer: make PYTHON=python3.11 ...")'
	$(PYTHON) -m venv $(VENV)
	$(PIP) --editable '.[test]'
	touch $@

clean:
	rm -rf $(VENV) demo dist build site
