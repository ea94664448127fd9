#include "sandbox/planes/function/archive.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zip.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>
#include <vector>

namespace relight::sandbox::function {
namespace {

namespace fs = std::filesystem;
constexpr uint64_t kLinkBytesMax = 4096;

std::unexpected<Error> bad_zip(const std::string& why, const std::string& name,
                               const char* code = "Function.BadZip") {
  Error e;
  e.code = code;
  e.tried = "unpack deployment package";
  e.resource = name;
  e.message = why;
  return fail(std::move(e));
}

// The name as a path inside the package, "" for what is not one.
fs::path inside(const std::string& name) {
  fs::path p = fs::path(name).lexically_normal();
  if (name.empty() || p.is_absolute() || name.find('\\') != std::string::npos) return {};
  for (auto& part : fs::path(name))
    if (part == "..") return {};
  return p;
}

class ZipUnpacker {
 public:
  ZipUnpacker(zip_t* zip, fs::path dir, ArchiveLimits limits)
      : zip_(zip), dir_(std::move(dir)), limits_(limits) {}

  Result<> run() {
    auto count = static_cast<zip_uint64_t>(zip_get_num_entries(zip_, 0));
    if (count > limits_.entries) return bad_zip("it holds too many entries", "", "Function.TooLarge");
    for (zip_uint64_t i = 0; i < count; ++i) TRY(entry(i));
    return {};
  }

 private:
  Result<> entry(zip_uint64_t i) {
    zip_stat_t st;
    zip_stat_init(&st);
    if (zip_stat_index(zip_, i, 0, &st) != 0 || !(st.valid & ZIP_STAT_NAME))
      return bad_zip(zip_strerror(zip_), "");
    std::string name = st.name;
    fs::path path = inside(name);
    if (path.empty()) return bad_zip("a name leads out of the package", name);
    if (path == ".") return {};
    zip_uint8_t system = 0;
    zip_uint32_t attributes = 0;
    zip_file_get_external_attributes(zip_, i, 0, &system, &attributes);
    mode_t mode = system == ZIP_OPSYS_UNIX ? attributes >> 16 : 0;
    if (name.ends_with("/")) return make_dirs(path.has_filename() ? path : path.parent_path());
    TRY(make_dirs(path.parent_path()));
    TRY_ASSIGN(std::string bytes, content(i, st, name));
    if (S_ISLNK(mode)) return link(bytes, path);
    if (mode != 0 && !S_ISREG(mode) && (mode & S_IFMT) != 0) return {};  // devices, pipes
    return file(bytes, path, (mode & 0777) != 0 ? mode & 0777 : 0644);
  }

  // No component may be a link that the package itself has brought.
  Result<> make_dirs(const fs::path& path) {
    fs::path at = dir_;
    for (auto& part : path) {
      at /= part;
      struct stat st {};
      if (::lstat(at.c_str(), &st) == 0) {
        if (!S_ISDIR(st.st_mode)) return bad_zip("a file stands where a directory has to be", path);
      } else if (::mkdir(at.c_str(), 0755) != 0 || ::chmod(at.c_str(), 0755) != 0) {
        return bad_zip(std::strerror(errno), path);
      }
    }
    return {};
  }

  Result<std::string> content(zip_uint64_t i, const zip_stat_t& st, const std::string& name) {
    if (!(st.valid & ZIP_STAT_SIZE) || st.size > limits_.bytes - total_)
      return bad_zip("unzipped it is larger than " + std::to_string(limits_.bytes) + " bytes", name,
                     "Function.TooLarge");
    total_ += st.size;
    std::unique_ptr<zip_file_t, int (*)(zip_file_t*)> f(zip_fopen_index(zip_, i, 0), zip_fclose);
    if (!f) return bad_zip(zip_strerror(zip_), name);
    std::string bytes(st.size, '\0');
    for (size_t at = 0; at < bytes.size();) {
      zip_int64_t n = zip_fread(f.get(), bytes.data() + at, bytes.size() - at);
      if (n <= 0) return bad_zip("it is damaged", name);
      at += static_cast<size_t>(n);
    }
    char more;
    if (zip_fread(f.get(), &more, 1) != 0) return bad_zip("it is damaged", name);  // also checks the CRC
    return bytes;
  }

