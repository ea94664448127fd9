#include "sandbox/services/ecr/blobs.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "base/bytes.h"
#include "base/disk.h"

namespace relight::sandbox::ecr {
namespace {
namespace fs = std::filesystem;
constexpr uint64_t kChunk = 1 << 20;

std::unexpected<Error> disk_failed(const std::string& path, const std::string& why) {
  Error e;
  e.code = "Ecr.Disk";
  e.tried = "keep a layer";
  e.resource = path;
  e.message = why;
  return fail(std::move(e));
}

Result<> make_parent(const std::string& path) {
  std::error_code ec;
  fs::create_directories(fs::path(path).parent_path(), ec);
  if (ec) return disk_failed(path, ec.message());
  return {};
}

Result<std::string> file_digest(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return disk_failed(path, "it cannot be read");
  Digest d(Digest::Kind::kSha256);
  std::string chunk(kChunk, 0);
  while (in) {
    in.read(chunk.data(), static_cast<std::streamsize>(chunk.size()));
    d.update(std::string_view(chunk).substr(0, static_cast<size_t>(in.gcount())));
  }
  return "sha256:" + hex(d.finish());
}

}  // namespace

bool is_digest(std::string_view text) {
  return text.size() == 71 && text.starts_with("sha256:") &&
         text.find_first_not_of("0123456789abcdef", 7) == text.npos;
}

std::string digest_of(std::string_view bytes) { return "sha256:" + hex(sha256(bytes)); }

std::string Blobs::path(const std::string& digest) const {
  return is_digest(digest) ? dir_ + "/sha256/" + digest.substr(7) : "";
}

std::optional<uint64_t> Blobs::size(const std::string& digest) const {
  std::error_code ec;
  auto p = path(digest);
  auto n = p.empty() ? 0 : fs::file_size(p, ec);
  return p.empty() || ec ? std::nullopt : std::optional<uint64_t>(n);
}

Result<> Blobs::put(const std::string& digest, std::string_view bytes) {
  return size(digest) ? Result<>{} : system_disk().write(path(digest), bytes);
}

Result<> Blobs::take_from(const Blobs& other, const std::string& digest) {
  if (size(digest)) return {};
  auto from = other.path(digest), to = path(digest), fresh = to + ".new";
  TRY(make_parent(to));
  std::error_code ec;
  fs::remove(fresh, ec);
  fs::create_hard_link(from, fresh, ec);
  if (ec) fs::copy_file(from, fresh, fs::copy_options::overwrite_existing, ec);
  if (!ec) fs::rename(fresh, to, ec);
  if (ec) return disk_failed(to, ec.message());
  return {};
}

Result<uint64_t> Blobs::append(const std::string& upload, const http::Body& body) {
  auto file = upload_path(upload);
  TRY(make_parent(file));
  std::ofstream out(file, std::ios::binary | std::ios::app);
  for (uint64_t at = 0; at < body.size(); at += kChunk) {
    TRY_ASSIGN(auto chunk, body.read(at, kChunk));
    out.write(chunk.data(), static_cast<std::streamsize>(chunk.size()));
  }
  out.close();
  if (!out) return disk_failed(file, "it cannot be written");
  return uploaded(upload);
}

uint64_t Blobs::uploaded(const std::string& upload) const {
  std::error_code ec;
  auto n = fs::file_size(upload_path(upload), ec);
  return ec ? 0 : n;
}

Result<> Blobs::finish(const std::string& upload, const std::string& digest) {
  auto file = upload_path(upload);
  if (uploaded(upload) == 0) TRY(append(upload, http::Body("")));  // an empty layer is a file too
  TRY_ASSIGN(auto is, file_digest(file));
  if (is != digest) return fail("Ecr.Digest", "the bytes have the digest " + is);
  TRY(make_parent(path(digest)));
  std::error_code ec;
  fs::rename(file, path(digest), ec);
  if (ec) return disk_failed(file, ec.message());
  return {};
}

void Blobs::drop(const std::string& upload) {
  std::error_code ec;
  fs::remove(upload_path(upload), ec);
}

void Blobs::drop_all_uploads() {
  std::error_code ec;
  fs::remove_all(dir_ + "/uploads", ec);
}

}  // namespace relight::sandbox::ecr
