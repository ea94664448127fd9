// A body, piece by piece, without holding more than one piece in memory.
#pragma once
#include <functional>
#include <string_view>

#include "aws/http/message.h"

namespace relight::http {

// In order; a body in memory comes as one piece. Errors: "Disk.Failed".
Result<> each_piece(const Body& body, const std::function<void(std::string_view)>& take);

}  // namespace relight::http
