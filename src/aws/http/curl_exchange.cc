#include "aws/http/curl_exchange.h"

#include <curl/curl.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <mutex>

namespace relight::http {
namespace {

using std::chrono::milliseconds;

// One transfer's answer as it comes in.
class Receiver {
 public:
  explicit Receiver(const CurlSettings& s) : settings_(s) {}
  void header(std::string_view line) {
    while (line.ends_with('\n') || line.ends_with('\r')) line.remove_suffix(1);
    if (line.starts_with("HTTP/"))
      return response.headers = Headers(), void();  // after a 100 the real one follows
    size_t colon = line.find(':');
    if (colon == line.npos) return;
    std::string_view value = line.substr(colon + 1);
    while (value.starts_with(' ') || value.starts_with('\t')) value.remove_prefix(1);
    while (value.ends_with(' ')) value.remove_suffix(1);
    response.headers.add(line.substr(0, colon), std::string(value));
  }
  bool body(std::string_view bytes) {
    if (!fd_ && memory_.size() + bytes.size() <= settings_.response_memory_bytes)
      return memory_.append(bytes), true;
    if (!fd_ && !(open_file() && write(memory_))) return false;
    return write(bytes);
  }
  Response take() {
    if (fd_)
      response.body = Body(FileSlice{std::move(fd_), 0, size_});
    else
      response.body = Body(std::move(memory_));
    return std::move(response);
  }
  Response response;

 private:
  bool open_file() {
    int fd = ::open(settings_.spool_dir.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0) return false;
    fd_ = std::shared_ptr<int>(new int(fd), [](int* p) {
      ::close(*p);
      delete p;
    });
    return true;
  }
  bool write(std::string_view bytes) {
    size_ += bytes.size();
    while (!bytes.empty()) {
      ssize_t n = ::write(*fd_, bytes.data(), bytes.size());
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) return false;
      bytes.remove_prefix(static_cast<size_t>(n));
    }
    return true;
  }
  const CurlSettings& settings_;
  std::string memory_;
  std::shared_ptr<int> fd_;
  uint64_t size_ = 0;
};

// The body on its way out, from a file.
struct Sender {
  const FileSlice* file;
  uint64_t at = 0;
};

size_t on_header(char* p, size_t, size_t n, void* to) {
  static_cast<Receiver*>(to)->header({p, n});
  return n;
}
size_t on_body(char* p, size_t, size_t n, void* to) {
  return static_cast<Receiver*>(to)->body({p, n}) ? n : 0;
}
size_t on_read(char* p, size_t, size_t n, void* from) {
  auto* s = static_cast<Sender*>(from);
  ssize_t r = ::pread(*s->file->fd, p, std::min<uint64_t>(n, s->file->size - s->at),
                      static_cast<off_t>(s->file->offset + s->at));
  if (r < 0) return CURL_READFUNC_ABORT;
  s->at += static_cast<uint64_t>(r);
  return static_cast<size_t>(r);
}
int on_seek(void* from, curl_off_t at, int origin) {
  if (origin != SEEK_SET) return CURL_SEEKFUNC_CANTSEEK;
  static_cast<Sender*>(from)->at = static_cast<uint64_t>(at);
  return CURL_SEEKFUNC_OK;
}

std::string_view host_of(std::string_view authority) {
  if (authority.starts_with('[')) return authority.substr(1, authority.find(']') - 1);
  return authority.substr(0, authority.find(':'));
}
bool is_address(std::string_view host) {
  return host.find_first_not_of("0123456789.") == host.npos || host.find(':') != host.npos;
}
bool is_loopback(std::string_view host) {
  return host == "localhost" || host == "::1" || (is_address(host) && host.starts_with("127."));
}

// Where a machine or container asks who it is: its secrets are no business of a proxy.
bool is_metadata_service(std::string_view host) {
  return (is_address(host) && host.starts_with("169.254.")) || host.starts_with("fd00:ec2::");
}

// Frees a header list.
struct List {
  curl_slist* head = nullptr;
  List() = default;
  List(const List&) = delete;
  List& operator=(const List&) = delete;
  ~List() { curl_slist_free_all(head); }
  void add(const std::string& line) { head = curl_slist_append(head, line.c_str()); }
};

void fill_headers(const Request& r, List& list) {
  for (auto& [k, v] : r.headers) {
    if (iequals(k, "Content-Length")) continue;  // curl's own, from the body
    list.add(v.empty() ? k + ";" : k + ": " + v);
  }
  // What curl would add by itself, and a signature or a server may stumble over.
  for (const char* name : {"Expect", "Content-Type", "Accept"})
    if (!r.headers.has(name)) list.add(std::string(name) + ":");
}

void set_body(CURL* c, const Request& r, Sender& sender) {
  if (auto* file = r.body.file()) {
    sender.file = file;
    curl_easy_setopt(c, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(c, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(file->size));
    curl_easy_setopt(c, CURLOPT_READFUNCTION, on_read);
    curl_easy_setopt(c, CURLOPT_READDATA, &sender);
    curl_easy_setopt(c, CURLOPT_SEEKFUNCTION, on_seek);
    curl_easy_setopt(c, CURLOPT_SEEKDATA, &sender);
  } else if (!r.body.empty() || r.method == "POST" || r.method == "PUT" || r.method == "PATCH") {
    curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(r.body.size()));
    curl_easy_setopt(c, CURLOPT_POSTFIELDS, r.body.memory()->data());
  } else if (r.method == "HEAD") {
    curl_easy_setopt(c, CURLOPT_NOBODY, 1L);
    return;
  }
  curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, r.method.c_str());
}

