#!/usr/bin/env bash
# Builds Pilin, starts it on a fresh embedded store with a demonstration beside it,
# and prints the addresses. REGION=delta (made-up field data) or boston (real
# reports of 2015, replayed). Ctrl-C ends both.
#   SPEED=60        times faster than life (boston: 3600)
#   FROM=…          boston: what happened before is sent without waiting
#   SIMULATE="…"    more options for `pilin simulate`
#   ACCOUNTS=1      delta: with accounts, to sign in as the officers of two provinces
#   PILIN_LISTEN=   where the service listens, 127.0.0.1:8080 by default
set -euo pipefail
cd "$(dirname "$0")/.."

region=${REGION:-delta}
listen=${PILIN_LISTEN:-127.0.0.1:8080}
url=http://$listen
pilin=${CARGO_TARGET_DIR:-target}/release/pilin
case "$region" in
  delta) folder=data ;;
  *) folder=data/$region ;;
esac
die() { echo "pilin: $*" >&2; exit 1; }
[ -z "${ACCOUNTS:-}" ] || [ "$region" = delta ] || die "ACCOUNTS: only for REGION=delta"
[ -f "$folder/region.toml" ] || die "REGION: there is no $folder/region.toml"

# A port that is taken, or a store in use, is found out before the build.
store=target/run/$region.db
mkdir -p target/run
exec 9>"$store.lock"
flock --nonblock 9 || die "$store: another demonstration is running on it"
host=${listen%:*}
if (: <"/dev/tcp/$(tr -d '[]' <<<"$host")/${listen##*:}") 2>/dev/null; then
  die "$listen: something listens there already (try PILIN_LISTEN=$host:8081 make run)"
fi
make --no-print-directory build
rm -f "$store" "$store-wal" "$store-shm"

# The accounts and tokens of the demonstration: an admin, an officer and a wall of each of
# two provinces, and for each of the four the token by which its records are sent.
people=
tokens=()
if [ -n "${ACCOUNTS:-}" ]; then
  account() { # name, agency, role, display
    local password
    password=$("$pilin" account add "$1" --store "sqlite:$store" --region "$folder" \
      --agency "$2" --role "$3" --display "$4" 2>/dev/null) || die "account $1 cannot be made"
    people+=$(printf '    %-10s %-20s %s' "$1" "$password" "$4")$'\n'
  }
  account root 310000 admin 系统管理员
  account shanghai 310000 officer 上海市值班员
  account zhejiang 330000 officer 浙江省值班员
  account wall-sh 310000 wall 上海市大屏
  account wall-zj 330000 wall 浙江省大屏
  umask 077
  for agency in 310000 320000 330000 340000; do
    file=target/run/token-$agency
    "$pilin" token add "simulate-$agency" --store "sqlite:$store" --region "$folder" \
      --agency "$agency" --scope ingest:incident --scope ingest:position \
      --scope ingest:unit --scope set:clock >"$file" || die "token of $agency cannot be made"
    tokens+=(--token-file "$file")
  done
fi

"$pilin" serve --listen "$listen" --region "$folder" --store "sqlite:$store" --clock driven &
server=$!
player=
end() {
  trap - EXIT INT TERM
  [ -z "$player" ] || kill "$player" 2>/dev/null || true
  kill "$server" 2>/dev/null || true
  wait || true
}
trap end EXIT
trap 'exit 0' INT TERM

# The server has told its reason; passes on its code.
server_ended() {
  echo "pilin: the server ended with code $1" >&2
  exit "$(($1 == 0 ? 1 : $1))"
}

healthy() { node -e "fetch('$url/healthz').then(r => process.exit(r.ok ? 0 : 1), () => process.exit(1))"; }
for tries in $(seq 151); do
  # Asked first: a Pilin that was there before would answer in its place.
  kill -0 "$server" 2>/dev/null || { wait "$server" && server_ended 0 || server_ended $?; }
  healthy && kill -0 "$server" 2>/dev/null && break
  [ "$tries" -le 150 ] || die "the server does not answer at $url"
  sleep 0.2
done
cat <<END

  Pilin 毗邻 is running: $region, a demonstration.
    wall  $url/wall
    desk  $url/desk
END
if [ -n "$people" ]; then
  printf '    sign in  %s/sign-in (two officers at once: a private window for the second)\n%s' "$url" "$people"
fi
printf '  Ctrl-C ends it.\n\n'
case "$region" in
  delta)
    # shellcheck disable=SC2086  # several options
    "$pilin" simulate --to "$url" --speed "${SPEED:-60}" ${tokens[@]+"${tokens[@]}"} ${SIMULATE:-} & ;;
  *)
    "$pilin" replay "$folder"/incidents_*.csv --to "$url" --speed "${SPEED:-3600}" --from "${FROM:-2015-03-29T06:00:00-04:00}" & ;;
esac
player=$!
code=0
wait -n -p ended "$server" "$player" || code=$?
[ "$ended" = "$player" ] || server_ended "$code"
# The wall stays up when the playing is over.
[ "$code" = 0 ] || echo "pilin: the playing ended with code $code; the pages stay" >&2
code=0
wait "$server" || code=$?
server_ended "$code"
