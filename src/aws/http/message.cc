#include "aws/http/message.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/bytes.h"

namespace relight::http {
namespace {
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
}  // namespace

bool iequals(std::string_view a, std::string_view b) {
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return lower(x) == lower(y); });
}

uint64_t Body::size() const {
  if (auto* m = memory()) return m->size();
  return file()->size;
}

Result<std::string> Body::read() const { return read(0, size()); }

Result<std::string> Body::read(uint64_t offset, uint64_t n) const {
  offset = std::min(offset, size());
  n = std::min(n, size() - offset);
  if (auto* m = memory()) return m->substr(offset, n);
  std::string out(n, '\0');
  uint64_t have = 0;
  while (have < n) {
    ssize_t r = ::pread(*file()->fd, out.data() + have, n - have, static_cast<off_t>(file()->offset + offset + have));
    if (r < 0 && errno == EINTR) continue;
    if (r <= 0) return fail("Disk.Failed", std::string("a spooled body could not be read: ") + (r < 0 ? std::strerror(errno) : "file is shorter than it was"));
    have += static_cast<uint64_t>(r);
  }
  return out;
}

bool Body::operator==(const Body& o) const {
  if (size() != o.size()) return false;
  auto a = read(), b = o.read();
  return a && b && *a == *b;
}

Result<FileSlice> open_slice(const std::string& path) {
  int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  struct stat st {};
  if (fd < 0 || ::fstat(fd, &st) != 0) {
    int err = errno;
    if (fd >= 0) ::close(fd);
    Error e;
    e.code = err == ENOENT ? "Disk.NotFound" : "Disk.Failed";
    e.tried = "open file";
    e.resource = path;
    e.message = std::strerror(err);
    return fail(std::move(e));
  }
  FileSlice s;
  s.fd = std::shared_ptr<int>(new int(fd), [](int* p) { ::close(*p); delete p; });
  s.size = static_cast<uint64_t>(st.st_size);
  return s;
}

std::optional<std::string_view> Headers::get(std::string_view name) const {
  for (auto& [k, v] : fields_)
    if (iequals(k, name)) return v;
  return std::nullopt;
}
void Headers::set(std::string_view name, std::string value) {
  remove(name);
  add(name, std::move(value));
}
void Headers::add(std::string_view name, std::string value) { fields_.emplace_back(name, std::move(value)); }
void Headers::remove(std::string_view name) {
  std::erase_if(fields_, [&](auto& f) { return iequals(f.first, name); });
}

std::vector<std::pair<std::string, std::string>> parse_query(std::string_view raw) {
  std::vector<std::pair<std::string, std::string>> out;
  while (!raw.empty()) {
    size_t amp = raw.find('&');
    std::string_view part = raw.substr(0, amp);
    raw = amp == std::string_view::npos ? std::string_view{} : raw.substr(amp + 1);
    if (part.empty()) continue;
    size_t eq = part.find('=');
    out.emplace_back(percent_decode(part.substr(0, eq), true),
                     eq == std::string_view::npos ? "" : percent_decode(part.substr(eq + 1), true));
  }
  return out;
}

}  // namespace relight::http
