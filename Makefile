# Every path below is relative, because make splits its own words at spaces: so the course may
# stand in any folder. Programs are run as modules (-m), never by the scripts that pip installs,
# whose first line holds a path.

PYTHON := python3
BIN    := bin/python
ifeq ($(OS),Windows_NT)
PYTHON := python
BIN    := Scripts/python.exe
endif
VENV_BIN := $(BIN)

# The environment: .venv, or the conda environment that is active. Conda's base is left alone.
ENV = .venv
ifneq ($(CONDA_PREFIX),)
ifneq ($(CONDA_DEFAULT_ENV),base)
ENV = $(subst \,/,$(CONDA_PREFIX))
ifeq ($(OS),Windows_NT)
BIN := python.exe
endif
endif
endif
PY = $(ENV)/$(BIN)

EXTRAS  = test
PIP     = "$(PY)" -m pip install --quiet --disable-pip-version-check
UV      = "$(PY)" -m uv pip install --quiet --python "$(PY)"
COURSE  = --editable '.$(if $(EXTRAS),[$(EXTRAS)])'
INSTALL = $(PIP) $(COURSE)
# uv fetches the same packages in a tenth of pip's time, but does not know where pip was told to
# look. Where it cannot serve, pip does, and says why if it cannot either.
ifeq ($(PIP_INDEX_URL)$(PIP_NO_INDEX)$(wildcard wheels),)
INSTALL = { $(PIP) uv && $(UV) $(COURSE); } 2> /dev/null || $(PIP) $(COURSE)
endif

export define FONTS
import matplotlib, pathlib
for fonts in pathlib.Path(matplotlib.get_cachedir()).glob("fontlist*.json"):
    fonts.unlink()
import matplotlib.font_manager
endef

# A stamp for each set of extras says for which place and which pyproject.toml the environment was
# made. It is written last, so one that was moved, is out of date or was left half-made is known,
# and mended. Who needs no extras but `quick`, as a learner does, is served by any.
# The last step has matplotlib list the fonts anew: later, it would say so in a lesson's output, and
# a list that a removed environment left behind lacks matplotlib's own.
define environment
@stamp="$(ENV)/initlib-stamp$(EXTRAS)"; here="$$(pwd -P)"; wanted="$$(pwd -P; cat pyproject.toml)"; \
runs() { "$$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }; \
for made in "$$stamp" $(if $(EXTRAS:quick=),,"$(ENV)"/initlib-stamp*); do \
    if runs "$(PY)" && [ "$$(cat "$$made" 2>/dev/null)" = "$$wanted" ]; then exit 0; fi; \
done; \
if [ -d "$(ENV)/conda-meta" ]; then \
    runs "$(PY)" || { echo "The active conda environment has no Python 3.11 or newer:" \
        "conda env create -f environment.yml, then conda activate initlib" >&2; exit 1; }; \
elif ! runs "$(PY)" || ! head -n 1 "$(ENV)"/initlib-stamp* 2>/dev/null | grep -qxF "$$here"; then \
    runs "$(PYTHON)" || { echo "The course needs Python 3.11 or newer, and \"$(PYTHON)\" is" \
        "$$("$(PYTHON)" --version 2>/dev/null || echo not found): install one from" \
        "https://www.python.org/downloads/ or name it: make $@ PYTHON=python3.12" >&2; exit 1; }; \
    echo "Making the environment $(ENV)"; \
    "$(PYTHON)" -m venv --clear "$(ENV)" || exit 1; \
fi; \
echo "Installing the course and what it needs into $(ENV): about a minute"; \
{ $(INSTALL); } && "$(PY)" -c "$$FONTS" && printf "%s\n" "$$wanted" > "$$stamp"
endef

# A bundle brings the packages that pip would fetch.
ifneq ($(wildcard wheels),)
export PIP_NO_INDEX := 1
export PIP_FIND_LINKS := wheels
endif

PYTEST = $(if $(CHAPTER),REHEARSAL=1) "$(PY)" -m pytest -n auto --max-worker-restart=0 $(if $(CHAPTER),-k "$(CHAPTER)_")

BROWSE = "$(PY)" -m pytest -n auto --maxprocesses=4 --max-worker-restart=0 --tb=short

define browser
@command -v "$$CHROMIUM" > /dev/null || { echo "A browser is needed: install Chromium, on" \
    "Debian by apt-get install chromium, or name yours: make $@ CHROMIUM=/path/to/it" >&2; exit 1; }
endef

.PHONY: help lab update test test-oldest test-newest test-browser site test-site waits colab \
        test-hosts slides test-slides handouts test-handouts frameworks bench notebooks claims drill \
        conditions mutation lint clean

help:  ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' Makefile

