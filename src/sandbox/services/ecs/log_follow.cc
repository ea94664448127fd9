// Carries what containers with the awslogs driver write to CloudWatch Logs, in batches as the driver does.
#include <algorithm>
#include <memory>

#include "sandbox/services/ecs/service.h"

namespace relight::sandbox {

using namespace ecs;

namespace {

struct LogJob {
  std::string key, path;  // of the task; of the file
  LogTarget to;
  Tail from;
  bool ended = false;
  NewLines found{};
};

}  // namespace

void EcsService::follow_logs(const std::string& region) {
  if (!following_.insert(region).second) return;
  Millis each = std::max(world_.poll_interval(std::chrono::seconds(5)), Millis{200});
  later(region, each, [this, region] {
    following_.erase(region);
    collect_logs(region);
  });
}

void EcsService::collect_logs(const std::string& region) {
  auto jobs = std::make_shared<std::vector<LogJob>>();
  for (auto& [key, t] : tasks_.in(region)) {
    auto open = t.x.find("logs");
    auto def = definition(region, *t.v.taskDefinitionArn, false);
    if (open == t.x.end() || open->second != "open" || !def) continue;
    std::string id = key.substr(key.find('/') + 1);
    for (auto& to : log_targets(*(*def)->v.taskDefinition, id)) {
      std::string path = world_.dir(region, "ecs") + "/" + id + "-" + to.container + ".log";
      Tail from{std::strtoull(t.x["log-" + to.container].c_str(), nullptr, 10), log_ends_[path]};
      jobs->push_back({key, path, to, from, t.v.lastStatus == "STOPPED"});
    }
  }
  if (jobs->empty()) return;
  work(
      region,
      [jobs] {
        for (auto& j : *jobs) j.found = read_new(j.path, j.from, j.ended);
      },
      [this, region, jobs] {
        std::map<std::string, bool> finished;  // of a task: all of its containers' files are read to the end
        for (auto& j : *jobs) {
          auto* t = tasks_.find(region, j.key);
          if (!t) continue;
          auto& [key, done] = *finished.try_emplace(j.key, true).first;
          bool delivered = j.found.lines.empty() || deliver_logs(world_, region, j.to, j.found.lines);
          done = done && j.ended && delivered && !j.found.more;
          if (!delivered || j.found.after.offset == j.from.offset) continue;
          t->x["log-" + j.to.container] = std::to_string(j.found.after.offset);
          log_ends_[j.path] = j.found.after.last;
          save(region, j.key, *t);
        }
        for (auto& [key, done] : finished) {
          if (!done) continue;
          auto* t = tasks_.find(region, key);
          t->x["logs"] = "done";
          save(region, key, *t);
          std::erase_if(log_ends_, [&, id = key.substr(key.find('/') + 1)](auto& e) {
            return e.first.find("/" + id + "-") != e.first.npos;
          });
        }
        follow_logs(region);
      });
}

}  // namespace relight::sandbox
