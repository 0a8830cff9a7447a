#!/usr/bin/env bash
# Every benchmark with its peers, then one table of all their figures.
#   scripts/bench.sh            ONLY="locate engine" scripts/bench.sh for some
set -euo pipefail
cd "$(dirname "$0")/.."

all=$(sed -n '/^\[\[bench\]\]/{n;s/^name = "\(.*\)"$/\1/p;}' Cargo.toml)
for name in ${ONLY:-}; do
  case " $(echo $all) " in *" $name "*) ;; *) echo "pilin: bench: “$name” is none of: $(echo $all)" >&2; exit 1 ;; esac
done
scripts/setup.sh bench
target=$(realpath -m "${CARGO_TARGET_DIR:-target}")
export PILIN_BENCH_PYTHON=$PWD/target/venv/peers/bin/python
(cd web && npm run --silent build)
cargo build --release --quiet

mkdir -p target/bench
# Figures of an earlier run are not this one's.
[ -n "${ONLY:-}" ] || rm -f target/bench/*.json
for name in ${ONLY:-$all}; do
  printf '\n== %s\n' "$name"
  rm -f "target/bench/$name.json"
  if [ "$name" = pipeline ]; then
    WAL=4GB scripts/postgis.sh cargo bench --quiet --bench "$name"
  else
    cargo bench --quiet --bench "$name"
  fi
  if [ "$name" = engine ]; then
    printf '\n== batch clusters beside scikit-learn\n'
    "$PILIN_BENCH_PYTHON" benches/peers/dbscan_sklearn.py
  fi
done
if [ -z "${ONLY:-}" ]; then
  printf '\n== the page under load\n'
  (cd web && PILIN_BIN=$target/release/pilin npm run --silent e2e -- load)
fi
node benches/table.mjs
