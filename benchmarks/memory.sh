# The control plane's memory (the process that serves; its databases, containers and balancers are others): idle, with
# 1,000 resources, and after a restart with them.
. benchmarks/common.sh
port=$(free_port)
sandbox_start "$scratch/sandbox" "$port"
say_memory() {
  local pid
  pid=$(server_pid "$scratch/sandbox")
  record memory "resident, $1" "$(memory_of "$pid" Rss)" MiB
  record memory "proportional, $1" "$(memory_of "$pid" Pss)" MiB
}
say_memory idle
begin=$(date +%s%N)
/usr/bin/python3 benchmarks/resources.py "$AWS_ENDPOINT_URL"
record memory "time to make 1,000 resources (botocore, one client)" "$((($(date +%s%N) - begin) / 1000000))" ms
say_memory "1,000 resources"
sandbox_stop "$scratch/sandbox"
sandbox_start "$scratch/sandbox" "$port"
say_memory "1,000 resources, after a restart"
