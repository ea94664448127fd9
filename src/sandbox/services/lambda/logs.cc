// A function's words in CloudWatch Logs: /aws/lambda/NAME, a stream an environment. Whether the function's
// role may write there is not judged.
#include "aws/gen/logs.h"

#include "base/bytes.h"
#include "sandbox/services/lambda/service.h"

namespace relight::sandbox {
namespace logs = aws::logs;

void LambdaService::write_logs(Region r, const std::string& name, const std::string& stream,
                               const std::string& text) {
  if (no_logs_ || !world_.links().up(r)) return;
  std::string group = "/aws/lambda/" + name;
  auto made = world_.call<logs::op::CreateLogGroup>(r, {.logGroupName = group});
  if (!made && made.error().code == "NotImplemented") {
    no_logs_ = true;  // this sandbox has no such service
    return;
  }
  // It is there already from the second line on; what else may be wrong PutLogEvents says.
  (void)world_.call<logs::op::CreateLogStream>(r, {.logGroupName = group, .logStreamName = stream});
  logs::op::PutLogEvents::Input in;
  in.logGroupName = group;
  in.logStreamName = stream;
  in.logEvents.emplace();
  int64_t now = world_.clock.now().time_since_epoch().count();
  for (auto& line : split(text, '\n'))
    if (!line.empty()) in.logEvents->push_back({.timestamp = now, .message = line + "\n"});
  if (in.logEvents->empty()) return;
  if (auto put = world_.call<logs::op::PutLogEvents>(r, in); !put)
    world_.event(r, "lambda", name, "what it said is in no log: " + put.error().text());
}

}  // namespace relight::sandbox
