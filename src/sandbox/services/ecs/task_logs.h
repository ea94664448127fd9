// The awslogs log driver: what a container writes arrives in CloudWatch Logs ("Send Amazon ECS logs to
// CloudWatch", developer guide). The container plane writes files; this reads what is new in them.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sandbox/services/ecs/rows.h"
#include "sandbox/world/world.h"

namespace relight::sandbox::ecs {

struct LogTarget {
  std::string container, group, stream, region;
  bool create_group = false;
};

// None unless the container uses awslogs.
std::optional<LogTarget> log_target(const api::ContainerDefinition& c, const std::string& task_id);
std::vector<LogTarget> log_targets(const api::TaskDefinition& d, const std::string& task_id);

// A container's logConfiguration, when its task definition is registered. "ClientException".
Result<> check_logging(const api::ContainerDefinition& c);

// Before a task's containers start: its streams, and the groups that may be made.
// "ResourceInitializationError" in the words that the stopped task then shows.
Result<> open_log_streams(World& w, const std::string& here, const std::vector<LogTarget>& targets);

// How far a log file has been read. `last` is the end of what was read: by it the place is found again when
// the plane has cut the file.
struct Tail {
  uint64_t offset = 0;
  std::string last;
};
struct NewLines {
  std::vector<std::string> lines;
  Tail after;
  bool more = false;  // there was more than one answer holds
};
// Blocks. Whole lines only, unless the writer has `ended`. A file that is not there has no lines.
NewLines read_new(const std::string& path, const Tail& from, bool ended);

// Into the stream, all of now. False: they could not be delivered yet. Lines for a group that is gone are
// dropped, as the driver drops them.
bool deliver_logs(World& w, const std::string& here, const LogTarget& to,
                  const std::vector<std::string>& lines);

}  // namespace relight::sandbox::ecs
