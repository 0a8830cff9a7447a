.PHONY: help test fmt
.DEFAULT_GOAL := help

help: ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):[^#]*## /  make \1\t/' | expand -t 16

test: ## install what is missing and run every test
	@scripts/test.sh

fmt: ## format the code
	cargo fmt
