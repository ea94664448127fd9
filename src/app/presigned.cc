#include "app/presigned.h"

namespace relight::app {

std::optional<http::Request> get_of_address(const std::string& url) {
  auto mark = url.find("://");
  if (mark == url.npos) return std::nullopt;
  http::Request r;
  r.scheme = url.substr(0, mark);
  auto rest = url.substr(mark + 3);
  r.host = rest.substr(0, rest.find_first_of("/?"));
  auto target = rest.substr(r.host.size());
  r.path = target.substr(0, target.find('?'));
  if (auto q = target.find('?'); q != target.npos) r.query = target.substr(q + 1);
  return r;
}

}  // namespace relight::app
