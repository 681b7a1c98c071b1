# All commands for people and CI. `make` alone lists them.
include deploy/versions.env

# `make up PARTS=core` leaves out OpenSearch, MinIO and the inbox.
PARTS ?= all
export TICKETSHOW_PARTS ?= $(PARTS)
export TICKETSHOW_TOOLS ?= $(CURDIR)/.local/bin
TICKETSHOW = target/release/ticketshow
# `make fault ROUNDS=10` repeats the faults of a cluster, each round with another seed.
ROUNDS ?= 1

# Row of the load tool that `make profile` measures.
ROW ?= row3

# What `make security` runs: the stories of strangers, and what is too long for `make test`.
SECURITY = authorisation strangers privacy privileges command_line security_page container_files mail_servers bad_input schemathesis

.DEFAULT_GOAL := help
.PHONY: help up down status logs clean test check web-check web-test bench profile fault security deny advisories sbom tools-caddy images containers-test cluster-policy cluster-apply cluster-test observability-check

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 16

up: ## install what is missing, build, and run everything on http://localhost:8000
	@deploy/bootstrap.sh nats-server postgres server web nats-cli beside && exec $(TICKETSHOW) up

down: ## stop the local stack
	@$(TICKETSHOW) down

status: ## show the parts and whether the site is ready
	@$(TICKETSHOW) status

logs: ## follow the output of the parts, until Ctrl-C
	@$(TICKETSHOW) logs --follow

clean: ## stop, and delete data, logs and secrets
	@$(TICKETSHOW) clean

test: ## build and run all tests, on servers of their own
	@deploy/bootstrap.sh nats-server nats-cli postgres caddy poppler inbox opensearch minio tests
	@deploy/web.sh check
	@deploy/test.sh

web-check: ## check the web app: formatting, types, lint, unit tests, and a build with its limits of size
	@deploy/web.sh check

web-test: ## drive a browser through the web app, on its own stack
	@deploy/bootstrap.sh nats-server postgres inbox minio server
	@deploy/web.sh stories

check: ## run everything that CI runs
	cargo fmt --check
	cargo clippy --release --workspace --all-targets --locked -- -D warnings
	$(MAKE) test

bench: ## measure, and write docs/performance.md
	@deploy/bootstrap.sh nats-server postgres workspace
	target/release/load all

profile: ## measure ROW=row3 and draw a flame graph of the server in target/profile
	@deploy/bootstrap.sh nats-server postgres inferno workspace
	@deploy/profile.sh $(ROW)

fault: ## kill processes under load and verify the log
	@deploy/bootstrap.sh nats-server nats-cli postgres workspace
	cargo test --release --workspace --test fault_tolerance --test webhook_trouble --test refund_troubles --test refund_faults --test two_sagas --test nats_outage -- --nocapture
	@if [ "$$(id -u)" = 0 ]; then target/release/faults --rounds $(ROUNDS); \
	else echo "left out: faults of a cluster need root, for networks and disks of their own"; fi

security: ## call the API as strangers would: authorisation matrix, exploits, schemathesis, made-up input
	@deploy/bootstrap.sh nats-server nats-cli postgres caddy schemathesis tests
	@deploy/test.sh $(SECURITY:%=--test %) --test commands --test nats
	@PROPTEST_CASES=20000 deploy/test.sh --lib hostile

deny: ## check dependency rules and licences (builds cargo-deny the first time)
	@command -v cargo-deny >/dev/null || cargo install --locked cargo-deny
	cargo deny check bans licenses sources

advisories: ## look for known faults in dependencies (network: GitHub and the npm registry); weekly and before a release
	@command -v cargo-deny >/dev/null || cargo install --locked cargo-deny
	cargo deny check advisories
	cd web && npm audit --omit dev

sbom: ## write bills of materials of the program and the web app to target/sbom
	@mkdir -p target/sbom
	cargo metadata --locked --format-version 1 --filter-platform x86_64-unknown-linux-gnu | node deploy/sbom.mjs >target/sbom/program.json
	cd web && npm sbom --package-lock-only --omit dev --sbom-format cyclonedx >../target/sbom/web.json

images: ## build all images of deploy/compose.yaml, on base images made from this machine where they cannot be pulled (root)
	@deploy/bootstrap.sh nats-server postgres caddy opensearch compose
	@deploy/containers/images.sh

containers-test: images ## run deploy/compose.yaml in Docker: book by card, stop and start each service (root)
	@deploy/containers/test.sh

cluster-policy: ## check deploy/kubernetes: restricted pods, limits, probes, disruption budgets, network policies (PyYAML)
	@python3 deploy/cluster/policy.py

cluster-apply: cluster-policy ## apply deploy/kubernetes to a real API server, built from source (Go, minutes; openssl, PyYAML)
	@deploy/bootstrap.sh etcd kube-apiserver kustomize
	@PATH="$(CURDIR)/.local/bin:$$PATH" python3 deploy/cluster/apply.py

cluster-test: cluster-apply images ## run what deploy/kubernetes describes in Docker, and replace every process while customers book (root)
	@. deploy/containers/engine.sh && start_engine && python3 deploy/cluster/rehearsal.py

observability-check: ## check that alerts and dashboard name metrics that exist, and when alerts are raised
	@deploy/bootstrap.sh promtool
	@PATH="$(CURDIR)/.local/bin:$$PATH" python3 deploy/observability/check.py

tools-caddy: ## install Caddy, the gateway for separate services
	@deploy/bootstrap.sh caddy
