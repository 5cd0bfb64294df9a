# Everything a newcomer types: make demo, make test. Both make their own environment first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --constraint constraints.txt
READY := $(VENV)/.ready
LIGHT := .venv-light
RELEASE := .venv-release

.PHONY: demo test test-light test-scatter test-browser lint docs notebooks release-check clean

demo: $(READY)
	$(BIN)/gnntrack demo --output demo --overwrite

test: $(READY)
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest --numprocesses auto --dist worksteal

# Without torch, in an environment of its own: tracks, evaluates and converts a scene that it makes up.
test-light:
	rm -rf $(LIGHT)
	$(PYTHON) -m venv $(LIGHT)
	$(LIGHT)/bin/python -m pip install --quiet --requirement requirements-light.txt
	$(LIGHT)/bin/python -m pip install --quiet --no-deps $(if $(WHEEL),$(WHEEL),.)
	cd $(LIGHT) && bin/gnntrack warmup
	cd $(LIGHT) && bin/gnntrack synth -o scene --frames 90 --objects 6 --detector dancetrack-yolox
	cd $(LIGHT) && bin/gnntrack track scene --weights default -o tracks
	cd $(LIGHT) && bin/gnntrack track scene --weights default -o offline --mode offline
	cd $(LIGHT) && bin/gnntrack eval --gt scene --pred tracks --pred offline
	cd $(LIGHT) && bin/gnntrack convert scene -o coco --to coco
	! $(LIGHT)/bin/python -c 'import torch' 2>/dev/null

# What is published: builds it, checks its metadata, and runs the wheel as above.
release-check:
	rm -rf dist $(RELEASE)
	$(PYTHON) -m venv $(RELEASE)
	$(RELEASE)/bin/python -m pip install --quiet build twine
	$(RELEASE)/bin/python -m build
	$(RELEASE)/bin/python -m twine check --strict dist/*
	$(MAKE) test-light WHEEL=$$(ls dist/*.whl)

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

# The site from docs/ and docstrings, into site/; what does not resolve is an error, and so is a notebook that fails.
docs: notebooks
	$(PIP) --editable '.[test,docs]'
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict  # with --quiet nothing would be an error

# Runs docs/notebooks/NAME.py, each in an empty folder; writes docs/notebooks/NAME.ipynb, with what it printed and drew.
notebooks: $(READY)
	$(PIP) --editable '.[test,docs]'
	set -e; for source in docs/notebooks/*.py; do \
	  folder=$$(mktemp -d); \
	  PATH="$(abspath $(BIN)):$$PATH" PYTHONWARNINGS="ignore:IProgress not found" \
	    $(BIN)/jupytext --quiet --to ipynb --execute --run-path $$folder $$source; \
	  rm -r $$folder; \
	done

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "gnntrack needs Python 3.11 or newer: make PYTHON=python3.11 ...")'
	$(PYTHON) -m venv $(VENV)
	$(PIP) --editable '.[test]'
	touch $@

clean:
	rm -rf $(VENV) $(LIGHT) $(RELEASE) demo dist build site docs/notebooks/*.ipynb
