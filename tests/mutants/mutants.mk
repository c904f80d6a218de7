##@ Do the tests bite? SHARD=3/10 tries a tenth, drawn by chance; AGAIN=1 the last run's survivors; LATE=1 those before the contract's tests too; ONLY=functions/core/src/config those whose names begin so
.PHONY: mutants
mutants: export SEEDS := $(or $(SEEDS),2000)
mutants: export FUZZ_CASES := $(or $(FUZZ_CASES),100)
mutants: tools $(VENV)/emulator.stamp ## Mutate what ships, one thing at a time: 19 of 20 have to be noticed by the tests
	cargo build --locked --workspace --bin mutants
	target/debug/mutants $(if $(SHARD),--shard $(SHARD)) $(if $(AGAIN),--again) $(if $(LATE),--late) $(if $(ONLY),--only $(ONLY))
