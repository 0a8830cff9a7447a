#!/usr/bin/env bash
# Everything that must hold, in the order in which it is cheapest to fail.
set -euo pipefail
cd "$(dirname "$0")/.."
step() { printf '\n== %s (%d s)\n' "$*" "$SECONDS"; }

step "set-up"
scripts/setup.sh test

step "formatting"
cargo fmt --check

step "clippy"
cargo clippy --quiet --all-targets -- -D warnings

step "cargo test"
cargo test

step "the contract between Rust and TypeScript"
git diff --exit-code -- web/src/contract

step "all held"
