#!/usr/bin/env bash
# Builds the fuzz targets of tests/fuzz and runs each.
#   SECONDS_EACH=600   how long each runs
#   ONLY="ingest_body" some of them
# What it finds stays in target/fuzz/found/, and is run first the next time.
# The flags are cargo-fuzz's own without a sanitizer, so that stable Rust will do;
# with nightly, `cargo fuzz run --fuzz-dir tests/fuzz <target>` works too.
set -euo pipefail
cd "$(dirname "$0")/.."

each=${SECONDS_EACH:-600}
target=$(realpath -m "${CARGO_TARGET_DIR:-target}")/fuzz
host=$(rustc -vV | sed -n 's/^host: //p')
flags="-Cpasses=sancov-module -Ccodegen-units=1
  -Cllvm-args=-sanitizer-coverage-level=4
  -Cllvm-args=-sanitizer-coverage-inline-8bit-counters
  -Cllvm-args=-sanitizer-coverage-pc-table
  -Cllvm-args=-sanitizer-coverage-trace-compares"
# Named, the host is a target of its own: build scripts go without the flags.
RUSTFLAGS=$(echo $flags) cargo build --quiet --locked \
  --package pilin-fuzz --profile fuzz --target "$host" --target-dir "$target"

for file in tests/fuzz/targets/*.rs; do
  name=$(basename "$file" .rs)
  case " ${ONLY:-$name} " in *" $name "*) ;; *) continue ;; esac
  found=$target/found/$name
  mkdir -p "$found" "$target/broken"
  echo "fuzz $name, ${each} s"
  if ! "$target/$host/fuzz/$name" "$found" "tests/fuzz/seeds/$name" \
    -dict=tests/fuzz/words.dict -max_total_time="$each" -timeout=10 -rss_limit_mb=2048 \
    -artifact_prefix="$target/broken/$name-" >"$target/$name.log" 2>&1; then
    tail -40 "$target/$name.log" >&2
    echo "pilin: fuzz $name: broken by a file in $target/broken" >&2
    exit 1
  fi
  grep -E '^Done ' "$target/$name.log"
done
