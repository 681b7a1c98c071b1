# Everything a person or CI runs. `make` alone lists it.
include deploy/versions.env

# `make up PARTS=core` leaves out OpenSearch, MinIO and the inbox.
PARTS ?= all
export TICKETSHOW_PARTS ?= $(PARTS)
export TICKETSHOW_TOOLS ?= $(CURDIR)/.local/bin
TICKETSHOW = target/release/ticketshow

.DEFAULT_GOAL := help
.PHONY: help up down status logs clean test check web-check web-test bench fault deny tools-caddy

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 16

up: ## install what is missing, build, and run everything on http://localhost:8000
	@deploy/bootstrap.sh nats-server postgres server web nats-cli beside && exec $(TICKETSHOW) up

down: ## stop what `make up` started
	@$(TICKETSHOW) down

status: ## the parts, and whether the site is ready
	@$(TICKETSHOW) status

logs: ## what the parts print, until Ctrl-C
	@$(TICKETSHOW) logs --follow

clean: ## stop, and forget data, logs and secrets
	@$(TICKETSHOW) clean

test: ## build and run all tests, on servers of their own
	@deploy/bootstrap.sh nats-server nats-cli postgres caddy poppler inbox opensearch minio tests
	@deploy/web.sh check
	@deploy/test.sh

web-check: ## types, lint and unit tests of the web app
	@deploy/web.sh check

web-test: ## drive a browser through the web app, on a stack of its own
	@deploy/bootstrap.sh nats-server postgres inbox minio server
	@deploy/web.sh stories

check: ## what CI runs
	cargo fmt --check
	cargo clippy --release --workspace --all-targets --locked -- -D warnings
	$(MAKE) test

bench: ## measure, and write docs/performance.md
	@deploy/bootstrap.sh nats-server postgres workspace
	target/release/load all

fault: ## kill things under load and verify the log
	@deploy/bootstrap.sh nats-server nats-cli postgres workspace
	cargo test --release --workspace --test fault_tolerance --test webhook_trouble --test refund_troubles --test refund_faults -- --nocapture

deny: ## dependency rules and licences (builds cargo-deny the first time)
	@command -v cargo-deny >/dev/null || cargo install --locked cargo-deny
	cargo deny check bans licenses sources

tools-caddy: ## the gateway for separate services
	@deploy/bootstrap.sh caddy
