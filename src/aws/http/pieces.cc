#include "aws/http/pieces.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

namespace relight::http {

Result<> each_piece(const Body& body, const std::function<void(std::string_view)>& take) {
  constexpr uint64_t kPiece =
      256 * 1024;  // fits the processor's second cache, so what was copied is hashed warm
  if (auto* m = body.memory()) {
    take(*m);
    return {};
  }
  const FileSlice& f = *body.file();
  auto buffer = std::make_unique_for_overwrite<char[]>(kPiece);
  for (uint64_t at = 0; at < f.size;) {
    ssize_t n =
        ::pread(*f.fd, buffer.get(), std::min(kPiece, f.size - at), static_cast<off_t>(f.offset + at));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0)
      return fail("Disk.Failed", std::string("a spooled body could not be read: ") +
                                     (n < 0 ? std::strerror(errno) : "file is shorter than it was"));
    take({buffer.get(), static_cast<size_t>(n)});
    at += static_cast<uint64_t>(n);
  }
  return {};
}

}  // namespace relight::http