lab: EXTRAS = quick
lab:  ## open the course in JupyterLab (LAB_ARGS=--no-browser to be given the address)
	$(environment)
	@"$(PY)" -m jupyterlab --ServerApp.root_dir=. notebooks/00_start_here.ipynb $(LAB_ARGS)

update:  ## bring a newer edition into a clone, and keep what you wrote
	$(environment)
	@"$(PY)" -m initlib.update

test: $(if $(CHAPTER),,lint)  ## check everything, or one chapter alone: make test CHAPTER=02
	$(environment)
	@$(PYTEST)

test-oldest: ENV = .venv-oldest
test-oldest: BIN = $(VENV_BIN)
test-oldest: INSTALL = $(PIP) uv && $(UV) --upgrade --resolution lowest-direct $(COURSE)
test-oldest:  ## the same tests with the oldest dependencies that pyproject.toml allows
	$(environment)
	@$(PYTEST)

test-newest: ENV = .venv-newest
test-newest: BIN = $(VENV_BIN)
test-newest: INSTALL = $(PIP) uv && $(UV) --upgrade $(COURSE)
test-newest:  ## the same tests with the newest dependencies of today
	$(environment)
	@$(INSTALL)
	@$(PYTEST)

test-browser: EXTRAS = test,browser
test-browser test-site waits test-slides handouts: export CHROMIUM := $(or $(CHROMIUM), \
    $(shell command -v chromium || command -v chromium-browser || command -v google-chrome))
test-browser:  ## work the interactives in a browser, or one chapter's: make test-browser CHAPTER=02
	$(browser)
	$(environment)
	@$(BROWSE) tests/browser/test_browser.py $(if $(CHAPTER),-k "[$(CHAPTER)]")

site: ENV = .venv-site
site: BIN = $(VENV_BIN)
site: EXTRAS = site
site:  ## make the course's web pages, from the stored notebooks, in site/
	$(environment)
	@rm -rf site build/site
	@"$(PY)" -m sphinx --quiet --jobs auto --fresh-env --doctree-dir build/doctrees docs build/site
	@mv build/site site
	@echo "The pages are in site/: open site/index.html"

test-site: ENV = .venv-site
test-site: BIN = $(VENV_BIN)
test-site: EXTRAS = test,browser,site
test-site: LIVE = 00 or 04
test-site: site  ## visit the web pages in a browser (CHAPTER="index or 02": some) and run chapters there (LIVE=all)
	$(browser)
	$(environment)
	@$(BROWSE) tests/browser/test_site.py $(if $(CHAPTER),-k "$(CHAPTER)")
	@"$(PY)" -m tests.browser.pyodide
	@$(BROWSE) tests/browser/test_live.py $(if $(LIVE:all=),-k "$(LIVE)")

waits: ENV = .venv-site
waits: BIN = $(VENV_BIN)
waits: EXTRAS = test,browser,site
waits: export WAITS = 1
waits: site  ## store how long the cells take in a browser, of all chapters or of one: make waits CHAPTER=02
	$(browser)
	$(environment)
	@"$(PY)" -m tests.browser.pyodide
	@"$(PY)" -m pytest tests/browser/test_live.py --tb=short -k "whole $(if $(CHAPTER),and $(CHAPTER))"

slides: ENV = .venv-site
slides: BIN = $(VENV_BIN)
slides: EXTRAS = site
slides:  ## make slides of the chapters, with votes for the room, in slides/
	$(environment)
	@rm -rf slides build/slides
	@"$(PY)" -m sphinx -b revealjs --quiet --fail-on-warning --fresh-env \
	    --doctree-dir build/doctrees-slides docs/slides build/slides
	@mv build/slides slides
	@echo "The slides are in slides/: open slides/00.html"

test-slides: ENV = .venv-site
test-slides: BIN = $(VENV_BIN)
test-slides: EXTRAS = test,browser,site
test-slides: slides  ## visit every slide in a browser, or some: make test-slides CHAPTER="00 or 02"
	$(browser)
	$(environment)
	@$(BROWSE) tests/browser/test_slides.py $(if $(CHAPTER),-k "$(CHAPTER)")

handouts: ENV = .venv-site
handouts: BIN = $(VENV_BIN)
handouts: EXTRAS = browser,site
handouts: site  ## print the chapters as PDF, for learners and for teachers (CHAPTER=02: one)
	$(browser)
	$(environment)
	@rm -rf handouts
	@"$(PY)" docs/handouts.py site handouts $(CHAPTER)

test-handouts: ENV = .venv-site
test-handouts: BIN = $(VENV_BIN)
test-handouts: EXTRAS = test,browser,site
test-handouts: handouts  ## read what was printed, or one chapter: make test-handouts CHAPTER=02
	$(environment)
	@"$(PY)" -m pytest tests/browser/test_handouts.py --tb=short

