#!/usr/bin/env bash
# The siege for an hour, or PILIN_SOAK_S seconds, against the release build; prints a table.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/setup.sh run
(cd web && npm run --silent build)
export PILIN_SOAK_S=${PILIN_SOAK_S:-3600}
cargo test --release --test service -- --ignored --nocapture siege::
