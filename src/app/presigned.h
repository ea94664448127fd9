// Addresses that a service hands out for some minutes. Each is a secret as long as it is good, so no error
// names one.
#pragma once
#include <optional>
#include <string>

#include "aws/http/message.h"

namespace relight::app {

// "https://host/path?query" as a GET; nullopt: it is no address.
std::optional<http::Request> get_of_address(const std::string& url);

}  // namespace relight::app
