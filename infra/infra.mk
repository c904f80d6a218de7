# The make targets of infra/. `make infra-check` is everything; it never reaches AWS (see the variables that the root
# Makefile exports) and installs what it needs below target/.

INFRA_VENV := target/venv-infra
INFRA_PYTHON := $(INFRA_VENV)/bin/python
# Every folder with Terraform that is somebody's to use, and the inner ones that have tests of their own.
INFRA_FOLDERS := $(patsubst %/versions.tf,%,$(wildcard infra/modules/*/versions.tf infra/examples/*/versions.tf)) \
	$(sort $(patsubst %/tests/,%,$(wildcard infra/modules/*/*/tests/ infra/examples/*/*/tests/)))
INFRA_DOCUMENTED := $(wildcard infra/modules/*/ infra/examples/*/)
INFRA_OVERLAYS := $(wildcard infra/kubernetes/overlays/*/)
# The caller's own configuration, before ours takes its place.
INFRA_TFRC := $(TF_CLI_CONFIG_FILE)
# How many folders are checked at once.
INFRA_JOBS ?= 2

infra-%: export TF_CLI_CONFIG_FILE := $(CURDIR)/target/terraform/config.tfrc
infra-%: export TF_IN_AUTOMATION := 1
infra-%: export CHECKPOINT_DISABLE := 1
infra-%: export AWS_REGION := ap-northeast-2

.PHONY: infra-check infra-tools infra-init infra-fmt infra-modules infra-readmes infra-kubernetes infra-iam infra-rules infra-costs infra-checkov

##@ infra/: Terraform, Kubernetes, IAM; none of it reaches AWS
infra-check: infra-tools infra-init ## Terraform, Kubernetes and IAM: everything of infra/ that needs no AWS
	@terraform fmt -check -recursive -diff infra || { echo "FAILED: not formatted: make infra-fmt"; exit 1; }
	@$(INFRA_PYTHON) infra/tools/module_readme.py --check $(INFRA_DOCUMENTED)
	@$(MAKE) infra-kubernetes infra-modules infra-iam infra-rules infra-costs infra-checkov
	@cat target/terraform/infra/*/*/check.log target/terraform/infra/*/*/*/check.log 2>/dev/null \
		| awk '/ passed, .* failed/ { for (i = 2; i <= NF; i++) { if ($$i ~ /^passed/) p += $$(i-1); if ($$i ~ /^failed/) f += $$(i-1) } } \
		END { printf "infra: %d passed, %d failed\n", p, f }'

infra-tools: $(INFRA_VENV)/stamp
	@command -v terraform >/dev/null \
		|| { echo "terraform 1.11 or newer is missing: https://developer.hashicorp.com/terraform/install"; exit 1; }
	@terraform version -json 2>/dev/null | $(INFRA_PYTHON) -c 'import json, sys; v = json.load(sys.stdin)["terraform_version"]; \
		sys.exit(tuple(map(int, v.split("-")[0].split("."))) < (1, 11) and f"terraform is {v}; 1.11 or newer is needed: https://developer.hashicorp.com/terraform/install")'

$(INFRA_VENV)/stamp: infra/tools/requirements.txt infra/tools/requirements.lock
	@echo "setup: the checks of infra/ in $(INFRA_VENV), $$(grep -v '^#' $< | tr '\n' ' ')"
	@$(PYTHON) -m venv $(INFRA_VENV) || { echo "python venv is missing: apt-get install python3-venv"; exit 1; }
	@$(INFRA_PYTHON) -m pip install --quiet --disable-pip-version-check --require-hashes --requirement $(<:.txt=.lock)
	@touch $@

target/terraform/config.tfrc: infra/tools/terraform_config.py
	@TF_CLI_CONFIG_FILE="$(INFRA_TFRC)" $(PYTHON) $< $@ target/terraform/plugins 5.100

# One after the other: Terraform's plugin cache is not made for several at once.
infra-init: target/terraform/config.tfrc | infra-tools
	@set -e; for folder in $(INFRA_FOLDERS); do infra/tools/init-folder $$folder; done

infra-modules: infra-init ## Validate and test every Terraform module and example
	@printf '%s\n' $(INFRA_FOLDERS) | xargs -P $(INFRA_JOBS) -n 1 infra/tools/check-folder

infra-fmt: ## Format the Terraform code
	@terraform fmt -recursive infra

infra-readmes: $(INFRA_VENV)/stamp ## Write inputs and outputs into the modules' READMEs
	@$(INFRA_PYTHON) infra/tools/module_readme.py $(INFRA_DOCUMENTED)

infra-kubernetes: $(INFRA_VENV)/stamp ## Render and validate the Kubernetes manifests
	@rm -rf target/kubernetes
	@$(INFRA_PYTHON) infra/tools/kubernetes_check.py target/kubernetes $(INFRA_OVERLAYS)

infra-iam: infra-init ## Judge the functions' policies, call by call
	@for module in responder probe; do \
		TF_DATA_DIR=$(CURDIR)/target/terraform/infra/modules/$$module terraform -chdir=infra/modules/$$module test -json -verbose \
			-filter=tests/policies.tftest.hcl > target/terraform/policies-$$module.jsonl || exit 1; done
	@$(INFRA_PYTHON) infra/iam/test_policies.py target/terraform/policies-responder.jsonl target/terraform/policies-probe.jsonl

# The longest names that each module's inputs allow, against the models that AWS publishes of its services.
INFRA_RULED := responder probe writer_endpoint global_database app_cluster app_failover
infra-rules: infra-init ## Hold what the modules make against AWS's own rules: lengths, forms, values, metrics
	@for module in $(INFRA_RULED); do \
		TF_DATA_DIR=$(CURDIR)/target/terraform/infra/modules/$$module terraform -chdir=infra/modules/$$module test -json -verbose \
			-filter=tests/longest.tftest.hcl > target/terraform/longest-$$module.jsonl || { grep '"@level":"error"' target/terraform/longest-$$module.jsonl; exit 1; }; done
	@$(INFRA_PYTHON) infra/rules/aws_rules.py $(INFRA_RULED:%=target/terraform/longest-%.jsonl)

# seoul_osaka's are counted by infra-test: its password is an ephemeral resource, which Terraform cannot mock.
COSTED := infra/examples/existing_database
infra-costs: infra-init ## Count what existing_database makes, and hold docs/costs.md against it
	@TF_DATA_DIR=$(CURDIR)/target/terraform/$(COSTED) terraform -chdir=$(COSTED) test -json -verbose \
		-filter=tests/existing_database.tftest.hcl > target/terraform/costs.jsonl || { grep '"@level":"error"' target/terraform/costs.jsonl; exit 1; }
	@$(INFRA_PYTHON) infra/costs/costs.py --check $(foreach run,follow=follow_alone all=it_applies probes=probes_in_both_regions,\
		$(firstword $(subst =, ,$(run)))=target/terraform/costs.jsonl:$(lastword $(subst =, ,$(run))))

# Offline. Each exception is explained where it is, beside `checkov:skip`.
infra-checkov: $(INFRA_VENV)/stamp infra-kubernetes ## Look for insecure settings
	@$(INFRA_VENV)/bin/checkov --directory infra --skip-path '/tests/' --framework terraform --skip-download --compact --quiet
	@$(INFRA_VENV)/bin/checkov --directory target/kubernetes --framework kubernetes --skip-download --compact --quiet
	@$(INFRA_VENV)/bin/checkov --file tests/todo/Dockerfile --framework dockerfile --skip-download --compact --quiet

# The processor of this machine, in Lambda's words: the emulator runs the functions as they are.
HERE := $(if $(filter aarch64 arm64,$(shell uname -m)),arm64,x86_64)
INFRA_TEST := target/infra-test
# What both halves are told of the functions' packages.
INFRA_PACKAGED = --packages $(PACKAGES) --architecture $(HERE)

.PHONY: infra-test
infra-test: infra-tools target/terraform/config.tfrc setup ## Apply the examples to an emulated AWS, in each size, twice; drill on what they made; with a Region dead; destroy
	@$(MAKE) package ARCHITECTURES=$(HERE)
	cargo build --locked --workspace --bin todo --bin local-drill
	@rm -rf $(INFRA_TEST)
	target/debug/local-drill --venv $(VENV) --out $(INFRA_TEST) \
		--installed $(INFRA_PYTHON) infra/emulator/installation.py $(INFRA_PACKAGED)
	@$(INFRA_PYTHON) infra/emulator/sizes.py --ministack $(VENV)/bin/ministack --work $(INFRA_TEST)/sizes $(INFRA_PACKAGED)
	@$(INFRA_PYTHON) infra/emulator/whole_system.py --ministack $(VENV)/bin/ministack --work $(INFRA_TEST) $(INFRA_PACKAGED)
