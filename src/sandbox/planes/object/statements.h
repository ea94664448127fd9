// The store's SQL in one place. Private to the plane.
#pragma once
#include "sandbox/planes/object/store.h"

namespace relight::sandbox::object {

inline constexpr const char* kSchema = R"sql(
CREATE TABLE IF NOT EXISTS buckets(name BLOB PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS versions(
  seq INTEGER PRIMARY KEY AUTOINCREMENT, bucket BLOB NOT NULL, key BLOB NOT NULL, id BLOB NOT NULL,
  latest INTEGER NOT NULL, marker INTEGER NOT NULL, size INTEGER NOT NULL, etag BLOB NOT NULL,
  modified INTEGER NOT NULL, attributes BLOB NOT NULL, file BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS by_key ON versions(bucket, key, seq DESC);
CREATE INDEX IF NOT EXISTS current ON versions(bucket, key) WHERE latest = 1;
CREATE TABLE IF NOT EXISTS bodies(seq INTEGER PRIMARY KEY, bytes BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS uploads(
  id BLOB PRIMARY KEY, bucket BLOB NOT NULL, key BLOB NOT NULL, initiated INTEGER NOT NULL, attributes BLOB NOT NULL)
  WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS uploads_by_key ON uploads(bucket, key, id);
CREATE TABLE IF NOT EXISTS parts(
  upload BLOB NOT NULL, number INTEGER NOT NULL, size INTEGER NOT NULL, etag BLOB NOT NULL, modified INTEGER NOT NULL,
  attributes BLOB NOT NULL, file BLOB NOT NULL, PRIMARY KEY(upload, number)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS pending(
  seq INTEGER PRIMARY KEY AUTOINCREMENT, bucket BLOB NOT NULL, key BLOB NOT NULL, id BLOB NOT NULL,
  region BLOB NOT NULL, target BLOB NOT NULL, rule BLOB NOT NULL, size INTEGER NOT NULL, queued INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS pending_of ON pending(bucket, key, id);
)sql";

#define RELIGHT_VERSION_COLUMNS "seq, bucket, key, id, latest, marker, size, etag, modified, attributes"

struct ObjectStore::Statements {
  explicit Statements(Database& db) : db(db) {}
  Database& db;
#define RELIGHT_SQL(name, text) Statement name = db.prepare(text)
  RELIGHT_SQL(add_bucket, "INSERT OR IGNORE INTO buckets VALUES(?1)");
  RELIGHT_SQL(drop_bucket, "DELETE FROM buckets WHERE name = ?1");
  RELIGHT_SQL(buckets, "SELECT name FROM buckets");
  RELIGHT_SQL(any, "SELECT 1 FROM versions WHERE bucket = ?1 LIMIT 1");
  RELIGHT_SQL(uploads_in, "SELECT id FROM uploads WHERE bucket = ?1");

  RELIGHT_SQL(current, "SELECT " RELIGHT_VERSION_COLUMNS
                       ", file FROM versions WHERE bucket = ?1 AND key = ?2 AND latest = 1");
  RELIGHT_SQL(exact, "SELECT " RELIGHT_VERSION_COLUMNS
                     ", file FROM versions WHERE bucket = ?1 AND key = ?2 AND id = ?3");
  RELIGHT_SQL(seek_current,
              "SELECT " RELIGHT_VERSION_COLUMNS
              " FROM versions WHERE bucket = ?1 AND key >= ?2 AND latest = 1 AND marker = 0 ORDER BY key");
  RELIGHT_SQL(seek_all, "SELECT " RELIGHT_VERSION_COLUMNS
                        " FROM versions WHERE bucket = ?1 AND key >= ?2 ORDER BY key, seq DESC");
  RELIGHT_SQL(insert,
              "INSERT INTO versions(bucket, key, id, latest, marker, size, etag, modified, attributes, file)"
              " VALUES(?1, ?2, ?3, 1, ?4, ?5, ?6, ?7, ?8, ?9)");
  RELIGHT_SQL(dethrone, "UPDATE versions SET latest = 0 WHERE bucket = ?1 AND key = ?2 AND latest = 1");
  RELIGHT_SQL(crown,
              "UPDATE versions SET latest = 1 WHERE seq ="
              " (SELECT seq FROM versions WHERE bucket = ?1 AND key = ?2 ORDER BY seq DESC LIMIT 1)");
  RELIGHT_SQL(erase, "DELETE FROM versions WHERE seq = ?1");
  RELIGHT_SQL(file_of, "SELECT file FROM versions WHERE seq = ?1");
  RELIGHT_SQL(attributes, "UPDATE versions SET attributes = ?2 WHERE seq = ?1");
  RELIGHT_SQL(add_body, "INSERT INTO bodies(seq, bytes) VALUES(?1, ?2)");
  RELIGHT_SQL(body, "SELECT bytes FROM bodies WHERE seq = ?1");
  RELIGHT_SQL(erase_body, "DELETE FROM bodies WHERE seq = ?1");

  RELIGHT_SQL(add_upload, "INSERT INTO uploads VALUES(?1, ?2, ?3, ?4, ?5)");
  RELIGHT_SQL(upload, "SELECT id, bucket, key, initiated, attributes FROM uploads WHERE id = ?1");
  RELIGHT_SQL(seek_uploads,
              "SELECT id, bucket, key, initiated, attributes FROM uploads"
              " WHERE bucket = ?1 AND key >= ?2 ORDER BY key, id");
  RELIGHT_SQL(erase_upload, "DELETE FROM uploads WHERE id = ?1");
  RELIGHT_SQL(put_part, "INSERT OR REPLACE INTO parts VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)");
  RELIGHT_SQL(part_file, "SELECT file FROM parts WHERE upload = ?1 AND number = ?2");
  RELIGHT_SQL(
      parts,
      "SELECT number, size, etag, modified, attributes, file FROM parts WHERE upload = ?1 ORDER BY number");
  RELIGHT_SQL(erase_parts, "DELETE FROM parts WHERE upload = ?1");

  RELIGHT_SQL(enqueue,
              "INSERT INTO pending(bucket, key, id, region, target, rule, size, queued)"
              " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)");
  RELIGHT_SQL(pending,
              "SELECT seq, bucket, key, id, region, target, rule, size, queued FROM pending"
              " WHERE queued <= ?1 ORDER BY seq LIMIT ?2");
  RELIGHT_SQL(oldest, "SELECT queued FROM pending ORDER BY seq LIMIT 1");
  RELIGHT_SQL(settle, "DELETE FROM pending WHERE seq = ?1");
  RELIGHT_SQL(forget, "DELETE FROM pending WHERE bucket = ?1 AND key = ?2 AND id = ?3");
  RELIGHT_SQL(left, "SELECT 1 FROM pending WHERE bucket = ?1 AND key = ?2 AND id = ?3 LIMIT 1");
  RELIGHT_SQL(backlog,
              "SELECT bucket, region, target, rule, count(*), sum(size), min(queued) FROM pending"
              " GROUP BY bucket, region, target, rule");
  RELIGHT_SQL(backlog_size, "SELECT count(*) FROM pending");
#undef RELIGHT_SQL
};

inline int64_t millis(Instant t) { return t.time_since_epoch().count(); }
inline Instant instant(int64_t ms) { return Instant{Millis{ms}}; }

inline Version version_of(const Statement& s) {
  return {.seq = s.number(0),
          .bucket = s.text(1),
          .key = s.text(2),
          .id = s.text(3),
          .latest = s.number(4) != 0,
          .marker = s.number(5) != 0,
          .size = static_cast<uint64_t>(s.number(6)),
          .etag = s.text(7),
          .modified = instant(s.number(8)),
          .attributes = unpack(s.text(9))};
}

// The first key after all that start with prefix; empty when there is none.
inline std::string after_prefix(std::string prefix) {
  while (!prefix.empty() && static_cast<unsigned char>(prefix.back()) == 0xff) prefix.pop_back();
  if (!prefix.empty()) prefix.back() = static_cast<char>(static_cast<unsigned char>(prefix.back()) + 1);
  return prefix;
}

}  // namespace relight::sandbox::object
