// Keeps secret values out of what is captured. Errs on the side of withholding: a value that was kept back by
// mistake is named in inventory.json, one that was written is out for ever.
#pragma once
#include <nlohmann/json_fwd.hpp>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace relight::dr {

inline constexpr std::string_view kWithheld = "(withheld)";

struct Secrets {
  std::vector<std::string> names;  // of variables, tags, options: what was withheld
  std::set<std::string> values;    // what they held; never to be printed
};

// By its name: "DB_PASSWORD", "api-key". The name, ARN, id or file of a secret is not the secret.
bool looks_secret(std::string_view name);

// In the places where people write what they like (environment, commands, labels, log options, tags, header
// conditions and inputs of rules): values whose name looks secret, passwords within URLs and "password=…" texts, private
// keys, and members of JSON texts whose name looks secret.
void withhold(nlohmann::json& properties, Secrets& secrets);
// What was found secret in one place is kept out of the others of these places, whatever it is called there.
void scrub(nlohmann::json& properties, const std::set<std::string>& values);

}  // namespace relight::dr
