#include "sandbox/planes/container/tar.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <map>
#include <memory>
#include <vector>

namespace relight::sandbox::container {
namespace {

class Fd {
 public:
  explicit Fd(int fd = -1) : fd_(fd) {}
  Fd(Fd&& o) noexcept : fd_(o.fd_) { o.fd_ = -1; }
  Fd& operator=(Fd&& o) noexcept {
    std::swap(fd_, o.fd_);
    return *this;
  }
  ~Fd() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

struct Entry {
  std::string name, link;
  char type = '0';
  mode_t mode = 0;
  uint64_t size = 0;
  uid_t uid = 0;
  gid_t gid = 0;
};

std::unexpected<Error> bad(const std::string& why, const std::string& name) {
  Error e;
  e.code = "Container.BadLayer";
  e.tried = "unpack image layer";
  e.resource = name;
  e.message = why;
  return fail(std::move(e));
}

std::string field(const char* p, size_t n) { return {p, strnlen(p, n)}; }

uint64_t number(const char* p, size_t n) {
  uint64_t v = 0;
  if (static_cast<unsigned char>(p[0]) & 0x80) {  // GNU base-256
    for (size_t i = n - 8; i < n; ++i) v = v << 8 | static_cast<unsigned char>(p[i]);
    return v;
  }
  for (size_t i = 0; i < n && p[i]; ++i)
    if (p[i] >= '0' && p[i] <= '7') v = v * 8 + static_cast<uint64_t>(p[i] - '0');
  return v;
}

std::map<std::string, std::string> pax(const std::string& s) {
  std::map<std::string, std::string> out;
  for (size_t at = 0; at < s.size();) {
    size_t space = s.find(' ', at);
    if (space == std::string::npos) break;
    size_t length = std::strtoul(s.c_str() + at, nullptr, 10), eq = s.find('=', space);
    if (length == 0 || at + length > s.size() || eq == std::string::npos || eq >= at + length) break;
    out[s.substr(space + 1, eq - space - 1)] = s.substr(eq + 1, at + length - eq - 2);
    at += length;
  }
  return out;
}

class Unpacker {
 public:
  Unpacker(Fd in, Fd root) : in_(std::move(in)), root_(std::move(root)) {}

  Result<> run() {
    std::string long_name, long_link;
    std::map<std::string, std::string> extra;
    for (int count = 0; count < 2'000'000; ++count) {
      char h[512];
      if (!read_exactly(h, sizeof h)) return bad("it ends in the middle", "");
      if (std::all_of(h, h + 512, [](char c) { return c == 0; })) return {};
      Entry e{.name = field(h, 100),
              .link = field(h + 157, 100),
              .type = h[156],
              .mode = static_cast<mode_t>(number(h + 100, 8) & 07777),
              .size = number(h + 124, 12),
              .uid = static_cast<uid_t>(number(h + 108, 8)),
              .gid = static_cast<gid_t>(number(h + 116, 8))};
      if (std::memcmp(h + 257, "ustar\0", 6) == 0 && h[345]) e.name = field(h + 345, 155) + "/" + e.name;
      if (e.size > (16ull << 30)) return bad("an entry claims more than 16 GiB", e.name);
      if (e.type == 'L' || e.type == 'K' || e.type == 'x' || e.type == 'g') {
        TRY_ASSIGN(std::string text, small(e));
        if (e.type == 'L') long_name = text.c_str();
        if (e.type == 'K') long_link = text.c_str();
        if (e.type == 'x') extra = pax(text);
        continue;
      }
      if (!long_name.empty()) e.name = std::move(long_name);
      if (!long_link.empty()) e.link = std::move(long_link);
      if (auto it = extra.find("path"); it != extra.end()) e.name = it->second;
      if (auto it = extra.find("linkpath"); it != extra.end()) e.link = it->second;
      if (auto it = extra.find("size"); it != extra.end())
        e.size = std::strtoull(it->second.c_str(), nullptr, 10);
      long_name.clear(), long_link.clear(), extra.clear();
      if ((total_ += e.size) > (16ull << 30)) return bad("the layer holds more than 16 GiB", e.name);
      TRY(entry(e));
    }
    return bad("it holds more than 2 million entries", "");
  }

 private:
  bool read_exactly(char* to, size_t n) {
    while (n > 0) {
      ssize_t r = ::read(in_.get(), to, n);
      if (r < 0 && errno == EINTR) continue;
      if (r <= 0) return false;
      to += r, n -= static_cast<size_t>(r);
    }
    return true;
  }
  bool skip(uint64_t n) { return ::lseek(in_.get(), static_cast<off_t>(n), SEEK_CUR) >= 0; }
  static uint64_t padding(uint64_t size) { return (512 - size % 512) % 512; }

  Result<std::string> small(const Entry& e) {
    if (e.size > (1 << 20)) return bad("a header extension is larger than 1 MiB", e.name);
    std::string s(e.size, '\0');
    if (!read_exactly(s.data(), s.size()) || !skip(padding(e.size)))
      return bad("it ends in the middle", e.name);
    return s;
  }

