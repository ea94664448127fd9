# Sourced by every part: a scratch directory, a peer nginx, a sandbox, wrk, and one way to record a number.
set -euo pipefail
scratch=$(mktemp -d "${BENCH_SCRATCH:-/tmp}/relight-bench-XXXXXX")
started=() sandboxes=()
cleanup() {
  for dir in "${sandboxes[@]}"; do "$BENCH_BIN/relight-sandbox" --dir "$dir" down >/dev/null 2>&1 || true; done
  for pid in "${started[@]}"; do kill "$pid" 2>/dev/null || true; done
  wait 2>/dev/null || true
  rm -rf "$scratch"
}
trap cleanup EXIT

free_port() { /usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# record PART NAME VALUE UNIT
record() {
  printf '{"part":"%s","name":"%s","value":%s,"unit":"%s"}\n' "$1" "$2" "$3" "$4" >>"$BENCH_RESULTS"
  printf '   %-54s %12s %s\n' "$2" "$3" "$4"
}

# rps URL CONNECTIONS [wrk options]: requests a second; fails if any answer was an error
rps() {
  local url=$1 connections=$2
  shift 2
  wrk -t1 -c"$connections" -d"${BENCH_SECONDS}s" --timeout 60s "$@" "$url" >"$scratch/wrk"
  if grep -q 'Non-2xx' "$scratch/wrk"; then
    grep 'Non-2xx' "$scratch/wrk" >&2
    return 1
  fi
  awk '/^Requests\/sec/ {printf $2 < 1000 ? "%.1f" : "%.0f", $2}' "$scratch/wrk"
}

# ratio A B
ratio() { awk -v a="$1" -v b="$2" 'BEGIN {printf "%.2f", b ? a / b : 0}'; }

# beside PART NAME A B UNIT: ours, nginx's and the ratio
beside() {
  record "$1" "$2" "$3" "$5"
  record "$1" "$2, nginx" "$4" "$5"
  record "$1" "$2, ratio" "$(ratio "$3" "$4")" x
}

# nginx_start PORT [directives for the server block]: one worker, answers 200
nginx_start() {
  local port=$1 more=${2:-'location / { return 200 "ok\n"; }'}
  cat >"$scratch/nginx.conf" <<CONF
daemon off; worker_processes 1; pid $scratch/nginx.pid; error_log $scratch/nginx.log; user root;
events { worker_connections 4096; }
http {
  access_log off; keepalive_requests 1000000000; client_max_body_size 1g; sendfile on; tcp_nopush on;
  client_body_temp_path $scratch/body; proxy_temp_path $scratch/proxy; fastcgi_temp_path $scratch/fastcgi;
  uwsgi_temp_path $scratch/uwsgi; scgi_temp_path $scratch/scgi;
  server { listen 127.0.0.1:$port; $more }
}
CONF
  /usr/sbin/nginx -c "$scratch/nginx.conf" -p "$scratch" &
  started+=($!)
  wait_for "$port"
}

wait_for() {
  for _ in $(seq 200); do
    (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null && return 0
    sleep 0.02
  done
  echo "nothing listens on port $1" >&2
  return 1
}

# sandbox_start DIR PORT: two regions, and the environment that points clients at them. Returns when the database template,
# which is made after start-up, no longer takes the processor from what is measured.
sandbox_start() {
  sandboxes+=("$1")
  "$BENCH_BIN/relight-sandbox" --dir "$1" up --regions us-east-1,us-west-2 --listen "127.0.0.1:$2" --detach >"$scratch/up"
  local exports
  exports=$("$BENCH_BIN/relight-sandbox" --dir "$1" env)
  eval "$exports"
  for _ in $(seq 300); do
    pgrep -f "(mariadbd|mariadb-install-db) .*$1/mariadb/template" >/dev/null || return 0
    sleep 0.1
  done
}

sandbox_stop() { "$BENCH_BIN/relight-sandbox" --dir "$1" down; }

# server_pid DIR: the process that serves (the lock's holder waits for its namespace's init, which waits for it)
server_pid() {
  local init
  init=$(pgrep -o -P "$(head -1 "$1/lock")")
  pgrep -o -P "$init"
}

# memory_of PID FIELD (Rss, Pss): MiB
memory_of() { awk -v f="$2:" '$1 == f {printf "%.1f", $2 / 1024}' "/proc/$1/smaps_rollup"; }
