#include "aws/codec/pattern.h"

#include <boost/regex.hpp>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <unordered_map>

namespace relight::aws::codec {
namespace {

// What stands between the brackets of a class of bytes.
std::string property(std::string_view name) {
  if (name == "ASCII") return "\\x00-\\x7F";
  if (name == "Print") return "\\x20-\\x7E";
  if (name == "L") return "A-Za-z\\x80-\\xFF";
  if (name == "N") return "0-9\\x80-\\xFF";
  if (name == "Z") return " \\x80-\\xFF";
  if (name == "M") return "\\x80-\\xFF";
  if (name == "S") return "$+<=>^`|~\\x80-\\xFF";
  return "!-#%-*,-/:;?@\\[-\\]_{}\\x80-\\xFF";  // P
}

// \uXXXX inside a class: a byte, or all the bytes above ASCII.
std::string code_point(std::string_view hex) {
  unsigned v = static_cast<unsigned>(std::stoul(std::string(hex), nullptr, 16));
  char text[8];
  std::snprintf(text, sizeof text, "\\x%02X", v > 0x7f ? 0xFFu : v);
  return text;
}

bool is_hex(std::string_view s) {
  return s.size() == 4 && s.find_first_not_of("0123456789abcdefABCDEF") == s.npos;
}

// '-' between a finished range or class escape and something else means itself in Java; Boost wants it
// escaped.
struct ClassState {
  bool inside = false, ended = false;  // ended: the last atom cannot start a range
};

struct Compiled {
  boost::regex regex;
  bool usable = false;
};

std::shared_ptr<const Compiled> compile(std::string_view pattern) {
  auto c = std::make_shared<Compiled>();
  try {
    c->regex = boost::regex(translate_pattern(pattern), boost::regex::perl | boost::regex::nosubs);
    c->usable = true;
  } catch (const std::exception&) {  // Boost.Regex throws on what it cannot read
  }
  return c;
}

std::shared_ptr<const Compiled> compiled(std::string_view pattern) {
  static std::shared_mutex mutex;
  static std::unordered_map<std::string_view, std::shared_ptr<const Compiled>> known;
  {
    std::shared_lock lock(mutex);
    if (auto it = known.find(pattern); it != known.end()) return it->second;
  }
  auto c = compile(pattern);
  std::unique_lock lock(mutex);
  return known.emplace(pattern, c).first->second;
}

}  // namespace

std::string translate_pattern(std::string_view p) {
  std::string out;
  ClassState in;
  for (size_t i = 0; i < p.size(); ++i) {
    char c = p[i];
    if (c == '\\' && i + 1 < p.size()) {
      char n = p[i + 1];
      if (n == 'p' && i + 2 < p.size() && p[i + 2] == '{') {
        size_t close = p.find('}', i);
        std::string set = property(p.substr(i + 3, close - i - 3));
        out += in.inside ? set : "[" + set + "]";
        i = close;
        in.ended = true;
      } else if (n == 'u' && is_hex(p.substr(i + 2, 4))) {
        out += code_point(p.substr(i + 2, 4));
        i += 5;
        in.ended = false;
      } else {
        out += c, out += n, ++i;
        in.ended = n == 'w' || n == 'd' || n == 's' || n == 'S' || n == 'W' || n == 'D';
      }
    } else if (!in.inside) {
      out += c;
      if (c == '[') {
        in = {true, true};
        if (i + 1 < p.size() && p[i + 1] == '^') out += p[++i];
      }
    } else if (c == ']') {
      out += c;
      in.inside = false;
    } else if (c == '-' && i + 1 < p.size() && p[i + 1] != ']' && !in.ended) {
      out += c;  // a range: copy its end too
      if (p[i + 1] != '\\') out += p[++i];
      in.ended = true;
    } else if (c == '-' || c == '[') {
      out += '\\', out += c;
      in.ended = false;
    } else {
      out += c;
      in.ended = false;
    }
  }
  return out;
}

bool understood(std::string_view pattern) { return compile(pattern)->usable; }

bool matches(std::string_view pattern, std::string_view text) {
  auto c = compiled(pattern);
  if (!c->usable) return true;
  try {
    return boost::regex_match(text.begin(), text.end(), c->regex);
  } catch (const std::exception&) {  // complexity limit
    return true;
  }
}

}  // namespace relight::aws::codec
