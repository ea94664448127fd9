// A certificate authority of the sandbox's own, and what it signs.
#pragma once
#include <string>
#include <vector>

#include "base/result.h"

namespace relight::sandbox {

struct Issued {
  std::string certificate, key;  // PEM; P-256
};

// A self-signed authority, valid for ten years, that may sign for names below `permitted` alone (RFC 5280,
// name constraints): whoever trusts it trusts it for nothing else. Error "Tls.Certificate".
Result<Issued> make_authority(const std::string& common_name, const std::vector<std::string>& permitted);
// A server's certificate for DNS names ("*.us-east-1.amazonaws.com" too), valid for two years.
Result<Issued> issue(const Issued& authority, const std::vector<std::string>& names);

}  // namespace relight::sandbox
