#include "sandbox/planes/object/content.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "aws/http/pieces.h"
#include "base/bytes.h"

namespace relight::sandbox::object {
namespace {

constexpr size_t kChunk = 256 * 1024;

std::unexpected<Error> failed(std::string_view tried, const std::string& path) {
  int err = errno;
  Error e;
  e.code = err == ENOSPC ? "Disk.Full" : err == ENOENT ? "Disk.NotFound" : "Disk.Failed";
  e.tried = tried;
  e.resource = path;
  e.message = std::strerror(err);
  e.next = err == ENOSPC ? "free space in the sandbox's directory" : "";
  e.http_status = 500;
  return fail(std::move(e));
}

struct Fd {
  int fd = -1;
  ~Fd() {
    if (fd >= 0) ::close(fd);
  }
};

std::string big_endian(uint32_t v) {
  return {static_cast<char>(v >> 24), static_cast<char>(v >> 16), static_cast<char>(v >> 8),
          static_cast<char>(v)};
}

Result<> write_all(int fd, std::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return failed("write an object", path);
    bytes.remove_prefix(static_cast<size_t>(n));
  }
  return {};
}

// Inside the kernel where it can be (same or capable file systems), by read and write elsewhere.
Result<> copy_range(int from, uint64_t offset, uint64_t size, int to, const std::string& path) {
  auto at = static_cast<off_t>(offset);
  bool in_kernel = true;
  std::string buffer;
  while (size > 0) {
    ssize_t n =
        in_kernel ? ::copy_file_range(from, &at, to, nullptr, std::min<uint64_t>(size, 1u << 30), 0) : -1;
    if (n <= 0 && in_kernel) {
      if (n < 0 && errno == ENOSPC) return failed("write an object", path);
      in_kernel = false;
      buffer.resize(kChunk);
      continue;
    }
    if (!in_kernel) {
      n = ::pread(from, buffer.data(), std::min<uint64_t>(size, kChunk), at);
      if (n < 0 && errno == EINTR) continue;
      if (n == 0) errno = EIO;
      if (n <= 0) return failed("read a spooled body", path);
      TRY(write_all(to, std::string_view(buffer).substr(0, static_cast<size_t>(n)), path));
      at += n;
    }
    size -= static_cast<uint64_t>(n);
  }
  return {};
}

// A body spooled into an unnamed file of the same file system only needs a name.
bool name_unnamed(const http::FileSlice& f, const std::string& path) {
  struct stat st {};
  if (f.offset != 0 || ::fstat(*f.fd, &st) != 0 || static_cast<uint64_t>(st.st_size) != f.size) return false;
  if (st.st_nlink != 0) return false;  // somebody else's file may still change
  std::string self = "/proc/self/fd/" + std::to_string(*f.fd);
  return ::linkat(AT_FDCWD, self.c_str(), AT_FDCWD, path.c_str(), AT_SYMLINK_FOLLOW) == 0;
}

Result<int> create(const std::string& path) {
  int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return failed("make an object's file", path);
  return fd;
}

}  // namespace

Result<std::string> md5_of(const http::Body& body) {
  if (auto* m = body.memory()) return md5(*m);
  Digest d(Digest::Kind::kMd5);
  TRY(http::each_piece(body, [&](std::string_view c) { d.update(c); }));
  return d.finish();
}

Result<std::string> checksum_of(const http::Body& body, Checksum c) {
  if (c == Checksum::kCrc32 || c == Checksum::kCrc32c) {
    uint32_t crc = 0;
    auto step = c == Checksum::kCrc32 ? crc32 : crc32c;
    TRY(http::each_piece(body, [&](std::string_view b) { crc = step(b, crc); }));
    return base64(big_endian(crc));
  }
  Digest d(c == Checksum::kSha1 ? Digest::Kind::kSha1 : Digest::Kind::kSha256);
  TRY(http::each_piece(body, [&](std::string_view b) { d.update(b); }));
  return base64(d.finish());
}

Content::~Content() {
  if (!file.empty()) ::unlink(file.c_str());
}
Content::Content(Content&& o) noexcept
    : size(o.size), bytes(std::move(o.bytes)), file(std::exchange(o.file, std::string())) {}
Content& Content::operator=(Content&& o) noexcept {
  std::swap(size, o.size);
  std::swap(bytes, o.bytes);
  std::swap(file, o.file);
  return *this;
}

Result<Content> stage_file(const http::Body& body, std::string path) {
  Content c;
  c.size = body.size();
  if (body.file() && name_unnamed(*body.file(), path)) {
    c.file = std::move(path);
    return c;
  }
  TRY_ASSIGN(int made, create(path));
  Fd out{made};
  c.file = path;
  if (auto* m = body.memory()) {
    TRY(write_all(out.fd, *m, path));
  } else {
    TRY(copy_range(*body.file()->fd, body.file()->offset, body.size(), out.fd, path));
  }
  return c;
}

Result<Content> stage_joined(const std::vector<std::string>& files, std::string path) {
  Content c;
  struct stat st {};
  if (files.size() == 1 && ::stat(files[0].c_str(), &st) == 0 &&
      ::link(files[0].c_str(), path.c_str()) == 0) {
    c.size = static_cast<uint64_t>(st.st_size);
    c.file = std::move(path);
    return c;
  }
  TRY_ASSIGN(int made, create(path));
  Fd out{made};
  c.file = path;
  for (auto& f : files) {
    TRY_ASSIGN(http::FileSlice s, http::open_slice(f));
    TRY(copy_range(*s.fd, 0, s.size, out.fd, path));
    c.size += s.size;
  }
  return c;
}

}  // namespace relight::sandbox::object
