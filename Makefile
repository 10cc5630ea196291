# Two commands are enough: make demo, make test. PORT chooses the port of the demo.

PYTHON := .venv/bin/python

.PHONY: demo test lint lock

demo:
	deploy/setup.sh run
	exec $(PYTHON) manage.py serve --demo

test:
	deploy/setup.sh dev
	$(PYTHON) -m pytest -n 2

lint:
	deploy/setup.sh dev
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	$(PYTHON) -m mypy emergency/core $(wildcard */services* emergency/*/services*)
	$(PYTHON) manage.py makemigrations --check --dry-run

# Renew the locked versions from requirements*.in (uv brings its own resolver; no index is written into the files).
lock:
	uv pip compile -q --generate-hashes --no-emit-index-url --no-header --python-version 3.11 --upgrade requirements.in -o requirements.txt
	uv pip compile -q --generate-hashes --no-emit-index-url --no-header --python-version 3.11 --upgrade requirements-dev.in -o requirements-dev.txt
