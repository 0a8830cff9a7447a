#!/usr/bin/env bash
# Everything that must hold, in the order in which it is cheapest to fail.
set -euo pipefail
cd "$(dirname "$0")/.."
step() { printf '\n== %s (%d s)\n' "$*" "$SECONDS"; }

# What only speeds up the next build takes as much disk as the build.
export CARGO_INCREMENTAL=${CARGO_INCREMENTAL:-0}

step "set-up"
scripts/setup.sh test
target=$(realpath -m "${CARGO_TARGET_DIR:-target}")
mkdir -p "$target"
free=$(df --output=avail --block-size=1M "$target" | tail -1)
[ "$free" -ge 5000 ] || echo "pilin: test: $target: only $free MB are free; all of it takes some 5,000" >&2
export PILIN_TEST_PYTHON=$PWD/target/venv/clients/bin/python

step "formatting"
cargo fmt --check

step "the pages: types, texts, build, vitest"
(cd web && npm run --silent check && npm run --silent build && npm test --silent)

step "clippy"
cargo clippy --quiet --all-targets -- -D warnings

step "cargo test"
scripts/postgis.sh cargo test

step "the siege"
cargo test --test service -- --ignored --nocapture siege::

step "the stories that the store matters to, on PostGIS"
PILIN_TEST_STORE=postgis scripts/postgis.sh cargo test --test service -- \
  access:: alerts:: doors:: stream::service:: upgrade::

# The targets of tables and of single values run in `make fuzz` alone.
step "fuzzing what faces the network, 20 s a target"
ONLY="ingest_body ingest_frame stream_frame rules_body" SECONDS_EACH=20 scripts/fuzz.sh

step "the contract between Rust and TypeScript"
(cd web/tools/contract && npm run --silent make)
git diff --exit-code -- web/src/contract

step "Playwright"
(cd web && PILIN_BIN=$target/debug/pilin npm run --silent e2e)

step "all held"
