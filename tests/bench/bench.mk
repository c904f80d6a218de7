# make bench: speed, cost and fleets, measured side by side with the common solution and with the least that is possible.
# What it needs goes below target/, at the versions that the requirements files pin.

VENV_BENCH := target/venv-bench

.PHONY: bench setup-bench

setup-bench: tools $(VENV)/emulator.stamp $(VENV_BENCH)/baseline.stamp

$(VENV_BENCH)/baseline.stamp: tests/bench/requirements.txt tests/bench/requirements.lock | tools
	@echo "setup: the baseline's Python in $(VENV_BENCH), $$(grep -v '^#' $< | tr '\n' ' ')"
	@$(PYTHON) -m venv $(VENV_BENCH) || { echo "python venv is missing: apt-get install python3-venv"; exit 1; }
	@$(VENV_BENCH)/bin/pip install --quiet --require-hashes --requirement $(<:.txt=.lock)
	@touch $@

##@ Measuring
bench: setup-bench ## Measure speed, cost and fleets, 10 minutes; report in target/bench/
	cargo build --locked --release -p follow -p failover -p probe
	cargo build --locked --release -p responder-bench
	target/release/bench --follow target/release/follow --failover target/release/failover \
		--probe target/release/probe --python $(VENV_BENCH)/bin/python \
		--baseline tests/bench/baseline --ministack $(VENV)/bin/ministack --out target/bench $(BENCH)
