# Three verbs: `make run`, `make test`, `make check`. Settings (PORT, DATA_DIR, …) are environment variables.

.PHONY: help run test soak check lessons bench keys screenshots vendor clean
.DEFAULT_GOAL := help

PYTHONS := $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11
PY      := .venv/bin/python
READY   := .venv/ready-to-run
DEV     := .venv/ready-to-test
SCRIPTS := static/vendor/.stamp
# Most tests wait for something real, so three at a time keep two cores busy; in the order of their names the long come first.
SPREAD  := -n 3 --dist loadfile --no-loadscope-reorder
RECIPE  := pyproject.toml hatch_build.py lessons/vendor.py package.json package-lock.json .npmrc

export PIP_DISABLE_PIP_VERSION_CHECK := 1

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(READY) $(SCRIPTS) ## Set up what is missing, then start Ticketwheel (Ctrl-C ends it)
	@exec $(PY) app.py

test: $(DEV) $(SCRIPTS) ## Run the tests, warnings are errors (ARGS="-k crash" picks some)
	@$(PY) -m pytest $(SPREAD) $(ARGS)

soak: $(DEV) $(SCRIPTS) ## Run the long tests: kills for minutes, every page in every theme and width
	@$(PY) -m pytest $(SPREAD) -m soak $(ARGS)

check: $(DEV) lessons ## Lint, formatting, types and lessons
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy

lessons: $(READY) ## Check the files of all lessons
	@$(PY) -m lessons.check

bench: $(DEV) $(SCRIPTS) ## Measure response times, crash recovery and polls
	@$(PY) -m pytest -m bench --timeout=0 --capture=no $(ARGS)

keys: $(DEV) $(SCRIPTS) ## Run every option of every question 20 times (ARGS="--only practice --runs 1")
	@$(PY) -m tests.keys $(ARGS)

screenshots: $(DEV) $(SCRIPTS) ## Take the README's pictures of the running product
	@$(PY) -m tests.screenshots $(ARGS)

vendor: $(READY) ## Fetch the pages' scripts again into static/vendor
	@rm -rf static/vendor
	@echo "Fetching the pages' scripts into static/vendor"
	@$(PY) -m pip install --quiet --no-deps --editable .

clean: ## Remove what was installed and built (your data in .data stays)
	rm -rf .venv static/vendor .mypy_cache .pytest_cache .ruff_cache .hypothesis test-results build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(READY): $(RECIPE) | $(PY)
	$(call install,Ticketwheel's libraries,.)
	@touch $@

$(DEV): $(RECIPE) | $(PY)
	$(call install,Ticketwheel's libraries and test tools,.[dev])
	@touch $(READY) $@

$(SCRIPTS): | $(READY)
	@$(MAKE) --no-print-directory vendor

# A half-made environment is worse than none: it is removed first, and the stamps above live inside it.
$(PY):
	@python=; for name in $(PYTHONS); do \
		if "$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then python=$$name; break; fi; \
	done; \
	if [ -z "$$python" ]; then \
		echo "Ticketwheel needs Python 3.11 or newer; found: $$(command -v python3 >/dev/null && python3 --version || echo none). PYTHON=/path/to/python3 names another." >&2; \
		exit 1; \
	fi; \
	if ! "$$python" -c 'import ensurepip, venv' 2>/dev/null; then \
		package=$$("$$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])'); \
		echo "This Python cannot make virtual environments. On Debian or Ubuntu: sudo apt install $$package; then run make again." >&2; \
		exit 1; \
	fi; \
	echo "Making a virtual environment in .venv with $$("$$python" --version)"; \
	rm -rf .venv && "$$python" -m venv .venv

# $(call install,what,requirement): pip's long story as one line a stage, with the names of the libraries as they come.
# The status of a pipe is its last command's, so pip's travels down it as the last line.
define install
	@echo "Installing $(1) into .venv (once, a minute or so)"
	@{ $(PY) -m pip install --progress-bar off --editable "$(2)"; echo "pip-ended $$?"; } | { \
		while read -r first second rest; do case "$$first $$second" in \
			"Installing build") [ -n "$$tools" ] || echo "  fetching build tools"; tools=yes ;; \
			"Collecting "*) [ -n "$$names" ] || printf '  fetching'; names=yes; printf ' %s' "$${second%%[!a-zA-Z0-9._-]*}" ;; \
			"Building wheels") [ -z "$$names" ] || echo; echo "  building, with the scripts for the pages" ;; \
			"Installing collected") echo "  unpacking" ;; \
			"pip-ended "*) exit "$$second" ;; \
		esac; done; }
endef