  Result<> link(const std::string& target, const fs::path& path) {
    fs::path to = (path.parent_path() / target).lexically_normal();
    if (target.size() > kLinkBytesMax || fs::path(target).is_absolute() || to.native().starts_with(".."))
      return bad_zip("a symbolic link leads out of the package", path);
    if (::symlink(target.c_str(), (dir_ / path).c_str()) != 0) return bad_zip(std::strerror(errno), path);
    return {};
  }

  Result<> file(const std::string& bytes, const fs::path& path, mode_t mode) {
    int fd = ::open((dir_ / path).c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0) return bad_zip(std::strerror(errno), path);
    size_t at = 0;
    while (at < bytes.size()) {
      ssize_t n = ::write(fd, bytes.data() + at, bytes.size() - at);
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) break;
      at += static_cast<size_t>(n);
    }
    bool ok = at == bytes.size() && ::fchmod(fd, mode) == 0;
    int why = errno;
    ::close(fd);
    return ok ? Result<>{} : bad_zip(std::strerror(why), path);
  }

  zip_t* zip_;
  fs::path dir_;
  ArchiveLimits limits_;
  uint64_t total_ = 0;
};

}  // namespace

Result<> unpack_zip(const std::string& zip_path, const std::string& dir, ArchiveLimits limits) {
  int code = 0;
  std::unique_ptr<zip_t, void (*)(zip_t*)> zip(zip_open(zip_path.c_str(), ZIP_RDONLY | ZIP_CHECKCONS, &code),
                                               zip_discard);
  if (!zip) return bad_zip("it is not a zip archive", zip_path);
  std::error_code ec;
  fs::create_directories(fs::path(dir).parent_path(), ec);
  if (!fs::create_directory(dir, ec)) return bad_zip("its directory cannot be made", dir);
  ::chmod(dir.c_str(), 0755);
  auto done = ZipUnpacker(zip.get(), dir, limits).run();
  if (!done) fs::remove_all(dir, ec);
  return done;
}

std::string pack_one(const std::string& name, const std::string& text) {
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* bytes = zip_source_buffer_create(nullptr, 0, 0, &error);
  zip_t* zip = bytes ? zip_open_from_source(bytes, ZIP_TRUNCATE, &error) : nullptr;
  if (!zip) {
    if (bytes) zip_source_free(bytes);
    return "";
  }
  zip_source_keep(bytes);
  auto at =
      zip_file_add(zip, name.c_str(), zip_source_buffer(zip, text.data(), text.size(), 0), ZIP_FL_OVERWRITE);
  std::string out;
  if (at >= 0) {
    auto i = static_cast<zip_uint64_t>(at);
    zip_file_set_mtime(zip, i, 1'577'836'800, 0);  // 2020-01-01: zip's own epoch depends on the time zone
    zip_file_set_external_attributes(zip, i, 0, ZIP_OPSYS_UNIX, 0100644u << 16);
  }
  if (at < 0 || zip_close(zip) != 0) {
    zip_discard(zip);
  } else if (zip_source_open(bytes) == 0) {
    zip_source_seek(bytes, 0, SEEK_END);
    out.resize(static_cast<size_t>(std::max<zip_int64_t>(0, zip_source_tell(bytes))));
    zip_source_seek(bytes, 0, SEEK_SET);
    if (zip_source_read(bytes, out.data(), out.size()) != static_cast<zip_int64_t>(out.size())) out.clear();
    zip_source_close(bytes);
  }
  zip_source_free(bytes);
  return out;
}

}  // namespace relight::sandbox::function
