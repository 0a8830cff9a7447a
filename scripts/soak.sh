#!/usr/bin/env bash
# What takes long: a wall that stands for thirty days of driven time (DAYS=), against the
# release build, while its graphics process crashes, its network is cut, its machine sleeps
# and its server is killed and restarted. It ends with a table.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/setup.sh test
(cd web && npm run --silent build)
cargo build --release --quiet
target=$(realpath -m "${CARGO_TARGET_DIR:-target}")
cd web
SOAK_DAYS=${DAYS:-30} PILIN_BIN=$target/release/pilin npm run --silent soak
