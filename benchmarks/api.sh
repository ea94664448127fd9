# Signed API requests through the whole gateway (signature verified, routed, decoded, served, encoded) against nginx
# 'return 200': sts:GetCallerIdentity, and the first answer after start.
. benchmarks/common.sh
peer=$(free_port)
nginx_start "$peer"
port=$(free_port)
sandbox=("$BENCH_BIN/relight-sandbox" --dir "$scratch/sandbox")
trap '"${sandbox[@]}" down >/dev/null 2>&1 || true; cleanup' EXIT
begin=$(date +%s%N)
"${sandbox[@]}" up --regions us-east-1,us-west-2 --listen "127.0.0.1:$port" --detach >"$scratch/up"
curl -s -o /dev/null "http://127.0.0.1:$port/"
record api "start to first answer" "$((($(date +%s%N) - begin) / 1000000))" ms
exports=$("${sandbox[@]}" env)
eval "$exports"
/usr/bin/python3 benchmarks/signed_wrk.py "http://127.0.0.1:$port/" >"$scratch/sts.lua"
for connections in 1 8; do
  for mode in keep-alive close; do
    options=()
    [ $mode = close ] && options=(-H "Connection: close")
    a=$(rps "http://127.0.0.1:$port/" "$connections" -s "$scratch/sts.lua" "${options[@]}")
    b=$(rps "http://127.0.0.1:$peer/" "$connections" "${options[@]}")
    record api "sts:GetCallerIdentity, $connections connections, $mode" "$a" requests/s
    record api "nginx, $connections connections, $mode" "$b" requests/s
    record api "ratio, $connections connections, $mode" "$(ratio "$a" "$b")" x
  done
done
pid=$(pgrep -f "^$BENCH_BIN/relight-sandbox .*$scratch/sandbox" | tail -1)
record api "control plane memory" "$(awk '/VmRSS/ {printf "%.1f", $2 / 1024}' "/proc/$pid/status")" MiB
