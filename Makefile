# The developer's manual in one page: each target sets up what it needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PYTHONDONTWRITEBYTECODE := 1

.PHONY: run demo pictures test test-hardware lint bench fuzz fault-matrix package setup setup-dev relock clean help

help: ## this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

run: setup ## start platform, twins, sync and terminal; prints where to click
	$(BIN)/yici run

demo: setup ## one matter by itself, online and offline; leaves its proof in out/demo/
	$(BIN)/yici demo

pictures: demo ## run the demo and copy its pictures into docs/pictures
	$(BIN)/python packaging/pictures.py

# more workers than cores: most tests wait for a deadline most of the time
test: setup-dev ## all tests, on a virtual screen where there is none
	QT_QPA_PLATFORM=offscreen QT_QUICK_BACKEND=software $(BIN)/python -m pytest -n 4 --dist loadfile

lint: setup-dev ## style, types, import layers, QML
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/python packaging/lint_qml.py

bench: setup-dev ## measurements, each beside its limit
	$(BIN)/python -m benchmarks

fuzz: setup-dev ## every codec under atheris, FUZZ_SECONDS=60 in all; keeps findings in out/fuzz
	$(BIN)/python tests/fuzz/run.py

test-hardware: setup-dev ## real kernel drivers in an emulated machine; console log in out/hardware
	packaging/install-system-packages.sh packaging/system-packages-hardware.txt
	nice -n 10 $(BIN)/python tests/hardware/run.py

fault-matrix: setup-dev ## let every device fail in every state, and write docs/fault-matrix.md
	$(BIN)/python tests/fault_matrix/write_page.py

package: ## not yet: the Debian package comes later
	@echo "make package: not yet" >&2; exit 1

setup: $(VENV)/.runtime

setup-dev: $(VENV)/.dev

$(VENV)/.runtime: requirements.lock pyproject.toml packaging/system-packages.txt
	packaging/install-system-packages.sh packaging/system-packages.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --no-deps --no-build-isolation --no-index -e .
	touch $@

$(VENV)/.dev: requirements-dev.lock pyproject.toml $(VENV)/.runtime packaging/system-packages-dev.txt
	packaging/install-system-packages.sh packaging/system-packages-dev.txt
	$(BIN)/pip install --quiet --require-hashes -r requirements-dev.lock
	touch $@

relock: ## rewrite the lock files from pyproject.toml
	packaging/relock.sh

clean: ## remove what the targets made
	rm -rf $(VENV) out var
