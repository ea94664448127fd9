// The measured record of a Run.
#pragma once
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "dr/data/critical_path.h"
#include "dr/data/records.h"
#include "dr/engine/state.h"

namespace relight::dr {

struct Evidence {
  std::string run, mode, primary, recovery, fence, status;
  double run_seconds = 0, critical_path_seconds = 0;
  std::optional<double> rto_seconds;  // unknown without an outside observer's log
  std::map<std::string, double> rto_segments;
  struct Writes {
    uint64_t acknowledged = 0, present = 0, lost = 0, unaccounted = 0, after_failover = 0;
    std::vector<std::string> lost_ids;
  } writes;
  struct Objects {
    uint64_t acknowledged = 0, present = 0, lost = 0;
    std::vector<std::string> lost_keys;
  } objects;
  CallCounts calls;                        // of AWS's APIs, by region
  unsigned holders = 0, told = 0;          // processes that had a part in the run, and those whose calls are counted
  std::vector<StepTime> timeline;
  std::vector<std::string> notes;  // which certainty is missing
};

struct EvidenceInput {
  State state;
  std::string primary, recovery;
  std::vector<ProbeRecord> probes;
  std::vector<TruthRecord> truth;
  std::optional<std::set<std::string>> tokens_present,
      objects_present;  // in the recovery region; nullopt: not seen
};
Evidence make_evidence_record(const EvidenceInput& in);
std::string to_json(const Evidence& e);
std::string timeline_text(const Evidence& e);

}  // namespace relight::dr
