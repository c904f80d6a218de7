# The functions' deployment packages. cargo-lambda and zig come from PyPI at pinned versions, into a folder of their own.

PACKAGE_VENV := target/venv-package
# Which processors to build for; the modules' default is arm64.
ARCHITECTURES ?= arm64 x86_64
PACKAGED := follow failover drill probe
PACKAGES := target/package
# The installation's name, as the Terraform modules call it.
INSTALLATION ?= failover-responder
# Which of them to deploy, and where.
ARCHITECTURE ?= arm64
# An installation need not have a probe.
DEPLOYED ?= follow failover drill
REGION ?=
ENDPOINT_URL ?=

.PHONY: package deploy

$(PACKAGE_VENV)/stamp: infra/tools/requirements-package.txt infra/tools/requirements-package.lock | tools
	@echo "setup: cargo-lambda and zig in $(PACKAGE_VENV), $$(grep -v '^#' $< | tr '\n' ' ')"
	@$(PYTHON) -m venv $(PACKAGE_VENV) || { echo "python venv is missing: apt-get install python3-venv"; exit 1; }
	@$(PACKAGE_VENV)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement $(<:.txt=.lock)
	@touch $@

##@ Shipping
package: $(PACKAGE_VENV)/stamp ## Build the functions' packages, the same bytes each time: target/package/
	@$(PACKAGE_VENV)/bin/python infra/tools/package.py --out $(PACKAGES) \
		$(foreach name,$(ARCHITECTURES),--architecture $(name)) $(PACKAGED)

deploy: $(PACKAGE_VENV)/stamp ## Put new code into installed functions: make deploy REGION=ap-northeast-2 [ARCHITECTURE=] [DEPLOYED=probe]
	@test -n "$(REGION)" || { echo "say where: make deploy REGION=ap-northeast-2"; exit 1; }
	@$(PACKAGE_VENV)/bin/python infra/tools/deploy.py --packages $(PACKAGES) --architecture $(ARCHITECTURE) \
		--region $(REGION) --name $(INSTALLATION) $(if $(ENDPOINT_URL),--endpoint-url $(ENDPOINT_URL)) $(DEPLOYED)
