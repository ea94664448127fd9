// Shapes as JSON values, both ways, for the JSON protocols (wire names) and for people (the model's names).
#pragma once
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "aws/shape.h"
#include "base/result.h"

namespace relight::aws::codec {

// How a JSON text looks.
struct JsonForm {
  bool wire_names = true;               // locationName; else the model's names
  TimeFormat time = TimeFormat::kUnix;  // where neither member nor shape says one
  bool own_times = true;                // members' and shapes' time formats count
  bool strict = false;                  // unknown members are errors
};
inline constexpr JsonForm kWireForm{};
inline constexpr JsonForm kOwnNamesForm{.wire_names = false};
inline constexpr JsonForm kModelForm{
    .wire_names = false, .time = TimeFormat::kIso8601, .own_times = false, .strict = true};

enum class Members { kAll, kPayload };  // of the outermost structure

inline constexpr int kMaxJsonDepth = 64;
inline constexpr size_t kMaxJsonBytes = 96u << 20;  // Lambda takes 50 MiB of code, in base64

// Appends. Absent members are left out. Invalid UTF-8 becomes U+FFFD.
void write_json(std::string& out, const Shape& shape, const void* value, const JsonForm& form,
                Members members = Members::kAll);
void write_json_string(std::string& out, std::string_view text);

// Error "SerializationException" (400): not JSON, deeper than kMaxJsonDepth, longer than kMaxJsonBytes.
Result<nlohmann::json> parse_json(std::string_view text);
// null members, list elements and map values are taken as absent. Error "SerializationException" names the
// path.
Result<> read_json(const nlohmann::json& json, const Shape& shape, void* value, const JsonForm& form,
                   Members members = Members::kAll);
// Both steps; an empty text is an empty structure.
Result<> read_json_text(std::string_view text, const Shape& shape, void* value, const JsonForm& form,
                        Members members = Members::kAll);

}  // namespace relight::aws::codec
