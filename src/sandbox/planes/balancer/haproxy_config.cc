#include "sandbox/planes/balancer/haproxy_config.h"

#include <fmt/format.h>

#include <algorithm>

namespace relight::sandbox {
namespace {

// The pages that an ALB answers itself (observed bodies; unverified to the byte).
std::string error_page(int status, std::string_view words) {
  std::string body = fmt::format(
      "<html>\r\n<head><title>{0} {1}</title></head>\r\n<body>\r\n<center><h1>{0} "
      "{1}</h1></center>\r\n</body>\r\n"
      "</html>\r\n",
      status, words);
  return fmt::format(
      "HTTP/1.1 {} {}\r\nServer: awselb/2.0\r\nContent-Type: text/html\r\nContent-Length: {}\r\n"
      "Connection: keep-alive\r\n\r\n{}",
      status, words, body.size(), body);
}

class Writer {
 public:
  Writer(const BalancerSpec& s, bool with_servers) : s_(s), with_servers_(with_servers) {}

  HaproxyConfig write(const std::string& control) {
    line("global\n  maxconn 2000\n  nbthread 1\n  hard-stop-after 30s\n  tune.ssl.default-dh-param 2048");
    line("  stats socket {} mode 600 level admin expose-fd listeners", control);
    line(
        "defaults\n  mode http\n  timeout connect 5s\n  timeout http-keep-alive {0}s\n  timeout client {0}s\n"
        "  timeout server {0}s\n  retries 0\n  option http-keep-alive\n  option idle-close-on-response\n  "
        "option forwardfor",
        s_.idle_seconds);
    page("502.http", error_page(502, "Bad Gateway"));
    page("503.http", error_page(503, "Service Temporarily Unavailable"));
    page("504.http", error_page(504, "Gateway Time-out"));
    line("  errorfile 502 {0}/502.http\n  errorfile 503 {0}/503.http\n  errorfile 504 {0}/504.http", s_.dir);
    for (auto& p : s_.pools) pool(p);
    for (auto& l : s_.listeners) listener(l);
    return std::move(out_);
  }

 private:
  template <class... A>
  void line(fmt::format_string<A...> f, A&&... a) {
    out_.text += fmt::format(f, std::forward<A>(a)...) + "\n";
  }
  void page(const std::string& name, std::string bytes) { out_.files[name] = std::move(bytes); }
  // A file of patterns, one a line; its path.
  std::string patterns(const std::vector<std::string>& lines) {
    std::string name = fmt::format("p{}.lst", ++files_), bytes;
    for (auto& l : lines) bytes += l + "\n";
    page(name, bytes);
    return s_.dir + "/" + name;
  }

  void pool(const BalancerPool& p) {
    line("backend {}\n  balance {}", p.id, p.least_outstanding ? "leastconn" : "roundrobin");
    // Whoever has no target never comes here (see forward()): a failure to connect is the ALB's 502.
    line("  errorfile 503 {}/502.http", s_.dir);
    if (p.stickiness_seconds > 0)
      line("  cookie AWSALB insert indirect nocache dynamic attr Max-Age={}\n  dynamic-cookie-key {}",
           p.stickiness_seconds, s_.id);
    if (with_servers_)
      for (auto& t : p.targets)
        if (!t.draining) line("  server {}", haproxy_server_line(p, t));
  }

  void listener(const BalancerListener& l) {
    bool tls = l.tls;
    line("frontend l{}\n  bind {}:{}{}", l.port, s_.address, l.port,
         tls ? " ssl crt " + s_.dir + "/tls.pem" : "");
    line("  http-request set-header X-Forwarded-Proto {}\n  http-request set-header X-Forwarded-Port {}",
         tls ? "https" : "http", l.port);
    line(
        "  http-request set-header X-Amzn-Trace-Id "
        "Root=1-%[date,hex,bytes(8,8)]-%[uuid(4),regsub(-,,g),bytes(0,24)] "
        "unless {{ req.hdr(X-Amzn-Trace-Id) -m found }}");
    for (size_t i = 0; i < l.rules.size(); ++i) {
      std::string all;
      for (size_t c = 0; c < l.rules[i].conditions.size(); ++c)
        all += condition(l.rules[i].conditions[c], fmt::format("l{}r{}c{}", l.port, i + 1, c));
      line("  http-request set-var(txn.rule) int({}) if !{{ var(txn.rule) -m found }}{}", i + 1, all);
    }
    line("  http-request set-var(txn.rule) int(0) if !{{ var(txn.rule) -m found }}");
    for (size_t i = 0; i < l.rules.size(); ++i) action(l, l.rules[i].action, i + 1);
    action(l, l.fallback, 0);
    // use_backend stands after all http-request lines
    for (auto& u : uses_) line("{}", u);
    uses_.clear();
  }

