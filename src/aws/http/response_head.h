// The head of an HTTP/1.1 response as it goes onto the wire.
#pragma once
#include <string>
#include <string_view>

#include "aws/http/message.h"

namespace relight::http {

std::string_view reason_phrase(int status);  // RFC 9110; "Unknown" for what it does not name
bool bodyless(int status);                   // 1xx, 204 and 304 have no body

struct HeadOptions {
  std::string_view date;   // IMF-fixdate
  bool head_only = false;  // answers HEAD: Content-Length stays as the handler said it
  bool keep_alive = true;
};
// Appends status line, headers and the empty line. Content-Length is the body's; framing headers of the
// handler's own are left out, and CR or LF in a value becomes a space.
void append_head(std::string& out, const Response& r, const HeadOptions& options);

}  // namespace relight::http
