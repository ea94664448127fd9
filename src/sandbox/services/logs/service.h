// CloudWatch Logs: groups, streams and events, with retention on the sandbox's clock. See README.md.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "aws/gen/logs.h"
#include "sandbox/gateway/service.h"
#include "sandbox/services/logs/shelf.h"
#include "sandbox/world/row.h"

namespace relight::sandbox {

namespace logs {
namespace api = aws::logs;
using Group = Row<api::LogGroup>;
using GroupTags = Row<api::ListTagsLogGroupResponse>;
using Filter = Row<api::MetricFilter>;

// A stream with its number on the shelf.
struct Stream {
  api::LogStream v;
  uint64_t number = 0;
  std::string save() const;
  static Result<Stream> load(const std::string& json);
};

std::unexpected<Error> invalid(const std::string& why);  // "InvalidParameterException"
}  // namespace logs

class LogsService final : public Service {
 public:
  explicit LogsService(World& w);
  void start() override;  // begins to carry out retention

 private:
  using Region = const std::string&;
  using Name = const std::string&;
  using MaybeName = std::optional<std::string>;
  void add_groups();
  void add_group_reads();
  void add_retention();
  void add_tags();
  void add_streams();
  void add_put();
  void add_get();
  void add_filter();
  void add_metric_filters();

  // "ResourceNotFoundException", in AWS's words.
  Result<logs::Group*> group(Region r, const MaybeName& name);
  Result<logs::Stream*> stream(Region r, const MaybeName& group, const MaybeName& name);
  Result<std::string> group_of_arn(Region r, Name arn);
  Result<> set_tags(Region r, Name group, const std::map<std::string, std::string>& more);
  void drop_tags(Region r, Name group, const std::vector<std::string>& keys);

  void drop_stream(Region r, Name group, Name stream);
  // The earliest time that retention has left; 0 when nothing expires.
  int64_t horizon(const logs::Group& g) const;
  void expire();  // every poll_interval(1 h)
  int64_t now() const { return world_.clock.now().time_since_epoch().count(); }

  Result<logs::api::PutLogEventsResponse> put(const Call& c, const logs::api::PutLogEventsRequest& in);
  Result<logs::api::GetLogEventsResponse> get(const Call& c, const logs::api::GetLogEventsRequest& in);
  Result<logs::api::FilterLogEventsResponse> filter(const Call& c,
                                                    const logs::api::FilterLogEventsRequest& in);
  // The streams that a search goes through, by name.
  Result<std::map<std::string, logs::Stream*>> searched(Region r,
                                                        const logs::api::FilterLogEventsRequest& in);

  Table<logs::Group> groups_;    // by name
  Table<logs::GroupTags> tags_;  // by group
  Table<logs::Stream> streams_;  // "GROUP|STREAM"
  Table<logs::Filter> filters_;  // "GROUP|NAME"
  logs::Shelf shelf_;
  uint64_t next_stream_ = 1;
};

}  // namespace relight::sandbox
