#include "dr/model/image_name.h"

#include <algorithm>

namespace relight::dr {
namespace {

bool twelve_digits(std::string_view s) {
  return s.size() == 12 && std::ranges::all_of(s, [](char c) { return c >= '0' && c <= '9'; });
}

// ACCOUNT.dkr.ecr.REGION.amazonaws.com; "dkr.ecr-fips" too.
void read_host(ImageName& out) {
  std::string_view rest = out.host;
  auto dot = rest.find('.');
  if (dot == rest.npos || !twelve_digits(rest.substr(0, dot))) return;
  auto account = rest.substr(0, dot);
  rest.remove_prefix(dot + 1);
  bool ecr = false;
  for (std::string_view mark : {"dkr.ecr.", "dkr.ecr-fips."})
    if (!ecr && rest.starts_with(mark)) ecr = true, rest.remove_prefix(mark.size());
  if (!ecr) return;
  out.account = account;
  out.region = rest.substr(0, rest.find_first_of(".:"));
}

}  // namespace

ImageName image_name(std::string_view text) {
  ImageName out;
  // The first part is a host if it could not be a part of a name (the rule of the container tools).
  if (auto slash = text.find('/'); slash != text.npos) {
    auto first = text.substr(0, slash);
    if (first.find_first_of(".:") != first.npos || first == "localhost") {
      out.host = first;
      text.remove_prefix(slash + 1);
    }
  }
  if (auto at = text.find('@'); at != text.npos) {
    out.digest = text.substr(at + 1);
    text = text.substr(0, at);
  }
  auto colon = text.rfind(':');
  bool tagged = colon != text.npos && text.find('/', colon) == text.npos;
  out.repository = text.substr(0, tagged ? colon : text.npos);
  if (tagged) out.tag = text.substr(colon + 1);
  if (out.tag.empty() && out.digest.empty()) out.tag = "latest";
  read_host(out);
  return out;
}

}  // namespace relight::dr
