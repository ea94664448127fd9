// One describing call by name, all of its pages, as JSON.
#pragma once
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "dr/capture/kind.h"
#include "dr/capture/walk.h"

namespace relight::dr {

// `d.input` filled in; what `d.item` points at. Errors: AWS's own,
// "Capture.NoSuchResource" when the answer holds no such item, "Capture.NoOperation" when this build cannot
// call it. Blocks.
Result<nlohmann::json> ask(const Walk& w, const Detail& d,
                           const std::map<std::string, std::string>& variables, bool global);
// The same with a whole input.
Result<nlohmann::json> ask(const Walk& w, std::string_view service, std::string_view operation,
                           const std::string& input, bool global = false);

// "AccessDenied: …", without the request id: the same refusal is the same text in every capture.
std::string why(const Error& e);
// AWS's way to say that this resource has no such part.
bool is_absent(const Detail& d, const Error& e);
bool not_found(const Error& e);

// What the kind's first detail would bring for each of these, by reference, in one call where its `together` allows it. What
// is missing in it (a call that failed, a resource that does not exist) is to be asked by itself, which tells why.
std::map<std::string, nlohmann::json> ask_together(const Walk& w, const Kind& k,
                                                   const std::vector<std::string>& references);

}  // namespace relight::dr
