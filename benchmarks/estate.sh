# An application of 1,000 ECS services, some 10,000 resources: what its capture, synth's planning and all checks cost in CPU
# and memory, over an AWS that answers at once. The aims: check <= 5 s, planning <= 2 s, capture <= 200 MiB.
. benchmarks/common.sh
"$BENCH_BIN/bench_estate" | while IFS=$'\t' read -r name value unit; do record estate "$name" "$value" "$unit"; done
