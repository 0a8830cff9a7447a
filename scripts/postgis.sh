#!/usr/bin/env bash
# Runs a command beside a throw-away PostGIS, whose address it finds in
# PILIN_TEST_POSTGRES. The cluster listens on a socket in a temporary folder, and
# goes when the command has ended.
#   scripts/postgis.sh cargo test --lib store::
#   WAL=4GB            how long its log may grow before a checkpoint
set -euo pipefail

programs=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1)
[ -x "$programs/initdb" ] || { echo "pilin: postgis: initdb: not found: install postgresql-15-postgis-3" >&2; exit 1; }

folder=$(mktemp -d /tmp/pilin-postgis-XXXXXX)
as=()
if [ "$(id -u)" = 0 ]; then
  # PostgreSQL does not run as root.
  as=(runuser -u postgres --)
  chown postgres "$folder"
fi
chmod 755 "$folder"
ctl() { (cd / && "${as[@]}" "$programs/pg_ctl" --silent --wait -D "$folder/data" "$@"); }
end() {
  trap - EXIT INT TERM
  ctl stop --mode immediate || true
  rm -rf "$folder"
}
trap end EXIT
trap 'exit 130' INT TERM

(cd / && "${as[@]}" "$programs/initdb" --no-sync --auth=trust --username=pilin --encoding=UTF8 \
  --locale=C.UTF-8 -D "$folder/data" >/dev/null)
# fsync stays on: what is acknowledged must survive, here as anywhere.
ctl start --log "$folder/log" --options "-c listen_addresses='' -c unix_socket_directories='$folder' \
  -c max_connections=400 -c shared_buffers=256MB -c max_wal_size=${WAL:-1GB}"
psql() { command psql -XqAt -v ON_ERROR_STOP=1 -h "$folder" -U pilin "$@"; }
psql -d postgres -c 'CREATE DATABASE pilin_template'
psql -d pilin_template -c 'CREATE EXTENSION postgis'

export PILIN_TEST_POSTGRES="postgres:///?host=$folder&user=pilin"
"$@"
