# Signed API requests through the whole gateway (signature verified, routed, decoded, served, encoded) against nginx
# 'return 200': sts:GetCallerIdentity. Both are sent the same bytes.
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
    ours=() theirs=()
    for _ in 1 2 3; do  # in turns, so that a slow moment of the machine meets both; the middle one counts
      ours+=("$(rps "http://127.0.0.1:$port/" "$connections" -s "$scratch/sts.lua" "${options[@]}")")
      theirs+=("$(rps "http://127.0.0.1:$peer/" "$connections" -s "$scratch/sts.lua" "${options[@]}")")
    done
    a=$(printf '%s\n' "${ours[@]}" | sort -g | sed -n 2p)
    b=$(printf '%s\n' "${theirs[@]}" | sort -g | sed -n 2p)
    beside api "sts:GetCallerIdentity, $connections connections, $mode" "$a" "$b" requests/s
  done
done
