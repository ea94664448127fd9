#include "sandbox/planes/object/statements.h"

namespace relight::sandbox::object {
namespace {

// The common prefix that rolls this key up, if the delimiter occurs in it after the prefix.
std::optional<std::string> rolled_up(const std::string& key, const ListQuery& q) {
  if (q.delimiter.empty()) return std::nullopt;
  size_t cut = key.find(q.delimiter, q.prefix.size());
  if (cut == std::string::npos) return std::nullopt;
  return key.substr(0, cut + q.delimiter.size());
}

// Where the walk starts: at the prefix, or behind what was already given.
std::string first_key(const ListQuery& q, bool inside_key) {
  if (q.after.empty() || q.after < q.prefix) return q.prefix;
  if (auto p = rolled_up(q.after, q); p && *p == q.after) return after_prefix(q.after);
  return inside_key ? q.after : q.after + '\0';
}

// One cursor over keys in order that can jump over a common prefix.
template <class Row>
Result<> each_row(Statement& s, const ListQuery& q, std::string from, const std::function<bool(Row&&)>& entry,
                  const std::function<bool(const std::string&)>& prefix, Row (*read)(const Statement&)) {
  for (bool again = true; again;) {
    again = false;
    s.bind(q.bucket, from);
    for (;;) {
      auto more = s.row();
      if (!more) {
        s.reset();
        return fail(more.error());
      }
      if (!*more) break;
      Row r = read(s);
      if (!r.key.starts_with(q.prefix)) break;
      auto rolled = rolled_up(r.key, q);
      if (!rolled) {
        if (!entry(std::move(r))) break;
        continue;
      }
      if (!prefix(*rolled)) break;
      from = after_prefix(*rolled);
      again = !from.empty();
      break;
    }
    s.reset();
  }
  return {};
}

}  // namespace

Result<Listing> ObjectStore::walk(const ListQuery& q, bool all) {
  Lock g(lock_);
  Listing out;
  if (q.limit == 0) return out;
  int64_t before_seq = 0;
  if (all && q.after_version && !q.after.empty()) {
    TRY_ASSIGN(std::optional<Version> mark, exact(q.bucket, q.after, *q.after_version));
    before_seq = mark ? mark->seq : 0;
  }
  bool inside = before_seq != 0;
  auto full = [&] { return out.truncated = out.versions.size() + out.prefixes.size() >= q.limit; };
  std::function<bool(Version &&)> entry = [&](Version&& v) {
    if (inside && v.key == q.after && v.seq >= before_seq) return true;
    if (full()) return false;
    out.last = v.key;
    out.last_version = v.id;
    out.versions.push_back(std::move(v));
    return true;
  };
  Statement& s = all ? sql_->seek_all : sql_->seek_current;
  std::function<bool(const std::string&)> prefix = [&](const std::string& p) {
    if (full()) return false;
    out.last = p;
    out.last_version.clear();
    out.prefixes.push_back(p);
    return true;
  };
  std::string from = first_key(q, inside);
  if (!from.empty() || q.after.empty()) TRY(each_row<Version>(s, q, from, entry, prefix, version_of));
  return out;
}

Result<Listing> ObjectStore::list(const ListQuery& q) { return walk(q, false); }
Result<Listing> ObjectStore::list_versions(const ListQuery& q) { return walk(q, true); }

namespace {
Upload upload_of(const Statement& s) {
  return {s.text(0), s.text(1), s.text(2), instant(s.number(3)), unpack(s.text(4))};
}
}  // namespace

Result<UploadListing> ObjectStore::list_uploads(const ListQuery& q) {
  Lock g(lock_);
  UploadListing out;
  if (q.limit == 0) return out;
  bool inside = q.after_version.has_value() && !q.after.empty();
  auto full = [&] { return out.truncated = out.uploads.size() + out.prefixes.size() >= q.limit; };
  std::function<bool(Upload &&)> entry = [&](Upload&& u) {
    if (inside && u.key == q.after && u.id <= *q.after_version) return true;
    if (full()) return false;
    out.last = u.key;
    out.last_id = u.id;
    out.uploads.push_back(std::move(u));
    return true;
  };
  std::function<bool(const std::string&)> prefix = [&](const std::string& p) {
    if (full()) return false;
    out.last = p;
    out.last_id.clear();
    out.prefixes.push_back(p);
    return true;
  };
  std::string from = first_key(q, inside);
  if (!from.empty() || q.after.empty())
    TRY(each_row<Upload>(sql_->seek_uploads, q, from, entry, prefix, upload_of));
  return out;
}

}  // namespace relight::sandbox::object
