#include "aws/client/paginate.h"

#include <fmt/format.h>

#include "aws/client/member_path.h"

namespace relight::aws {

const Paginator* find_paginator(const ServiceModel& s, std::string_view operation) {
  for (auto& p : s.paginators)
    if (p.operation == operation) return &p;
  return nullptr;
}

Result<bool> next_page(const Paginator& p, const Operation& op, const void* out, void* in,
                       std::string& seen) {
  if (!p.more_results.empty() && text_at(*op.output, out, p.more_results) != "true") return false;
  std::string tokens;
  bool any = false;
  for (size_t i = 0; i < p.input_tokens.size() && i < p.output_tokens.size(); ++i) {
    std::string token = text_at(*op.output, out, p.output_tokens[i]).value_or("");
    any = any || !token.empty();
    tokens += token + '\n';
    set_member(*op.input, in, p.input_tokens[i], token);
  }
  if (!any) return false;
  if (tokens == seen) {
    Error e;
    e.code = "Paginate.Stuck";
    e.tried = std::string(op.name);
    e.message = "the service gave the same page token twice";
    return fail(std::move(e));
  }
  seen = std::move(tokens);
  return true;
}

Result<> paginate(Caller& caller, const ServiceModel& s, const Operation& op, void* in,
                  const std::function<Result<bool>(const void*)>& page, const CallOptions& o) {
  const Paginator* p = find_paginator(s, op.name);
  std::string seen;
  for (int n = 0; n < kPagesMax; ++n) {
    auto out = op.make_output();
    TRY(caller.invoke(s, op, in, out.get(), o));
    TRY_ASSIGN(bool go_on, page(out.get()));
    if (!p || !go_on) return {};
    TRY_ASSIGN(bool more, next_page(*p, op, out.get(), in, seen));
    if (!more) return {};
  }
  return fail("Paginate.TooMany", fmt::format("{} has more than {} pages", op.name, kPagesMax));
}

}  // namespace relight::aws
