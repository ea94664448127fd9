#include "app/snapshots.h"

#include <fmt/format.h>

#include <algorithm>

#include "aws/gen/rds.h"
#include "dr/capture/topology_capture.h"

namespace relight::app {
namespace {
namespace rds = aws::rds;
using Snapshots = std::vector<rds::DBSnapshot>;
constexpr const char* kTag = "relight:sync";  // its value: the application

aws::CallOptions snapshots_of(const std::string& region) { return {region, Millis(30000)}; }

Result<Snapshots> list(Workshop& w, const std::string& region, const std::string& database) {
  Snapshots out;
  rds::DescribeDBSnapshotsMessage in{.DBInstanceIdentifier = database};
  do {
    TRY_ASSIGN(auto page, rds::Client(w.aws->patient()).DescribeDBSnapshots(in, snapshots_of(region)));
    std::ranges::move(std::move(page.DBSnapshots).value_or(Snapshots{}), std::back_inserter(out));
    in.Marker = page.Marker;
  } while (in.Marker && !in.Marker->empty());
  // One that is still being made has no time yet: it is the newest.
  std::ranges::sort(out, std::greater{},
                    [](auto& s) { return s.SnapshotCreateTime.value_or(Instant::max()); });
  return out;
}

bool made_by_us(const rds::DBSnapshot& s, const std::string& application) {
  return std::ranges::any_of(s.TagList.value_or(std::vector<rds::Tag>{}),
                             [&](auto& t) { return t.Key == kTag && t.Value == application; });
}

// "relight-lamp-db-2026-11-29-03-10": the source's name as an identifier of ours, which has no colon.
std::string copy_name(const std::string& source) {
  auto name = "relight-" + source.substr(source.find(':') == source.npos ? 0 : source.find(':') + 1);
  constexpr size_t kLongest = 255;
  return name.substr(0, kLongest);
}

// What a copy takes from the replica beside which it lies: a key and an option group are their region's own.
struct Beside {
  std::optional<std::string> key, options;
};

Result<Beside> beside(Workshop& w, const std::string& replica) {
  if (replica.empty()) return Beside{};
  TRY_ASSIGN(auto page, rds::Client(w.aws->patient())
                            .DescribeDBInstances({.DBInstanceIdentifier = replica},
                                                 snapshots_of(w.config.recovery.region)));
  if (!page.DBInstances || page.DBInstances->empty()) return Beside{};
  auto& d = page.DBInstances->front();
  Beside out{.key = d.KmsKeyId};
  for (auto& g : d.OptionGroupMemberships.value_or(std::vector<rds::OptionGroupMembership>{}))
    if (auto name = g.OptionGroupName.value_or(""); !name.starts_with("default:")) out.options = name;
  return out;
}

// "Copying a DB snapshot", RDS User Guide: an encrypted one comes under a key of the region it comes to. The
// presigned request that its API reference asks for "applies only to Amazon Web Services GovCloud (US)
// Regions" (PreSignedUrl of CopyDBSnapshot), for which no pilot is planned ("Synth.Partition").
Result<> begin_copy(Workshop& w, const rds::DBSnapshot& s, const std::string& name, const Beside& replica) {
  auto& c = w.config;
  rds::CopyDBSnapshotMessage in{.SourceDBSnapshotIdentifier = *s.DBSnapshotArn,
                                .TargetDBSnapshotIdentifier = name,
                                .Tags = std::vector<rds::Tag>{{.Key = kTag, .Value = c.application}},
                                .OptionGroupName = replica.options};
  if (s.Encrypted.value_or(false)) in.KmsKeyId = replica.key.value_or("alias/aws/rds");
  TRY(rds::Client(w.aws->patient()).CopyDBSnapshot(in, snapshots_of(c.recovery.region)));
  return {};
}

// Those beyond what is kept; a copy that is not whole yet keeps no older one from being counted.
Result<size_t> remove_oldest(Workshop& w, const Snapshots& ours, size_t keep, bool plan) {
  size_t n = 0;
  size_t whole = 0;
  for (auto& s : ours) {
    auto name = s.DBSnapshotIdentifier.value_or("");
    bool beyond = s.Status == "failed" || (s.Status == "available" && ++whole > keep);
    if (!beyond) continue;
    ++n;
    fmt::print("  {} Remove the copy {}: {} are kept\n", plan ? "would:" : "*", name, keep);
    if (!plan)
      TRY(rds::Client(w.aws->patient())
              .DeleteDBSnapshot({.DBSnapshotIdentifier = name}, snapshots_of(w.config.recovery.region)));
  }
  return n;
}

struct Databases {
  std::string primary, replica;
};

Result<Databases> databases(Workshop& w) {
  auto seen = dr::capture_topology(w.aws->patient(), w.config, Millis(20000));
  if (auto& name = seen.topology.primary.database; !name.empty())
    return Databases{name, seen.topology.recovery.database};
  for (auto& e : seen.unseen)
    if (e.resource == w.config.primary.stack) return fail(e);
  return fail(Error{.code = "Sync.NoDatabase",
                    .message = "neither relight.yaml nor the stack names the primary's database",
                    .tried = "copy the primary's snapshots",
                    .region = w.config.primary.region,
                    .next = "name it as resources.primary.database, or leave sync.keep_snapshots out"});
}

}  // namespace

Result<size_t> copy_snapshots(Workshop& w, bool plan) {
  auto keep = size_t(w.config.sync.keep_snapshots);
  if (keep == 0) return size_t(0);
  TRY_ASSIGN(auto found, databases(w));
  auto& database = found.primary;
  TRY_ASSIGN(auto theirs, list(w, w.config.primary.region, database));
  TRY_ASSIGN(auto ours, list(w, w.config.recovery.region, database));
  std::erase_if(ours, [&](auto& s) { return !made_by_us(s, w.config.application); });
  auto newest = std::ranges::find(theirs, "available", [](auto& s) { return s.Status.value_or(""); });
  // Before the copy: one that failed has the name that its next attempt wants.
  TRY_ASSIGN(size_t removed, remove_oldest(w, ours, keep, plan));
  size_t begun = 0;
  if (newest == theirs.end()) {
    fmt::print("  {} in {} has no snapshot yet that could be copied\n", database, w.config.primary.region);
  } else if (std::ranges::none_of(ours, [&](auto& s) {
               return s.SourceDBSnapshotIdentifier == newest->DBSnapshotArn && s.Status != "failed";
             })) {
    auto name = copy_name(newest->DBSnapshotIdentifier.value_or(""));
    fmt::print("  {} Copy the snapshot {} to {} as {}\n", plan ? "would:" : "*",
               newest->DBSnapshotIdentifier.value_or(""), w.config.recovery.region, name);
    if (!plan) {
      TRY_ASSIGN(auto replica, beside(w, found.replica));
      TRY(begin_copy(w, *newest, name, replica));
    }
    begun = 1;
  }
  return begun + removed;
}

}  // namespace relight::app
