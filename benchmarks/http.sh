# The server loop alone against nginx 'return 200', one thread each.
. benchmarks/common.sh
peer=$(free_port)
nginx_start "$peer"
mkfifo "$scratch/hold"
"$BENCH_BIN/bench_http_server" 1 <"$scratch/hold" >"$scratch/port" &
started+=($!)
exec 9>"$scratch/hold"
until [ -s "$scratch/port" ]; do sleep 0.02; done
ours=$(cat "$scratch/port")
for connections in 1 8; do
  for mode in keep-alive close; do
    options=()
    [ $mode = close ] && options=(-H "Connection: close")
    a=$(rps "http://127.0.0.1:$ours/" "$connections" "${options[@]}")
    b=$(rps "http://127.0.0.1:$peer/" "$connections" "${options[@]}")
    beside http "server loop, $connections connections, $mode" "$a" "$b" requests/s
  done
done
exec 9>&-
