# S3 objects of 4 KiB (1 and 8 connections) and 64 MiB (1 connection): GET against nginx's static files, PUT against nginx's
# DAV module, and the disk itself. Every S3 request is signed, PUTs with their payload's hash, which the sandbox checks,
# as it computes the ETag's MD5; nginx does neither. Neither of the two calls fsync for an object: the sandbox promises
# that what it acknowledged outlives its own death, not a power cut (planes/object). The disk is measured both ways.
. benchmarks/common.sh
files=$scratch/files
mkdir -p "$files"
head -c 4096 /dev/urandom >"$scratch/4KiB"
head -c $((64 << 20)) /dev/urandom >"$scratch/64MiB"
cp "$scratch/4KiB" "$scratch/64MiB" "$files"
peer=$(free_port)
nginx_start "$peer" "root $files; location / { dav_methods PUT; client_body_buffer_size 64k; }"
port=$(free_port)
sandbox_start "$scratch/sandbox" "$port"
"$BENCH_BIN/relight" api s3 CreateBucket --input '{"Bucket":"bench"}' >/dev/null

# PUT first: what is then read is what was written.
ours=http://127.0.0.1:$port/bench theirs=http://127.0.0.1:$peer
/usr/bin/python3 benchmarks/signed_wrk.py "$ours/4KiB" --s3 PUT --body "$scratch/4KiB" >"$scratch/put.lua"
/usr/bin/python3 benchmarks/signed_wrk.py "$ours/4KiB" --s3 GET >"$scratch/get.lua"
printf 'wrk.method = "PUT"\nwrk.body = io.open("%s", "rb"):read("*a")\n' "$scratch/4KiB" >"$scratch/plain.lua"
for connections in 1 8; do
  a=$(rps "$ours/4KiB" $connections -s "$scratch/put.lua")
  b=$(rps "$theirs/4KiB" $connections -s "$scratch/plain.lua")
  beside s3 "PUT 4 KiB, $connections connections" "$a" "$b" requests/s
  a=$(rps "$ours/4KiB" $connections -s "$scratch/get.lua")
  b=$(rps "$theirs/4KiB" $connections)
  beside s3 "GET 4 KiB, $connections connections" "$a" "$b" requests/s
done
for method in PUT GET; do
  a=$(/usr/bin/python3 benchmarks/transfer.py $method "$ours/64MiB" "$scratch/64MiB" "$BENCH_SECONDS" --signed)
  b=$(/usr/bin/python3 benchmarks/transfer.py $method "$theirs/64MiB" "$scratch/64MiB" "$BENCH_SECONDS")
  beside s3 "$method 64 MiB, 1 connection" "$a" "$b" MiB/s
done
/usr/bin/python3 benchmarks/disk.py "$scratch" | while IFS=$'\t' read -r name value unit; do record s3 "disk: $name" "$value" "$unit"; done
