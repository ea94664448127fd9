# An application of 1,000 ECS services, some 10,000 resources: how long its capture takes under AWS's published request rates
# and how that compares with the least that they allow, and what capture, synth and all checks cost in CPU and memory. In
# real time: some minutes. The aims: capture <= 1.2 of its bound and <= 200 MiB, check <= 5 s, synth <= 2 s.
. benchmarks/common.sh
"$BENCH_BIN/bench_estate" | while IFS=$'\t' read -r name value unit; do record estate "$name" "$value" "$unit"; done
