// A modelled error's own members, between XML (inside <Error>) and Error::members (a JSON object by member
// names).
#pragma once
#include <pugixml.hpp>
#include <string>

#include "aws/shape.h"

namespace relight::aws::codec {

// JSON object of the members found below `n`, without message and code; "" if there are none.
std::string xml_error_members(const pugi::xml_node& n, const Shape& error);
// Elements for the members that `json` holds.
void xml_write_error_members(std::string& out, const Shape& error, const std::string& json);

}  // namespace relight::aws::codec
