# Everything a developer and the CI run. Needs Python 3.11 or newer and git; sets up .venv itself.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PACKS := $(patsubst vendors/%/,%,$(wildcard vendors/*/))
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)
SYSTEM_PACKAGES := nftables conntrack openssh-server tftpd-hpa tftp-hpa iproute2
# Many tests wait for simulated routers.
WORKERS ?= 4

.PHONY: help venv demo test check format system-packages clean

help:
	@echo "make demo             audit, plan, push and verify four simulated routers"
	@echo "make test             all tests"
	@echo "make check            formatting, lint, types, layers"
	@echo "make system-packages  what the tests against a real Linux router need (Debian, root)"
	@echo "make clean            remove what the others made"

venv: $(READY)

$(READY): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@

demo: $(READY)
	$(BIN)/routercfg demo

test: $(READY)
	$(BIN)/pytest -n $(WORKERS)

check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --strict
	@set -e; for pack in $(PACKS); do \
		echo "mypy vendors/$$pack"; \
		$(BIN)/mypy --strict --namespace-packages --explicit-package-bases vendors/$$pack; \
	done
	$(BIN)/lint-imports

format: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# The packages bring daemons (sshd, tftpd). policy-rc.d keeps the installation from starting them;
# the tests start their own, in network namespaces.
system-packages:
	@command -v apt-get >/dev/null || { echo "apt-get is not here: install $(SYSTEM_PACKAGES)" >&2; exit 1; }
	$(SUDO) sh tests/real/install.sh $(SYSTEM_PACKAGES)

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage dist build
	find routercfg vendors tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +
