#include "aws/http/request_reader.h"

#include <fcntl.h>
#include <unistd.h>

#include <boost/beast/http/basic_parser.hpp>
#include <cerrno>
#include <optional>

namespace relight::http {
namespace {
namespace beast = boost::beast;
using beast::error_code;
using Text = beast::string_view;

std::string_view view(Text t) { return {t.data(), t.size()}; }

// A file without a name; -1 if the directory takes none.
int nameless_file(const std::string& dir) {
  int fd = ::open(dir.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (fd >= 0) return fd;
  std::string name = dir + "/body-XXXXXX";  // file systems without O_TMPFILE
  fd = ::mkostemp(name.data(), O_CLOEXEC);
  if (fd >= 0) ::unlink(name.c_str());
  return fd;
}

bool write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(n));
  }
  return true;
}

// Takes the body's bytes as they come.
class Spool {
 public:
  explicit Spool(const RequestLimits& l) : limits_(l) {}
  bool expect(uint64_t size) {
    if (size > limits_.spool_above_bytes) return open();
    memory_.reserve(size);
    return true;
  }
  bool add(std::string_view bytes) {
    size_ += bytes.size();
    if (!fd_ && size_ > limits_.spool_above_bytes && !open()) return false;
    if (fd_) return write_all(*fd_, bytes);
    memory_.append(bytes);
    return true;
  }
  Body take() {
    if (!fd_) return Body(std::move(memory_));
    return Body(FileSlice{std::move(fd_), 0, size_});
  }

 private:
  bool open() {
    int fd = nameless_file(limits_.spool_dir);
    if (fd < 0) return false;
    fd_ = std::shared_ptr<int>(new int(fd), [](int* p) {
      ::close(*p);
      delete p;
    });
    bool ok = write_all(fd, memory_);
    memory_ = {};
    return ok;
  }
  const RequestLimits& limits_;
  std::string memory_;
  std::shared_ptr<int> fd_;
  uint64_t size_ = 0;
};

// Beast calls back into this; what it finds goes straight into our Request.
class Parser final : public beast::http::basic_parser<true> {
 public:
  explicit Parser(const RequestLimits& l) : spool(l) {
    header_limit(l.head_bytes);
    body_limit(l.body_bytes);
    eager(true);
  }
  Request request;
  Spool spool;
  bool head_done = false, expects = false, http11 = true;
  int status = 0;  // why a callback refused
  const char* why = "";

 private:
  void refuse(int s, const char* reason, error_code& ec) {
    status = s;
    why = reason;
    ec = beast::http::error::bad_value;
  }
  void on_request_impl(beast::http::verb, Text method, Text target, int version, error_code& ec) override {
    std::string_view t = view(target);
    http11 = version >= 11;
    request.method = view(method);
    if (t.starts_with("http://") || t.starts_with("https://")) {  // absolute form (RFC 9112 section 3.2.2)
      size_t slash = t.find('/', t.find("//") + 2);
      t = slash == t.npos ? "/" : t.substr(slash);
    }
    if (t.empty() || (t[0] != '/' && t != "*"))
      return refuse(400, "the request target must begin with '/'", ec);
    size_t question = t.find('?');
    request.path = t.substr(0, question);
    if (question != t.npos) request.query = t.substr(question + 1);
  }
  void on_response_impl(int, Text, int, error_code&) override {}
  void on_field_impl(beast::http::field name, Text name_text, Text value, error_code& ec) override {
    if (name == beast::http::field::host && request.host.empty()) request.host = view(value);
    if (name == beast::http::field::transfer_encoding && !iequals(view(value), "chunked")) {
      return refuse(501, "only the transfer coding 'chunked' is understood", ec);
    }
    if (name == beast::http::field::expect) expects = iequals(view(value), "100-continue");
    if (request.headers.size() >= 256) return refuse(431, "there are more than 256 header fields", ec);
    request.headers.add(view(name_text), std::string(value));
  }
  void on_header_impl(error_code&) override { head_done = true; }
  void on_body_init_impl(boost::optional<std::uint64_t> const& length, error_code& ec) override {
    if (length && !spool.expect(*length)) refuse(507, "the body could not be stored", ec);
  }
  std::size_t on_body_impl(Text body, error_code& ec) override {
    if (!spool.add(view(body))) refuse(507, "the body could not be stored", ec);
    return body.size();
  }
  void on_chunk_header_impl(std::uint64_t, Text, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, Text body, error_code& ec) override {
    return on_body_impl(body, ec);
  }
  void on_finish_impl(error_code&) override {}
};

int status_of(const error_code& ec) {
  using beast::http::error;
  if (ec == error::header_limit) return 431;
  if (ec == error::body_limit) return 413;
  if (ec == error::bad_version) return 505;
  return 400;
}

}  // namespace

struct RequestReader::Impl {
  explicit Impl(const RequestLimits& l) : limits(l) { parser.emplace(l); }
  const RequestLimits& limits;
  std::optional<Parser> parser;
  int status = 0;
  std::string reason;

  void fail(const error_code& ec) {
    status = parser->status ? parser->status : status_of(ec);
    reason = parser->status ? parser->why : ec.message();
  }
};

RequestReader::RequestReader(const RequestLimits& limits) : p_(std::make_unique<Impl>(limits)) {}
RequestReader::~RequestReader() = default;

size_t RequestReader::feed(std::string_view bytes) {
  size_t used = 0;
  Parser& parser = *p_->parser;
  while (used < bytes.size() && !parser.is_done() && p_->status == 0) {
    error_code ec;
    used += parser.put(boost::asio::const_buffer(bytes.data() + used, bytes.size() - used), ec);
    if (ec == beast::http::error::need_more) break;
    if (ec) p_->fail(ec);
  }
  return used;
}

RequestReader::State RequestReader::state() const {
  if (p_->status != 0) return State::kBad;
  if (p_->parser->is_done()) return State::kDone;
  return p_->parser->head_done ? State::kBody : State::kHead;
}

bool RequestReader::wants_continue() {
  Parser& parser = *p_->parser;
  return parser.head_done && parser.http11 && std::exchange(parser.expects, false);
}

bool RequestReader::keep_alive() const { return p_->status == 0 && p_->parser->keep_alive(); }
bool RequestReader::head_only() const { return p_->parser->request.method == "HEAD"; }

Request RequestReader::take() {
  Request r = std::move(p_->parser->request);
  r.body = p_->parser->spool.take();
  p_->parser.emplace(p_->limits);
  return r;
}

int RequestReader::bad_status() const { return p_->status; }
std::string_view RequestReader::bad_reason() const { return p_->reason; }

}  // namespace relight::http
