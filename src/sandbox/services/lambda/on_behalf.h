// How another service of the sandbox says for whom it invokes a function (World::call<lambda::op::Invoke>,
// always as an Event): in ClientContext, which events do not carry otherwise. The function's resource policy
// then has to allow it. Without these words an Invoke from inside is the region's own.
#pragma once
#include <string>
#include <string_view>

namespace relight::sandbox::functions {

inline constexpr std::string_view kOnBehalf = "relight-on-behalf-of ";

// service: "s3.amazonaws.com", "events.amazonaws.com", "sns.amazonaws.com".
inline std::string on_behalf(std::string_view service, std::string_view source_arn) {
  return std::string(kOnBehalf) + std::string(service) + " " + std::string(source_arn);
}

}  // namespace relight::sandbox::functions
