// A certificate for a load balancer's HTTPS listeners: the sandbox has no ACM, so its ARNs stand for this
// one.
#pragma once
#include <string>

#include "base/result.h"

namespace relight::sandbox {

// Key and self-signed certificate in PEM, P-256, valid for ten years. Error "Balancer.Certificate".
Result<std::string> self_signed_pem(const std::string& common_name);

}  // namespace relight::sandbox