  // Declares an acl of that name (any of its lines suffices) and returns " name".
  std::string condition(const BalancerCondition& c, const std::string& name) {
    using F = BalancerCondition::Field;
    std::vector<std::string> p;
    for (auto& v : c.values)
      p.push_back(c.field == F::kMethod || c.field == F::kSourceIp ? v : wildcard_regex(v));
    for (auto& [k, v] : c.pairs)
      p.push_back(k.empty() ? "(^|&)[^=&]*=" + body(v) + "(&|$)"
                            : "(^|&)" + body(k) + "=" + body(v) + "(&|$)");
    std::string file = patterns(p);
    switch (c.field) {
      case F::kPath:
        line("  acl {} path -m reg -f {}", name, file);
        break;
      case F::kHost:
        line("  acl {} req.hdr(host),field(1,:) -m reg -i -f {}", name, file);
        break;
      case F::kHeader:
        line("  acl {} req.fhdr({}) -m reg -i -f {}", name, c.header, file);
        break;
      case F::kQuery:
        line("  acl {} query -m reg -i -f {}", name, file);
        break;
      case F::kMethod:
        line("  acl {} method -m str -f {}", name, file);
        break;
      case F::kSourceIp:
        line("  acl {} src -f {}", name, file);
        break;
    }
    return " " + name;
  }
  static std::string body(std::string_view v) {
    std::string r = wildcard_regex(v);
    return r.substr(1, r.size() - 2);
  }

  void action(const BalancerListener& l, const BalancerAction& a, size_t rule) {
    std::string when = fmt::format("if {{ var(txn.rule) -m int {} }}", rule);
    switch (a.kind) {
      case BalancerAction::Kind::kForward:
        return forward(a, when);
      case BalancerAction::Kind::kRedirect:
        return redirect(l, a, when);
      case BalancerAction::Kind::kFixed: {
        std::string name = fmt::format("b{}.txt", ++files_);
        page(name, a.body);
        std::string type = a.content_type.empty() ? "text/plain" : a.content_type;
        if (a.body.empty())
          line("  http-request return status {} hdr Server awselb/2.0 {}", a.status, when);
        else
          line("  http-request return status {} content-type {} file {}/{} hdr Server awselb/2.0 {}",
               a.status, type, s_.dir, name, when);
      }
    }
  }

  void forward(const BalancerAction& a, const std::string& when) {
    int total = 0;
    for (auto& [pool, weight] : a.forward) total += weight;
    if (total == 0) return line("  http-request return status 503 default-errorfiles {}", when);
    if (a.forward.size() > 1) line("  http-request set-var(txn.share) rand({}) {}", total, when);
    int upto = 0;
    for (auto& [pool, weight] : a.forward) {
      if (weight == 0) continue;
      int from = upto;
      upto += weight;
      std::string mine = when;
      if (a.forward.size() > 1) mine += fmt::format(" {{ var(txn.share) -m int {}:{} }}", from, upto - 1);
      line("  http-request return status 503 default-errorfiles {} {{ nbsrv({}) eq 0 }}", mine, pool);
      uses_.push_back(fmt::format("  use_backend {} {}", pool, mine));
    }
  }

  void redirect(const BalancerListener& l, const BalancerAction& a, const std::string& when) {
    auto part = [&](std::string s) {
      std::string out;
      for (size_t i = 0; i < s.size(); ++i) {
        auto rest = std::string_view(s).substr(i);
        auto eat = [&](std::string_view name, std::string_view by) {
          if (!rest.starts_with(name)) return false;
          out += by;
          i += name.size() - 1;
          return true;
        };
        if (eat("#{protocol}", l.tls ? "https" : "http") || eat("#{port}", std::to_string(l.port)) ||
            eat("#{host}", "%[req.hdr(host),field(1,:)]") || eat("#{path}", "%[path,regsub(^/,)]") ||
            eat("#{query}", "%[query]"))
          continue;
        char c = s[i];
        if (c == '\'' || static_cast<unsigned char>(c) < 0x21 || c == 0x7f)
          out += fmt::format("%%{:02X}", c);
        else
          out += c == '%' ? "%%" : std::string(1, c);
      }
      return out;
    };
    std::string protocol = part(a.protocol.empty() ? "#{protocol}" : a.protocol);
    std::transform(protocol.begin(), protocol.end(), protocol.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    std::string query = a.query.empty() ? "" : "?" + part(a.query);
    line("  http-request redirect code {} location '{}://{}:{}{}{}' {}", a.status, protocol,
         part(a.host.empty() ? "#{host}" : a.host), part(a.port.empty() ? "#{port}" : a.port),
         part(a.path.empty() ? "/#{path}" : a.path), query, when);
  }

  const BalancerSpec& s_;
  bool with_servers_;
  HaproxyConfig out_;
  int files_ = 0;
  std::vector<std::string> uses_;
};

}  // namespace

HaproxyConfig haproxy_config(const BalancerSpec& s, const std::string& control, bool with_servers) {
  return Writer(s, with_servers).write(control);
}

std::string haproxy_server(const BalancerTarget& t) {
  std::string a = t.address;
  std::replace(a.begin(), a.end(), '.', '-');
  return fmt::format("s-{}-{}", a, t.port);
}

std::string haproxy_server_line(const BalancerPool& p, const BalancerTarget& t) {
  return fmt::format("{} {}:{}{}", haproxy_server(t), t.address, t.port, p.tls ? " ssl verify none" : "");
}

std::string wildcard_regex(std::string_view pattern) {
  std::string out = "^";
  for (char c : pattern) {
    if (c == '*')
      out += ".*";
    else if (c == '?')
      out += '.';
    else if (std::string_view("\\^$.|+()[]{}").find(c) != std::string_view::npos)
      (out += '\\') += c;
    else
      out += c;
  }
  return out + "$";
}

}  // namespace relight::sandbox
