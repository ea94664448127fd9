// DescribeEvents: the last 14 days, at most 2,000 a region.
#include <fmt/format.h>

#include <algorithm>

#include "sandbox/services/rds/tables.h"

namespace relight::sandbox {

namespace api = aws::rds;

void RdsService::event(const Instance& i, std::vector<std::string> categories, std::string message) {
  record(i.region, "db-instance", i.id(), *i.d.DBInstanceArn, std::move(categories), std::move(message));
}

void RdsService::record(const std::string& region, std::string_view type, std::string_view id,
                        std::string_view arn, std::vector<std::string> categories, std::string message) {
  auto& all = t_->events.in(region);
  uint64_t next = all.empty() ? 1 : std::strtoull(all.rbegin()->first.c_str(), nullptr, 10) + 1;
  t_->events.put(region, fmt::format("{:012}", next),
                 api::Event{.SourceIdentifier = std::string(id),
                            .SourceType = std::string(type),
                            .Message = std::move(message),
                            .EventCategories = std::move(categories),
                            .Date = world_.clock.now(),
                            .SourceArn = std::string(arn)});
  if (all.size() > rds::kEventLimit) {
    std::string oldest = all.begin()->first;
    t_->events.erase(region, oldest);
  }
}

void RdsService::add_events() {
  on<api::op::DescribeEvents>([this](const Call& c, const auto& in) -> R<api::EventsMessage> {
    if (in.SourceIdentifier && !in.SourceType) {
      return aws_error("InvalidParameterCombination",
                       "If SourceIdentifier is supplied, SourceType must also be provided");
    }
    int32_t minutes = in.Duration.value_or(60);
    if (minutes < 1 || minutes > 20160) {
      return aws_error("InvalidParameterValue", "Duration must be between 1 and 20160 minutes");
    }
    Instant end = in.EndTime.value_or(world_.clock.now());
    Instant from = in.StartTime.value_or(end - std::chrono::minutes(minutes));
    struct Numbered {
      std::string number;
      api::Event e;
    };
    std::vector<Numbered> all;
    for (auto& [number, e] : t_->events.in(c.region)) {
      bool ours = *e.Date >= from && *e.Date <= end && (!in.SourceType || *e.SourceType == *in.SourceType) &&
                  (!in.SourceIdentifier || *e.SourceIdentifier == rds::lower(*in.SourceIdentifier));
      if (in.EventCategories && !in.EventCategories->empty()) {
        ours = ours && std::any_of(e.EventCategories->begin(), e.EventCategories->end(), [&](auto& x) {
                 return std::find(in.EventCategories->begin(), in.EventCategories->end(), x) !=
                        in.EventCategories->end();
               });
      }
      if (ours) all.push_back({number, e});
    }
    api::EventsMessage out;
    TRY_ASSIGN(auto page, rds_page(std::move(all), in.MaxRecords, in.Marker, out.Marker,
                                   [](auto& n) { return n.number; }));
    out.Events.emplace();
    for (auto& n : page) out.Events->push_back(std::move(n.e));
    return out;
  });
}

}  // namespace relight::sandbox
