// What the object plane keeps: versions of objects, uploads and their parts, and what waits to be replicated.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace relight::sandbox::object {

// The version id of what was written while its bucket was not versioned.
inline constexpr std::string_view kNullVersion = "null";

// Headers, metadata, tags and checksums of a version, by names that the service gives them. The plane does
// not look inside, but for kReplication.
using Attributes = std::map<std::string, std::string, std::less<>>;
inline constexpr std::string_view kReplication = "replication";  // PENDING COMPLETED FAILED REPLICA

std::string pack(const Attributes& a);
Attributes unpack(std::string_view packed);

struct Version {
  int64_t seq = 0;  // grows with every write of the region: the newest of a key has the greatest
  std::string bucket, key, id;
  bool latest = false;
  bool marker = false;  // a delete marker
  uint64_t size = 0;
  std::string etag;  // without quotes
  Instant modified{};
  Attributes attributes;
};

// A conditional write: what must hold of the key's current version at the moment of the commit.
struct Expect {
  bool absent = false;              // If-None-Match: *
  std::optional<std::string> etag;  // If-Match, without quotes
  std::optional<int64_t> seq;       // the write that was looked at before
};

// Where a new version has to be copied to.
struct Destination {
  std::string region, bucket, rule;
};

struct NewVersion {
  std::string bucket, key;
  std::string id{kNullVersion};
  bool marker = false;
  std::string etag;
  Instant modified{};
  Attributes attributes;
  Expect expect;
  std::vector<Destination> replicate;
};

// One copy that is still to be made.
struct Pending {
  int64_t seq = 0;
  std::string bucket, key, id;
  Destination to;
  uint64_t size = 0;
  Instant queued{};
};
struct Backlog {
  std::string bucket;
  Destination to;
  uint64_t operations = 0, bytes = 0;
  Instant oldest{};
};

struct Upload {
  std::string id, bucket, key;
  Instant initiated{};
  Attributes attributes;
};
struct Part {
  int number = 0;
  uint64_t size = 0;
  std::string etag;  // without quotes: the MD5 of the part in hex
  Instant modified{};
  Attributes attributes;
  std::string file;  // below the store's directory
};

// Keys in the order of their bytes. `after` is exclusive; with a version id it continues inside that key.
struct ListQuery {
  std::string bucket, prefix, delimiter, after;
  std::optional<std::string> after_version;
  size_t limit = 1000;
};
struct Listing {
  std::vector<Version> versions;
  std::vector<std::string> prefixes;  // keys rolled up at the delimiter
  bool truncated = false;
  std::string last, last_version;  // the last key or prefix given; feeds `after`
};
struct UploadListing {
  std::vector<Upload> uploads;
  std::vector<std::string> prefixes;
  bool truncated = false;
  std::string last, last_id;
};

}  // namespace relight::sandbox::object
