#!/usr/bin/env bash
# Every benchmark with its peers, then one table. ONLY="locate engine" runs some.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/setup.sh bench
(cd web && npm run --silent build)
cargo build --release
export PILIN_BENCH_PYTHON=$PWD/target/venv/bin/python
mkdir -p target/bench
rm -f target/bench/*.json
for bench in ${ONLY:-locate engine stream}; do
  printf '\n== %s\n' "$bench"
  cargo bench --quiet --bench "$bench"
done
case " ${ONLY:-engine} " in *" engine "*)
  printf '\n== batch clusters beside scikit-learn\n'
  "$PILIN_BENCH_PYTHON" benches/peers/dbscan_sklearn.py ;;
esac
node benches/table.mjs