std::string_view code_of(CURLcode c, CURL* handle, bool overall) {
  curl_off_t sent = 0;
  switch (c) {
    case CURLE_COULDNT_CONNECT:
      return "Http.Refused";
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
      return "Http.Resolve";
    case CURLE_OPERATION_TIMEDOUT:
      curl_easy_getinfo(handle, CURLINFO_PRETRANSFER_TIME_T, &sent);
      return sent == 0 && !overall ? "Http.Refused" : "Http.Deadline";
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CACERT_BADFILE:
      return "Http.Tls";
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE:
      return "Http.Reset";
    default:
      return "Http.Failed";
  }
}

Error transfer_error(CURLcode c, CURL* handle, const Request& r, bool overall, const char* detail) {
  Error e;
  e.code = code_of(c, handle, overall);
  e.tried = fmt::format("{} {}://{}", r.method, r.scheme, r.host);
  e.resource = r.host;
  e.message = *detail ? detail : curl_easy_strerror(c);
  e.retryable = e.code != "Http.Tls" && e.code != "Http.Failed";
  if (e.code == "Http.Refused") e.next = "check that the endpoint is up and reachable from here";
  if (e.code == "Http.Resolve") e.next = "check the endpoint's name and the DNS servers";
  if (e.code == "Http.Tls") e.next = "check the certificate authority (AWS_CA_BUNDLE)";
  return e;
}

}  // namespace

struct CurlExchange::Impl {
  explicit Impl(CurlSettings s) : settings(std::move(s)) {}
  ~Impl() {
    for (CURL* c : idle) curl_easy_cleanup(c);
  }
  CURL* take(milliseconds deadline) {
    std::unique_lock l(mutex);
    bool got = freed.wait_for(l, deadline, [&] { return !idle.empty() || made < settings.max_handles; });
    if (!got) return nullptr;
    if (idle.empty()) return ++made, curl_easy_init();
    CURL* c = idle.back();  // the one used last: its connection is the warmest
    idle.pop_back();
    return c;
  }
  void give(CURL* c) {
    curl_easy_reset(c);  // keeps the connections
    std::lock_guard g(mutex);
    idle.push_back(c);
    freed.notify_one();
  }
  Result<Response> once(CURL* c, const Request& r, const std::string& connect_to, milliseconds deadline);

  CurlSettings settings;
  std::mutex mutex;
  std::condition_variable freed;
  std::vector<CURL*> idle;
  size_t made = 0;
};

Result<Response> CurlExchange::Impl::once(CURL* c, const Request& r, const std::string& connect_to,
                                          milliseconds deadline) {
  curl_easy_reset(c);
  Receiver receiver(settings);
  Sender sender{};
  List headers, route;
  char detail[CURL_ERROR_SIZE] = "";
  fill_headers(r, headers);
  std::string url = fmt::format("{}://{}{}", r.scheme, r.host, r.target());
  milliseconds connect = std::min(settings.connect_timeout, deadline);
  curl_easy_setopt(c, CURLOPT_URL, url.c_str());
  curl_easy_setopt(c, CURLOPT_PATH_AS_IS, 1L);
  curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(c, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  curl_easy_setopt(c, CURLOPT_TCP_NODELAY, 1L);
  curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, std::max<long>(1, deadline.count()));
  curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, std::max<long>(1, connect.count()));
  curl_easy_setopt(c, CURLOPT_USERAGENT, settings.user_agent.c_str());
  curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers.head);
  curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, on_header);
  curl_easy_setopt(c, CURLOPT_HEADERDATA, &receiver);
  curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt(c, CURLOPT_WRITEDATA, &receiver);
  curl_easy_setopt(c, CURLOPT_ERRORBUFFER, detail);
  if (!settings.ca_file.empty()) curl_easy_setopt(c, CURLOPT_CAINFO, settings.ca_file.c_str());
  if (is_loopback(host_of(r.host)) || is_metadata_service(host_of(r.host)))
    curl_easy_setopt(c, CURLOPT_PROXY, "");
  if (!connect_to.empty()) {
    route.add(fmt::format("::{}:", connect_to));
    curl_easy_setopt(c, CURLOPT_CONNECT_TO, route.head);
    curl_easy_setopt(c, CURLOPT_PROXY, "");
  }
  set_body(c, r, sender);
  CURLcode code = curl_easy_perform(c);
  if (code != CURLE_OK) return fail(transfer_error(code, c, r, connect >= deadline, detail));
  long status = 0;
  curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status);
  Response out = receiver.take();
  out.status = static_cast<int>(status);
  return out;
}

CurlExchange::CurlExchange(CurlSettings settings) : p_(std::make_unique<Impl>(std::move(settings))) {
  curl_global_init(CURL_GLOBAL_DEFAULT);  // counted, thread-safe since 7.84
}
CurlExchange::~CurlExchange() {
  p_.reset();
  curl_global_cleanup();
}

Result<Response> CurlExchange::send(const Request& given, milliseconds deadline) {
  std::vector<std::string> addresses{""};
  Request r = given;
  std::string host(host_of(r.host)), name(r.headers.value("Host"));
  if (r.scheme == "https" && is_address(host) && !name.empty() && !is_address(host_of(name))) {
    // TLS to an address in a name's stead: the certificate, and what the server chooses it by, are the
    // name's.
    addresses = {host};
    r.host = name;
  } else if (p_->settings.resolve && !is_address(host)) {
    TRY_ASSIGN(addresses, p_->settings.resolve(host));
    if (addresses.empty()) return fail("Http.Resolve", fmt::format("'{}' has no address", host));
  }
  CURL* c = p_->take(deadline);
  if (!c) return fail("Http.Refused", "too many requests are under way; none ended within the deadline");
  Result<Response> out;
  for (auto& address : addresses) {
    out = p_->once(c, r, address.find(':') == address.npos ? address : "[" + address + "]", deadline);
    if (out || out.error().code != "Http.Refused") break;
  }
  p_->give(c);
  return out;
}

}  // namespace relight::http
