# ./demo several times (BENCH_DEMOS, 5): how long the failover took against the critical path of what it waited for, and from
# the loss of the region to the first sustained write. Leaves the table in var/bench/failover.md.
. benchmarks/common.sh
demos=${BENCH_DEMOS:-5} failed=0
table=$(dirname "$BENCH_RESULTS")/failover.md
port=$(free_port)
{
  echo '| run | run_seconds | critical_path_seconds | ratio | rto_seconds | acknowledged | lost (named) | unaccounted | objects lost |'
  echo '|---|---|---|---|---|---|---|---|---|'
} >"$table"
for n in $(seq "$demos"); do
  if ! RELIGHT_BIN=$BENCH_BIN RELIGHT_LISTEN=127.0.0.1:$port ./demo >"$scratch/demo" 2>&1; then
    tail -n 5 "$scratch/demo" >&2
    failed=$((failed + 1))
    continue
  fi
  jq -r --arg n "$n" '"| " + ([$n, .run_seconds, .critical_path_seconds, .run_seconds / .critical_path_seconds, .rto_seconds]
    | map(tonumber * 1000 | round / 1000 | tostring) | join(" | ")) + " | " + ([.writes.acknowledged, .writes.lost,
    .writes.unaccounted, .objects.lost] | map(tostring) | join(" | ")) + " |"' var/demo/evidence.json | tee -a "$table" | sed 's/^/   /'
done
# column N: sorted values of a column of the table
column() { awk -F'|' -v n="$1" 'NR > 2 {print $(n + 1) + 0}' "$table" | sort -n; }
middle() { sed -n "$(((demos - failed + 1) / 2))p"; }
record failover "runs" "$demos" demos
record failover "of these failed" "$failed" demos
[ "$failed" -lt "$demos" ] || exit 1
record failover "run_seconds, median" "$(column 2 | middle)" s
record failover "run_seconds / critical_path_seconds, median" "$(column 4 | middle)" x
record failover "run_seconds / critical_path_seconds, worst" "$(column 4 | tail -1)" x
record failover "region lost to first sustained write, median" "$(column 5 | middle)" s
record failover "unaccounted writes, all runs" "$(column 8 | awk '{n += $1} END {print n}')" writes
[ "$failed" = 0 ]
