.PHONY: help run test audit fuzz soak bench build fmt
.DEFAULT_GOAL := help

help: ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):[^#]*## /  make \1\t/' | expand -t 16

run: ## start Pilin with a demonstration (REGION=boston: real reports, replayed)
	@scripts/run.sh

build: ## build the pages and the release binary
	@scripts/setup.sh run
	@cd web && npm run --silent build
	cargo build --release

test: ## install what is missing and run every test
	@scripts/test.sh

audit: ## list what it is made of (SBOM), and look for licences and known holes; some minutes
	@scripts/audit.sh

fuzz: ## let the fuzzers look for what breaks a parser, ten minutes each (SECONDS_EACH=, ONLY=)
	@scripts/setup.sh test
	@scripts/fuzz.sh

soak: ## besiege a service for an hour while others work, and print a table (PILIN_SOAK_S=)
	@scripts/soak.sh

bench: ## run every benchmark and print one table (ONLY="locate engine" for some)
	@scripts/bench.sh

fmt: ## format Rust
	cargo fmt
