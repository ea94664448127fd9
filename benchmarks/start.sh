# From the start of relight-sandbox to its first right answer (a signed sts:GetCallerIdentity), in fresh directories and in
# one that holds state.
. benchmarks/common.sh
port=$(free_port)
sandbox_start "$scratch/first" "$port"
sandbox_stop "$scratch/first"
for kind in fresh again; do
  /usr/bin/python3 benchmarks/first_answer.py "$BENCH_BIN/relight-sandbox" "$port" "$scratch/first" $kind 9 >"$scratch/times"
  sort -n "$scratch/times" >"$scratch/sorted"
  [ $kind = fresh ] && what="an empty directory" || what="a directory with state"
  record start "first answer, $what, median of 9" "$(sed -n 5p "$scratch/sorted")" ms
  record start "first answer, $what, slowest of 9" "$(sed -n 9p "$scratch/sorted")" ms
done
