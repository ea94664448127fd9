# Signed API requests through the whole gateway (signature verified, routed, decoded, served, encoded) against nginx
# 'return 200': sts:GetCallerIdentity.
. benchmarks/common.sh
peer=$(free_port)
nginx_start "$peer"
port=$(free_port)
sandbox_start "$scratch/sandbox" "$port"
/usr/bin/python3 benchmarks/signed_wrk.py "http://127.0.0.1:$port/" >"$scratch/sts.lua"
for connections in 1 8; do
  for mode in keep-alive close; do
    options=()
    [ $mode = close ] && options=(-H "Connection: close")
    a=$(rps "http://127.0.0.1:$port/" "$connections" -s "$scratch/sts.lua" "${options[@]}")
    b=$(rps "http://127.0.0.1:$peer/" "$connections" "${options[@]}")
    beside api "sts:GetCallerIdentity, $connections connections, $mode" "$a" "$b" requests/s
  done
done