colab: ENV = .venv-colab
colab: BIN = $(VENV_BIN)
colab: EXTRAS = colab
colab: INSTALL = $(PIP) --upgrade pip && $(PIP) --group colab
colab:  # what is there before the course is
	$(environment)

test-hosts: ENV = .venv-hosts
test-hosts: BIN = $(VENV_BIN)
test-hosts: EXTRAS = test,site,binder
test-hosts: colab  ## build as Binder would, run on Colab's versions, or: make test-hosts CHAPTER=02
	$(environment)
	@COLAB_PYTHON=".venv-colab/$(BIN)" "$(PY)" -m pytest tests/trust/hosts.py --tb=short \
	    $(if $(CHAPTER),-k "$(CHAPTER)_")

.PHONY: bundle test-bundle
bundle: site  ## one archive in build/, to install the course on a machine without a network
	$(environment)
	@"$(PY)" -m tests.trust.bundle

# As root, for a network of its own that has nothing but itself.
test-bundle: SUDO = $(if $(filter-out 0,$(shell id -u)),sudo)
test-bundle: bundle  ## unpack it where there is no network, and run the tests there
	@folder="$$(mktemp -d)"; trap '$(SUDO) rm -rf "$$folder"' EXIT; \
	"$(PY)" -m zipfile --extract build/initlib-*.zip "$$folder" && \
	$(SUDO) unshare --net env -i PATH="$$PATH" HOME="$$folder" PIP_CONFIG_FILE=/dev/null sh -c \
	    'ip link set lo up && cd "$$HOME/initlib" && make test CHAPTER=$(CHAPTER)'

frameworks: ENV = .venv-frameworks
frameworks: BIN = $(VENV_BIN)
frameworks: EXTRAS = test,frameworks
frameworks:  ## run what chapters 07 to 11 say of PyTorch, Keras and JAX in the real libraries
	$(environment)
	@"$(PY)" -m pytest tests/trust/test_frameworks.py tests/trust/test_frameworks_today.py

mutation: ENV = .venv-mutation
mutation: BIN = $(VENV_BIN)
mutation: EXTRAS = test,mutation
mutation:  ## change the numerical modules on purpose, and count what their tests notice (MODULE=theory)
	$(environment)
	@"$(PY)" -m tests.trust.mutation $(MODULE)

.PHONY: class class-faults
class class-faults: ENV = .venv-hub
class class-faults: BIN = $(VENV_BIN)
class class-faults: EXTRAS = test,hub
class: LEARNERS = 10
class:  ## let a class work on a real hub, and say what it takes: make class LEARNERS=10 CHAPTER=02
	$(environment)
	@"$(PY)" -m tests.trust.hub.load $(LEARNERS) $(or $(CHAPTER),02)

class-faults:  ## do to a hub and its learners what goes wrong, and say what is left (FAULT=disk: one)
	$(environment)
	@"$(PY)" -m tests.trust.hub.faults $(FAULT)

bench: ENV = .venv-bench
bench: BIN = $(VENV_BIN)
bench: EXTRAS = test,bench
bench:  ## how fast the engine is beside the frameworks, in tests/bench/results.md (JOB=step: some)
	$(environment)
	@"$(PY)" -m tests.bench.bench "$(JOB)"

notebooks:  ## run the notebooks and store their outputs, or one alone: make notebooks CHAPTER=02
	$(environment)
	@"$(PY)" -m tests.notebooks.writer $(CHAPTER)

claims: SEEDS = 50
claims:  ## count how often each claim holds on fresh seeds: make claims SEEDS=50 CHAPTER="02 03"
	$(environment)
	@"$(PY)" -m tests.trust.fresh_seeds $(SEEDS) $(CHAPTER)

drill:  ## plant faults in a copy, one at a time, and print what catches each
	$(environment)
	@"$(PY)" -m tests.trust.drill

conditions:  ## run each notebook in hostile places, with warnings as errors, and twice
	$(environment)
	@"$(PY)" -m pytest -n auto tests/trust/conditions.py

lint:  ## check the style of the Python files
	$(environment)
	@"$(PY)" -m ruff check
	@"$(PY)" -m ruff format --check

clean:  ## remove what make made: environments and caches
	@rm -rf .venv .venv-oldest .venv-newest .venv-frameworks .venv-bench .venv-mutation .venv-site .venv-hub
	@rm -rf .venv-colab .venv-hosts
	@rm -rf build docs/notebooks initlib.egg-info screenshots site slides handouts
	@rm -rf .pytest_cache .ruff_cache .hypothesis __pycache__
	@find initlib tests -name __pycache__ -type d -prune -exec rm -rf {} +
