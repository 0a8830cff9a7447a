#!/usr/bin/env bash
# Installs what a bare Debian 12 machine with only Rust and Node lacks.
#   scripts/setup.sh run|test|bench
# Without the right to install, it names the packages and stops.
set -euo pipefail
cd "$(dirname "$0")/.."

die() { printf 'pilin: %s\n' "$*" >&2; exit 1; }

command -v cargo >/dev/null || die "cargo: not found: install Rust 1.95 or newer with rustup"
command -v node >/dev/null || die "node: not found: install Node.js 20 or newer"
node_major=$(node -p 'process.versions.node.split(".")[0]')
[ "$node_major" -ge 20 ] || die "node: $(node --version) is too old: install Node.js 20 or newer"

# package:what it is known by when it is there
need=(gcc:cc make:make)
case "${1:-run}" in
  run) ;;
  test) ;;
  bench) need+=(python3-venv:/usr/share/doc/python3-venv
                postgresql-15-postgis-3:/usr/share/postgresql/15/extension/postgis.control) ;;
  *) die "setup: “$1” is none of run, test, bench" ;;
esac

missing=()
for entry in "${need[@]}"; do
  package=${entry%%:*} mark=${entry#*:}
  case "$mark" in
    /*) [ -e "$mark" ] || missing+=("$package") ;;
    *) command -v "$mark" >/dev/null || missing+=("$package") ;;
  esac
done
if [ ${#missing[@]} -gt 0 ]; then
  command -v apt-get >/dev/null || die "setup: install ${missing[*]} (Debian's names), then run again"
  [ "$(id -u)" = 0 ] || die "setup: no right to install; run: sudo apt-get install ${missing[*]}"
  echo "setup: installing ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi
