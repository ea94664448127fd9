#include "aws/sign/chunked.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <memory>

#include "aws/sign/canonical.h"
#include "aws/sign/checksum.h"
#include "base/bytes.h"

namespace relight::sign {
namespace {

constexpr size_t kBodyPiece = 256 * 1024;
constexpr size_t kLineBytes = 4096;
constexpr size_t kTrailers = 32;

Error refused(std::string_view code, std::string_view message, int status = 400) {
  Error e;
  e.code = code;
  e.message = message;
  e.http_status = status;
  e.tried = "decode the aws-chunked body";
  return e;
}
Error incomplete(std::string_view why) {
  return refused("IncompleteBody", fmt::format("The request body terminated unexpectedly: {}", why));
}

// Reads a body in order, in pieces.
class Source {
 public:
  explicit Source(const http::Body& b) : body_(b) {}
  Result<std::string_view> some(size_t most) {  // at least one byte
    if (at_ == buffer_.size()) {
      TRY_ASSIGN(buffer_, body_.read(offset_, kBodyPiece));
      offset_ += buffer_.size();
      at_ = 0;
      if (buffer_.empty()) return fail(incomplete("it ends inside a chunk"));
    }
    std::string_view v = std::string_view(buffer_).substr(at_, most);
    at_ += v.size();
    return v;
  }
  // Up to LF; CR before it is dropped.
  Result<std::string> line() {
    std::string out;
    while (true) {
      TRY_ASSIGN(auto c, some(1));
      if (c[0] == '\n') break;
      out += c[0];
      if (out.size() > kLineBytes) return fail(incomplete("a line is too long"));
    }
    if (out.ends_with('\r')) out.pop_back();
    return out;
  }
  bool at_end() const { return at_ == buffer_.size() && offset_ == body_.size(); }

 private:
  const http::Body& body_;
  std::string buffer_;
  size_t at_ = 0;
  uint64_t offset_ = 0;
};

// Takes the decoded bytes: memory, or the same file from its start on. Decoding only ever shrinks, and a
// whole piece is in memory before its place is overwritten.
class Sink {
 public:
  explicit Sink(const http::Body& b) : file_(b.file()) {}
  Result<> add(std::string_view bytes) {
    if (!file_) {
      memory_.append(bytes);
      return {};
    }
    while (!bytes.empty()) {
      ssize_t n = ::pwrite(*file_->fd, bytes.data(), bytes.size(), static_cast<off_t>(file_->offset + size_));
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) return fail("Disk.Failed", "the decoded body could not be stored");
      bytes.remove_prefix(static_cast<size_t>(n));
      size_ += static_cast<uint64_t>(n);
    }
    return {};
  }
  http::Body take() {
    if (!file_) return http::Body(std::move(memory_));
    return http::Body(http::FileSlice{file_->fd, file_->offset, size_});
  }

 private:
  const http::FileSlice* file_;
  std::string memory_;
  uint64_t size_ = 0;
};

std::string chunk_signature(const ChunkContext& c, std::string_view previous, std::string_view data_sha256) {
  return hex(hmac_sha256(c.key, fmt::format("AWS4-HMAC-SHA256-PAYLOAD\n{}\n{}\n{}\n{}\n{}", c.amz_date,
                                            c.scope, previous, kEmptySha256, data_sha256)));
}
std::string trailer_signature(const ChunkContext& c, std::string_view previous, std::string_view canonical) {
  return hex(hmac_sha256(c.key, fmt::format("AWS4-HMAC-SHA256-TRAILER\n{}\n{}\n{}\n{}", c.amz_date, c.scope,
                                            previous, hex(sha256(canonical)))));
}

struct ChunkHead {
  uint64_t size = 0;
  std::string signature;
};

Result<ChunkHead> parse_head(std::string_view line) {
  ChunkHead h;
  auto [end, ec] = std::from_chars(line.data(), line.data() + line.size(), h.size, 16);
  if (ec != std::errc() || h.size > (1ull << 40)) return fail(incomplete("a chunk's size is not a number"));
  std::string_view rest = line.substr(static_cast<size_t>(end - line.data()));
  constexpr std::string_view kName = ";chunk-signature=";
  if (rest.starts_with(kName))
    h.signature = rest.substr(kName.size());
  else if (!rest.empty())
    return fail(incomplete("a chunk's head is malformed"));
  return h;
}

class Decoder {
 public:
  Decoder(const http::Body& body, const ChunkContext& c)
      : context_(c), source_(body), sink_(body), previous_(c.seed_signature) {
    for (auto& name : c.declared_trailers) sums_.emplace_back(name, checksum_for(name));
  }

  Result<Decoded> run() {
    while (true) {
      TRY_ASSIGN(std::string line, source_.line());
      TRY_ASSIGN(ChunkHead head, parse_head(line));
      TRY(chunk(head));
      if (head.size == 0) break;
    }
    if (context_.has_trailer) {
      TRY(trailers());
    }
    if (context_.decoded_length && *context_.decoded_length != total_)
      return fail(incomplete(fmt::format("x-amz-decoded-content-length is {} but {} bytes came",
                                         *context_.decoded_length, total_)));
    return Decoded{sink_.take(), std::move(found_)};
  }

 private:
  Result<> chunk(const ChunkHead& head) {
    Digest digest(Digest::Kind::kSha256);
    for (uint64_t left = head.size; left > 0;) {
      TRY_ASSIGN(auto piece, source_.some(static_cast<size_t>(std::min<uint64_t>(left, kBodyPiece))));
      if (context_.chunks_signed) digest.update(piece);
      for (auto& [name, sum] : sums_)
        if (sum) sum->update(piece);
      TRY(sink_.add(piece));
      left -= piece.size();
      total_ += piece.size();
    }
    if (context_.chunks_signed) {
      std::string expected = chunk_signature(context_, previous_, hex(digest.finish()));
      if (!equal_in_constant_time(expected, head.signature)) return fail(mismatch());
      previous_ = std::move(expected);
    }
    // The last chunk's own CRLF is missing before trailers, and some clients leave out the very last one.
    if (head.size == 0) return {};
    TRY_ASSIGN(std::string end, source_.line());
    if (!end.empty()) return fail(incomplete("a chunk is longer than its size"));
    return {};
  }

  Result<> trailers() {
    std::string canonical, signature;
    while (!source_.at_end()) {
      TRY_ASSIGN(std::string line, source_.line());
      if (line.empty()) continue;  // one before the trailers (some clients) and one after
      size_t colon = line.find(':');
      if (colon == line.npos || found_.size() >= kTrailers) return fail(malformed());
      std::string name = lower(std::string_view(line).substr(0, colon));
      std::string_view value = std::string_view(line).substr(colon + 1);
      while (value.starts_with(' ')) value.remove_prefix(1);
      while (value.ends_with(' ')) value.remove_suffix(1);
      if (name == "x-amz-trailer-signature") {
        signature = value;
        continue;
      }
      canonical += fmt::format("{}:{}\n", name, value);
      found_.emplace_back(std::move(name), value);
    }
    if (context_.chunks_signed &&
        !equal_in_constant_time(trailer_signature(context_, previous_, canonical), signature))
      return fail(mismatch());
    return check_sums();
  }

  Result<> check_sums() {
    for (auto& [name, sum] : sums_) {
      auto it = std::find_if(found_.begin(), found_.end(), [&](auto& f) { return f.first == name; });
      if (it == found_.end()) return fail(malformed());
      if (sum && sum->base64() != it->second)
        return fail(
            refused("BadDigest", fmt::format("The {} you specified did not match the calculated checksum.",
                                             std::string_view(name).substr(15))));
    }
    return {};
  }

  static Error mismatch() {
    return refused(
        "SignatureDoesNotMatch",
        "The request signature we calculated does not match the signature you provided. Check your key "
        "and signing method.",
        403);
  }
  static Error malformed() {
    return refused("MalformedTrailerError",
                   "The request contained trailing data that was not well-formed or did not conform to our "
                   "published schema.");
  }

  const ChunkContext& context_;
  Source source_;
  Sink sink_;
  std::string previous_;
  uint64_t total_ = 0;
  std::vector<std::pair<std::string, std::unique_ptr<Checksum>>> sums_;
  std::vector<std::pair<std::string, std::string>> found_;
};

}  // namespace

Result<Decoded> decode_chunked(const http::Body& body, const ChunkContext& context) {
  return Decoder(body, context).run();
}

std::string encode_chunked(std::string_view payload, size_t chunk_bytes, const ChunkContext& c,
                           const std::vector<std::pair<std::string, std::string>>& trailers) {
  std::string out, previous = c.seed_signature;
  while (true) {
    std::string_view piece = payload.substr(0, chunk_bytes);
    payload.remove_prefix(piece.size());
    out += fmt::format("{:x}", piece.size());
    if (c.chunks_signed) {
      previous = chunk_signature(c, previous, hex(sha256(piece)));
      out += ";chunk-signature=" + previous;
    }
    out += "\r\n";
    if (piece.empty()) break;
    out.append(piece).append("\r\n");
  }
  std::string canonical;
  for (auto& [name, value] : trailers) {
    out += fmt::format("{}:{}\r\n", name, value);
    canonical += fmt::format("{}:{}\n", name, value);
  }
  if (c.has_trailer && c.chunks_signed)
    out += fmt::format("x-amz-trailer-signature:{}\r\n", trailer_signature(c, previous, canonical));
  return out + "\r\n";
}

}  // namespace relight::sign
