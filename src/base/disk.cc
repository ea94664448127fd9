#include "base/disk.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <filesystem>

namespace relight {
namespace fs = std::filesystem;
namespace {

std::unexpected<Error> broken(const char* what, const std::string& path, int err) {
  Error e;
  e.code = err == ENOENT ? "Disk.NotFound" : err == ENOSPC ? "Disk.Full" : "Disk.Failed";
  e.tried = what;
  e.resource = path;
  e.message = std::strerror(err);
  if (err == ENOSPC) e.next = "free space on that file system, then run the same command again";
  return fail(std::move(e));
}

class SystemDisk final : public Disk {
 public:
  Result<std::string> read(const std::string& path) override {
    int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) return broken("read file", path, errno);
    std::string out;
    char buf[65536];
    ssize_t n;
    while ((n = ::read(fd, buf, sizeof buf)) > 0) out.append(buf, static_cast<size_t>(n));
    int err = errno;
    ::close(fd);
    if (n < 0) return broken("read file", path, err);
    return out;
  }

  Result<> write(const std::string& path, std::string_view bytes, int mode) override {
    std::error_code ec;
    fs::create_directories(fs::path(path).parent_path(), ec);
    static std::atomic<unsigned> serial{0};
    std::string tmp = fmt::format("{}.tmp.{}.{}", path, ::getpid(), serial++);
    int fd = ::open(tmp.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
    if (fd < 0) return broken("write file", path, errno);
    int err = put(fd, bytes, true);
    ::close(fd);
    if (err == 0 && ::rename(tmp.c_str(), path.c_str()) != 0) err = errno;
    if (err != 0) {
      ::unlink(tmp.c_str());
      return broken("write file", path, err);
    }
    return {};
  }

  Result<> append(const std::string& path, std::string_view bytes, bool sync) override {
    int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (fd < 0) return broken("append to file", path, errno);
    int err = put(fd, bytes, sync);
    ::close(fd);
    if (err != 0) return broken("append to file", path, err);
    return {};
  }

  Result<> remove(const std::string& path) override {
    std::error_code ec;
    fs::remove_all(path, ec);
    if (ec) return broken("remove", path, ec.value());
    return {};
  }

  Result<> make_dir(const std::string& path) override {
    std::error_code ec;
    fs::create_directories(path, ec);
    if (ec) return broken("make directory", path, ec.value());
    return {};
  }

  bool exists(const std::string& path) override {
    struct stat st;
    return ::lstat(path.c_str(), &st) == 0;
  }

  Result<std::vector<std::string>> list(const std::string& dir) override {
    std::error_code ec;
    std::vector<std::string> out;
    for (auto it = fs::directory_iterator(dir, ec); !ec && it != fs::directory_iterator(); it.increment(ec))
      out.push_back(it->path().filename());
    if (ec) return broken("list directory", dir, ec.value());
    std::sort(out.begin(), out.end());
    return out;
  }

 private:
  static int put(int fd, std::string_view bytes, bool sync) {
    while (!bytes.empty()) {
      ssize_t n = ::write(fd, bytes.data(), bytes.size());
      if (n < 0) {
        if (errno == EINTR) continue;
        return errno;
      }
      bytes.remove_prefix(static_cast<size_t>(n));
    }
    return sync && ::fsync(fd) != 0 ? errno : 0;
  }
};

}  // namespace

Disk& system_disk() {
  static SystemDisk d;
  return d;
}

std::vector<Below> everything_below(const std::string& dir) {
  std::vector<Below> out;
  std::vector<std::string> next{dir};
  while (!next.empty()) {
    std::string at = std::move(next.back());
    next.pop_back();
    std::error_code ended, gone;
    for (fs::directory_iterator e(at, ended), end; !ended && e != end; e.increment(ended)) {
      auto kind = e->symlink_status(gone).type();
      if (gone || kind == fs::file_type::not_found) continue;
      out.push_back({e->path().string(), kind == fs::file_type::directory});
      if (out.back().directory) next.push_back(out.back().path);
    }
  }
  return out;
}

}  // namespace relight
