#!/usr/bin/env bash
# Installs what a bare Debian 12 machine with only Rust and Node lacks.
#   scripts/setup.sh run|test|bench
# Without the right to install, it names the packages and stops.
set -euo pipefail
cd "$(dirname "$0")/.."

die() { printf 'pilin: %s\n' "$*" >&2; exit 1; }

purpose=${1:-run}
command -v cargo >/dev/null || die "cargo: not found: install Rust 1.95 or newer with rustup"
command -v node >/dev/null || die "node: not found: install Node.js 22.12 or newer"
node -e 'const [major, minor] = process.versions.node.split(".").map(Number)
process.exit(major > 22 || major === 22 && minor >= 12 || major === 20 && minor >= 19 ? 0 : 1)' ||
  die "node: $(node --version) does not do: install Node.js 20.19 or newer of 20, or 22.12 or newer"

# package:what it is known by when it is there
need=(gcc:cc libc6-dev:/usr/include/stdlib.h)
case "$purpose" in
  run) ;;
  test) need+=(g++:g++ chromium:chromium strace:strace faketime:faketime
               fonts-noto-cjk:/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc
               python3-venv:/usr/share/doc/python3-venv
               postgresql-15-postgis-3:/usr/share/postgresql/15/extension/postgis.control) ;;
  bench) need+=(chromium:chromium python3-venv:/usr/share/doc/python3-venv
                postgresql-15-postgis-3:/usr/share/postgresql/15/extension/postgis.control) ;;
  *) die "setup: “$purpose” is none of run, test, bench" ;;
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

if [ "$purpose" = test ]; then
  for component in rustfmt clippy; do
    cargo "${component#rust}" --version >/dev/null 2>&1 || rustup component add "$component"
  done
fi

# Python clients and peers live in a venv each; its list says what is in it.
venv() {
  local venv=target/venv/$1 list=$2
  cmp -s "$list" "$venv/installed.txt" && return
  echo "setup: installing $(tr '\n' ' ' <"$list")"
  [ -x "$venv/bin/python" ] || python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check --requirement "$list"
  cp "$list" "$venv/installed.txt"
}

# npm ci, unless the folder already holds what its lock file says. No package runs a
# script of its own at that.
modules() {
  cmp -s "$1/package-lock.json" "$1/node_modules/.installed" && return
  echo "setup: npm ci in $1"
  (cd "$1" && npm ci --silent --no-audit --no-fund --ignore-scripts)
  cp "$1/package-lock.json" "$1/node_modules/.installed"
}

modules web
case "$purpose" in
  test) modules web/tools/contract; venv clients tests/clients/requirements.txt ;;
  bench) venv peers benches/peers/requirements.txt ;;
esac
