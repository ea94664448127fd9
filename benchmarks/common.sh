# Sourced by every part: a scratch directory, a peer nginx, wrk, and one way to record a number.
set -euo pipefail
scratch=$(mktemp -d /tmp/relight-bench-XXXXXX)
started=()
cleanup() {
  for pid in "${started[@]}"; do kill "$pid" 2>/dev/null || true; done
  wait 2>/dev/null || true
  rm -rf "$scratch"
}
trap cleanup EXIT

free_port() { /usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# record PART NAME VALUE UNIT
record() {
  printf '{"part":"%s","name":"%s","value":%s,"unit":"%s"}\n' "$1" "$2" "$3" "$4" >>"$BENCH_RESULTS"
  printf '   %-46s %12s %s\n' "$2" "$3" "$4"
}

# rps URL CONNECTIONS [wrk options]: requests a second; fails if any answer was an error
rps() {
  local url=$1 connections=$2
  shift 2
  wrk -t1 -c"$connections" -d"${BENCH_SECONDS}s" "$@" "$url" >"$scratch/wrk"
  if grep -q 'Non-2xx' "$scratch/wrk"; then
    grep 'Non-2xx' "$scratch/wrk" >&2
    return 1
  fi
  awk '/^Requests\/sec/ {printf "%.0f", $2}' "$scratch/wrk"
}

# ratio A B
ratio() { awk -v a="$1" -v b="$2" 'BEGIN {printf "%.2f", b ? a / b : 0}'; }

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
