// The two logs that evidence reads, as JSON lines.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace relight::dr {

// One attempt of `relight probe`: {"started","time","what","ok","status","token","region","picture_key",…}.
struct ProbeRecord {
  Instant started{}, ended{};
  bool write = false, ok = false;
  int status = 0;  // 0: no answer
  std::string token, region, picture_key, address, error;
};
std::string to_json(const ProbeRecord& p);  // one line, without its end
// A last line that was cut off by a crash is ignored. Error "ProbeLog.Malformed" names the line.
Result<std::vector<ProbeRecord>> read_probe_log(std::string_view text);

// What really happened and when, as the platform tells it: {time, region, service, resource, what}.
struct TruthRecord {
  Instant time{};
  std::string region, service, resource, what;
};
Result<std::vector<TruthRecord>> read_event_log(std::string_view text);

// What an outside observer saw.
struct Outage {
  bool failed = false, recovered = false;
  Instant first_failure{},
      first_sustained_write{};  // start of the failed attempt; end of the successful write
};
// Sustained: that write and the `run` after it succeeded (or all there are, if at least one follows).
Outage outage_of(const std::vector<ProbeRecord>& probes, size_t run = 5);

}  // namespace relight::dr
