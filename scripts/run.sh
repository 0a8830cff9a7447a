#!/usr/bin/env bash
# Starts Pilin on a fresh embedded store with a demonstration beside it, and
# prints the address. REGION=delta (made-up field data) or boston (real reports
# of 2015, replayed). Ctrl-C ends both.
set -euo pipefail
cd "$(dirname "$0")/.."

region=${REGION:-delta}
listen=${PILIN_LISTEN:-127.0.0.1:8080}
url=http://$listen
pilin=target/release/pilin
case "$region" in
  delta) folder=data ;;
  *) folder=data/$region ;;
esac
[ -f "$folder/region.toml" ] || { echo "pilin: REGION: there is no $folder/region.toml" >&2; exit 1; }

store=target/run/$region.db
mkdir -p target/run
rm -f "$store" "$store-wal" "$store-shm"

"$pilin" serve --listen "$listen" --region "$folder" --store "sqlite:$store" --clock driven &
server=$!
trap 'trap - EXIT; kill 0' EXIT
trap 'exit 0' INT TERM
until curl -fsS "$url/readyz" >/dev/null 2>&1 || node -e "fetch('$url/readyz').then(r=>process.exit(r.ok?0:1),()=>process.exit(1))"; do
  kill -0 "$server" 2>/dev/null || { echo "pilin: the server ended" >&2; exit 1; }
  sleep 0.3
done
cat <<END

  Pilin 毗邻 is running ($region, demonstration).
    wall  $url/wall
    desk  $url/desk
  Ctrl-C ends it.

END
case "$region" in
  delta) "$pilin" simulate --to "$url" ${SIMULATE:-} ;;
  *) "$pilin" replay "$folder"/incidents_*.csv --to "$url" --speed "${SPEED:-3600}" ;;
esac
wait "$server"
