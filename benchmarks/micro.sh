# What one request costs apart from sockets (Google Benchmark): signature, codec, digests.
. benchmarks/common.sh
"$BENCH_BIN/bench_micro" --benchmark_format=json --benchmark_min_time=0.2 2>/dev/null |
  jq -r '.benchmarks[] | [.name, (.cpu_time | round)] | @tsv' |
  while IFS=$'\t' read -r name value; do record micro "$name" "$value" ns; done
