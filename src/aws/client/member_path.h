// Reads and writes members of a described struct by the paths that paginators use: "a.b", "a[-1].b", "x ||
// y". Internal to src/aws/client.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "aws/shape.h"

namespace relight::aws {

// The text of a string, number or boolean ("true"/"false") at the path; nullopt if nothing is there or it is
// empty.
std::optional<std::string> text_at(const Shape& shape, const void* value, std::string_view path);
// How many elements a list at the path has; 0 if absent.
size_t length_at(const Shape& shape, const void* value, std::string_view path);
// Sets a top-level member from text (string, integer or long); an empty text resets it. False if there is no
// such member.
bool set_member(const Shape& shape, void* value, std::string_view name, std::string_view text);

}  // namespace relight::aws
