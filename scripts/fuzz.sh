#!/usr/bin/env bash
# Builds the fuzz targets of tests/fuzz and runs each.
#   SECONDS_EACH=600   how long each runs
#   ONLY="ingest_body" some of them
# What it finds stays in target/fuzz/found/, and is run first the next time.
# What Pilin depends on is built as for the tests; its own code is marked for libFuzzer
# by scripts/fuzz-rustc.sh, without a sanitizer, so that stable Rust will do. With nightly,
# `cargo fuzz run --fuzz-dir tests/fuzz <target>` works too.
set -euo pipefail
cd "$(dirname "$0")/.."

each=${SECONDS_EACH:-600}
target=$(realpath -m "${CARGO_TARGET_DIR:-target}")
RUSTC_WORKSPACE_WRAPPER=$PWD/scripts/fuzz-rustc.sh \
  cargo build --quiet --locked --package pilin-fuzz --target-dir "$target"
kept=$target/fuzz

for file in tests/fuzz/targets/*.rs; do
  name=$(basename "$file" .rs)
  case " ${ONLY:-$name} " in *" $name "*) ;; *) continue ;; esac
  found=$kept/found/$name
  mkdir -p "$found" "$kept/broken"
  echo "fuzz $name, ${each} s"
  if ! "$target/debug/$name" "$found" "tests/fuzz/seeds/$name" \
    -dict=tests/fuzz/words.dict -max_total_time="$each" -timeout=10 -rss_limit_mb=2048 \
    -artifact_prefix="$kept/broken/$name-" >"$kept/$name.log" 2>&1; then
    tail -40 "$kept/$name.log" >&2
    echo "pilin: fuzz $name: broken by a file in $kept/broken" >&2
    exit 1
  fi
  grep -E '^Done ' "$kept/$name.log"
done
