# Everything runs in one environment, .venv, which is filled once and refilled when what it is made from changes.
# Uses only what GNU make 3.81 has, the one that macOS ships.

DEMO_SIZE = days=180 seeds=8 consumers.n=2000
CANDIDATES = $(if $(PYTHON),"$(PYTHON)",python3.13 python3.12 python3.11 python3 python)
UV = uv

RUN = .venv/bin/python
# Without byte-compiling, which Python does on first import: 25 s instead of 39 s.
INSTALL = $(RUN) -m pip --disable-pip-version-check install --quiet --no-compile --no-build-isolation --use-pep517
LOCK = $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --custom-compile-command "make lock"

# Where this is set no byte code is kept, and every process of a test or a study compiles a thousand modules again.
export PYTHONDONTWRITEBYTECODE =

.PHONY: help install demo dashboard test slow lint format docs benchmark reference lock clean always

help: ## print this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-9s %s\n", $$1, $$2 }' Makefile
	@echo "PYTHON=/path/to/python3 with any of them: use this Python (3.11 to 3.13), not the newest on the PATH"

install: .venv/.installed ## fill .venv with pinned, hash-checked packages and this project

demo: .venv/.installed ## compare the strategies on a small market (a few minutes on two cores)
	$(RUN) -m experiments.compare experiment=strategies out=results/demo $(DEMO_SIZE)

dashboard: .venv/.installed ## what-if questions and a classroom, in the browser (Ctrl-C ends it)
	$(RUN) -m experiments.dashboard

test: .venv/.installed ## run the tests
	$(RUN) -m pytest

slow: .venv/.installed ## run the tests that take long, and property tests on ten times as many worlds
	EXAMPLES=10 $(RUN) -m pytest -m "slow or hypothesis"

lint: .venv/.installed ## check style, formatting and types
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .
	$(RUN) -m mypy

format: .venv/.installed ## put the code into the one style
	$(RUN) -m ruff check --fix .
	$(RUN) -m ruff format .

benchmark: .venv/.installed ## measure speed and memory; the report goes to results/benchmark
	$(RUN) -m experiments.benchmark

reference: .venv/.installed ## make the reference results anew (hours; ONLY="tipping seeding" for some of them)
	$(RUN) -m experiments.reference $(ONLY)

docs: .venv/.installed ## write the settings page, and the tables of the ODD protocol and the READMEs
	$(RUN) -m experiments.handbook

lock: ## pin anew what pyproject.toml asks for (needs uv; delete constraints*.txt first to take the newest of all)
	$(LOCK) --extra dev -o constraints.txt pyproject.toml
	$(LOCK) --group build -c constraints.txt -o constraints-build.txt

clean: ## remove .venv and caches; results stay
	rm -rf .venv build dist .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The project itself, in place.
.venv/.installed: pyproject.toml .venv/.packages
	$(INSTALL) --no-deps --editable .
	@$(RUN) -m pip check || { echo 'The pins no longer fit pyproject.toml: make lock'; exit 1; }
	@touch $@

# A candidate must run (a shim may exist and fail) and be able to make an environment (Debian keeps that in a package).
.venv/.packages: constraints.txt constraints-build.txt
	@chosen=; seen=; \
	for python in $(CANDIDATES); do \
	  version=`"$$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null`; \
	  case "$$version" in \
	    3.11|3.12|3.13) ;; \
	    "") seen="$$seen\n  $$python is not there or does not run"; continue ;; \
	    *) seen="$$seen\n  $$python is $$version"; continue ;; \
	  esac; \
	  if "$$python" -c 'import ensurepip, venv' 2>/dev/null; then chosen=$$python; break; fi; \
	  seen="$$seen\n  $$python lacks venv or ensurepip (on Debian and Ubuntu: apt install python$$version-venv)"; \
	done; \
	if test -z "$$chosen"; then \
	  printf 'No Python 3.11, 3.12 or 3.13 that can make an environment:%b\n' "$$seen" >&2; \
	  echo 'Install one, or name one: make install PYTHON=/path/to/python3' >&2; \
	  exit 1; \
	fi; \
	echo "Taking `"$$chosen" --version` (`command -v "$$chosen"`); installing takes about a minute."; \
	"$$chosen" -m venv --clear .venv
	$(INSTALL) --require-hashes -r constraints-build.txt
	$(INSTALL) --require-hashes -r constraints.txt
	@touch $@

# Refill when .venv does not run (its Python was removed) or PYTHON names another one than it was made with.
IDENTITY = -c "import sys; print(sys.version, sys.base_prefix)"
HAVE := $(shell .venv/bin/python $(IDENTITY) 2>/dev/null)
WANT := $(if $(PYTHON),$(shell "$(PYTHON)" $(IDENTITY) 2>/dev/null),$(HAVE))
ifneq ($(HAVE),$(WANT))
.venv/.packages: always
endif
ifeq ($(HAVE),)
.venv/.packages: always
endif