  // Opens `path` as a directory inside the root, whatever links say.
  Fd open_inside(const std::string& path) {
    open_how how{};
    how.flags = O_PATH | O_DIRECTORY | O_CLOEXEC;
    how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
    return Fd(static_cast<int>(
        ::syscall(SYS_openat2, root_.get(), path.empty() ? "." : path.c_str(), &how, sizeof how)));
  }
  Fd parent_of(const std::string& path) {
    size_t cut = path.rfind('/');
    std::string dir = cut == std::string::npos ? "" : path.substr(0, cut);
    Fd fd = open_inside(dir);
    if (fd.get() >= 0 || dir.empty()) return fd;
    Fd up = parent_of(dir);  // layers may leave parents out
    if (up.get() >= 0) ::mkdirat(up.get(), dir.substr(dir.rfind('/') + 1).c_str(), 0755);
    return open_inside(dir);
  }
  // fd-relative, never following links
  static void remove_tree(int dir, const std::string& name) {
    if (::unlinkat(dir, name.c_str(), 0) == 0 || errno == ENOENT) return;
    std::error_code ignored;
    std::filesystem::remove_all("/proc/self/fd/" + std::to_string(dir) + "/" + name, ignored);
  }
  void empty_directory(int dir) {
    std::error_code ignored;
    for (auto& e : std::filesystem::directory_iterator("/proc/self/fd/" + std::to_string(dir), ignored))
      remove_tree(dir, e.path().filename());
  }

  Result<> entry(Entry& e) {
    while (e.name.starts_with("/") || e.name.starts_with("./")) e.name.erase(0, e.name[0] == '/' ? 1 : 2);
    while (e.name.ends_with("/")) e.name.pop_back();
    for (auto& part : std::filesystem::path(e.name))
      if (part == "..") return bad("a name with '..' leads out of the image", e.name);
    if (e.name.empty() || e.name == ".")
      return skip(e.size + padding(e.size)) ? Result<>{} : bad("truncated", "");
    Fd dir = parent_of(e.name);
    if (dir.get() < 0) return bad("its directory cannot be opened inside the image", e.name);
    std::string leaf = e.name.substr(e.name.rfind('/') + 1);
    if (leaf == ".wh..wh..opq") {
      empty_directory(dir.get());
    } else if (leaf.starts_with(".wh.")) {
      remove_tree(dir.get(), leaf.substr(4));
    } else {
      return make(e, dir.get(), leaf);
    }
    return skip(e.size + padding(e.size)) ? Result<>{} : bad("truncated", e.name);
  }

  Result<> make(const Entry& e, int dir, const std::string& leaf) {
    struct stat st {};
    bool there = ::fstatat(dir, leaf.c_str(), &st, AT_SYMLINK_NOFOLLOW) == 0;
    if (there && !(e.type == '5' && S_ISDIR(st.st_mode))) remove_tree(dir, leaf);
    bool ok = true;
    if (e.type == '5') {
      ok = (there && S_ISDIR(st.st_mode)) || ::mkdirat(dir, leaf.c_str(), 0700) == 0;
    } else if (e.type == '2') {
      ok = ::symlinkat(e.link.c_str(), dir, leaf.c_str()) == 0;
    } else if (e.type == '1') {
      ok = hard_link(e.link, dir, leaf);
    } else if (e.type == '0' || e.type == '\0') {
      return file(e, dir, leaf);
    } else {
      return skip(e.size + padding(e.size)) ? Result<>{} : bad("truncated", e.name);  // devices, pipes
    }
    if (!ok) return bad(std::strerror(errno), e.name);
    own(e, dir, leaf);
    return skip(e.size + padding(e.size)) ? Result<>{} : bad("truncated", e.name);
  }

  bool hard_link(std::string target, int dir, const std::string& leaf) {
    while (target.starts_with("/") || target.starts_with("./")) target.erase(0, target[0] == '/' ? 1 : 2);
    if (target.find("..") != std::string::npos) return errno = EINVAL, false;
    Fd from = parent_of(target);
    return from.get() >= 0 &&
           ::linkat(from.get(), target.substr(target.rfind('/') + 1).c_str(), dir, leaf.c_str(), 0) == 0;
  }

  // Not root (a test): everything belongs to us then.
  static void own(const Entry& e, int dir, const std::string& leaf) {
    if (::geteuid() == 0) [[maybe_unused]]
      int r = ::fchownat(dir, leaf.c_str(), e.uid, e.gid, AT_SYMLINK_NOFOLLOW);
    if (e.type == '5') ::fchmodat(dir, leaf.c_str(), e.mode, 0);
  }

  Result<> file(const Entry& e, int dir, const std::string& leaf) {
    Fd out(::openat(dir, leaf.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (out.get() < 0) return bad(std::strerror(errno), e.name);
    std::vector<char> buffer(std::min<uint64_t>(e.size, 1 << 20));
    for (uint64_t left = e.size; left > 0;) {
      size_t n = std::min<uint64_t>(left, buffer.size());
      if (!read_exactly(buffer.data(), n)) return bad("it ends in the middle", e.name);
      if (::write(out.get(), buffer.data(), n) != static_cast<ssize_t>(n))
        return bad(std::strerror(errno), e.name);
      left -= n;
    }
    if (::geteuid() == 0) [[maybe_unused]]
      int r = ::fchown(out.get(), e.uid, e.gid);
    ::fchmod(out.get(), e.mode);
    return skip(padding(e.size)) ? Result<>{} : bad("truncated", e.name);
  }

  Fd in_, root_;
  uint64_t total_ = 0;
};

}  // namespace

Result<> unpack_tar(const std::string& tar_path, const std::string& root) {
  Fd in(::open(tar_path.c_str(), O_RDONLY | O_CLOEXEC));
  if (in.get() < 0) return bad(std::string("cannot be opened: ") + std::strerror(errno), tar_path);
  Fd dir(::open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (dir.get() < 0) return bad(std::string("cannot be opened: ") + std::strerror(errno), root);
  return Unpacker(std::move(in), std::move(dir)).run();
}

}  // namespace relight::sandbox::container
