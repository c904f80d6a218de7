# Other people's clients, for the drill's scenario `clients`. Nothing of the system is changed: Python's and Node's packages go below
# target/, by the hashes of their locks, and so does Debian's PgBouncer, unpacked and not installed.

CLIENTS := target/clients

.PHONY: setup-clients
setup-clients: $(CLIENTS)/venv.stamp $(CLIENTS)/node.stamp $(CLIENTS)/pgbouncer.stamp

$(CLIENTS)/venv.stamp: tests/drill/requirements-clients.txt tests/drill/requirements-clients.lock | tools
	@$(PYTHON) -m venv $(CLIENTS)/venv || { echo "python venv is missing: apt-get install python3-venv"; exit 1; }
	@$(STEP) "other people's clients, $$(grep -v '^#' $< | xargs)" $(CLIENTS)/venv/bin/pip install --quiet --require-hashes --requirement $(<:.txt=.lock)
	@touch $@

# Where there is no Node or no PgBouncer the others are played all the same, and the report says which were not.
$(CLIENTS)/node.stamp: tests/clients/package.json tests/clients/package-lock.json
	@mkdir -p $(CLIENTS)/node && cp $^ $(CLIENTS)/node/
	@if command -v node >/dev/null && command -v npm >/dev/null; then \
		$(STEP) "node-postgres, by its lock" npm ci --ignore-scripts --no-audit --no-fund --prefix $(CLIENTS)/node && touch $@; \
	else echo "Node is missing, so node-postgres is not tried: apt-get install nodejs npm"; fi

$(CLIENTS)/pgbouncer.stamp: tests/clients/unpack-pgbouncer
	@mkdir -p $(CLIENTS)
	@if command -v pgbouncer >/dev/null || [ -x /usr/sbin/pgbouncer ]; then touch $@; \
	elif command -v apt-get >/dev/null && $(STEP) "Debian's PgBouncer, unpacked" tests/clients/unpack-pgbouncer $(CLIENTS)/pgbouncer; then touch $@; \
	else echo "PgBouncer is missing, so it is not tried: apt-get install pgbouncer, or your system's own package"; fi
