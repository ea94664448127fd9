#include "sandbox/services/logs/pattern.h"

#include <algorithm>
#include <cctype>

#include "sandbox/gateway/service.h"

namespace relight::sandbox::logs {
namespace {

std::unexpected<Error> bad_pattern(const std::string& why) {
  return aws_error("InvalidParameterException", "Invalid filter pattern: " + why);  // wording unverified
}

// One term from the front of `text`, with or without quotes.
Result<std::string> pattern_term(std::string_view& text) {
  std::string out;
  if (!text.starts_with('"')) {
    size_t end = std::min(text.find_first_of(" \t"), text.size());
    out = text.substr(0, end);
    text.remove_prefix(end);
    if (out.empty() || !std::all_of(out.begin(), out.end(),
                                    [](unsigned char c) { return std::isalnum(c) || c == '_' || c > 127; }))
      return bad_pattern("a term of other than letters, digits and underscores belongs in quotes");
    return out;
  }
  for (size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size() && (text[i + 1] == '"' || text[i + 1] == '\\'))
      out += text[++i];
    else if (text[i] == '"') {
      text.remove_prefix(i + 1);
      return out.empty() ? Result<std::string>(bad_pattern("an empty term")) : out;
    } else
      out += text[i];
  }
  return bad_pattern("a quote is not closed");
}

}  // namespace

Result<Pattern> Pattern::parse(std::string_view text) {
  Pattern p;
  auto skip = [&] { text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size())); };
  for (skip(); !text.empty(); skip()) {
    if (text[0] == '{' || text[0] == '[' || text[0] == '%')
      return bad_pattern("only terms are built in this sandbox, not JSON, columns or regular expressions");
    auto& into = text[0] == '?' ? p.any : text[0] == '-' ? p.none : p.all;
    if (text[0] == '?' || text[0] == '-') text.remove_prefix(1);
    TRY_ASSIGN(std::string term, pattern_term(text));
    if (!text.empty() && text[0] != ' ' && text[0] != '\t')
      return bad_pattern("terms are separated by spaces");
    into.push_back(std::move(term));
  }
  // AWS ignores the optional terms then; whoever writes such a pattern means something else.
  if (!p.any.empty() && (!p.all.empty() || !p.none.empty()))
    return bad_pattern("\"?\" does not go together with other terms");
  return p;
}

bool Pattern::matches(std::string_view m) const {
  auto holds = [&](const std::string& t) { return m.find(t) != m.npos; };
  return std::all_of(all.begin(), all.end(), holds) && std::none_of(none.begin(), none.end(), holds) &&
         (any.empty() || std::any_of(any.begin(), any.end(), holds));
}

}  // namespace relight::sandbox::logs
