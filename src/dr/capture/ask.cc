#include "dr/capture/ask.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "aws/client/paginate.h"
#include "aws/codec/codec.h"
#include "dr/capture/pointer.h"

namespace relight::dr {
namespace {
using Json = nlohmann::json;

const aws::ServiceModel* model(const Walk& w, std::string_view service) {
  for (auto* s : w.services)
    if (s->id == service) return s;
  return nullptr;
}

}  // namespace

std::string why(const Error& e) { return e.code + ": " + e.message; }

bool is_absent(const Detail& d, const Error& e) {
  return !e.code.empty() && (" " + std::string(d.absent) + " ").find(" " + e.code + " ") != std::string::npos;
}

bool not_found(const Error& e) {
  return e.http_status == 404 || e.code.find("NotFound") != e.code.npos || e.code.starts_with("NoSuch") ||
         e.code.ends_with("NonExistentQueue") || e.code.ends_with("QueueDoesNotExist") ||
         e.code == "Capture.NoSuchResource";
}

Result<Json> ask(const Walk& w, const Detail& d, const std::map<std::string, std::string>& variables,
                 bool global) {
  auto* service = model(w, d.service);
  auto* op = service ? service->find(d.operation) : nullptr;
  if (!op)
    return fail("Capture.NoOperation", fmt::format("this build cannot call {}:{}", d.service, d.operation));
  auto in = op->make_input();
  TRY(aws::codec::from_json(*op->input, fill_in(d.input, variables), in.get()));
  aws::CallOptions where;
  if (!global) where.region = w.region;
  Json all;
  TRY(aws::paginate(
      w.aws, *service, *op, in.get(),
      [&](const void* out) -> Result<bool> {
        merge_page(all, Json::parse(aws::codec::to_json(*op->output, out)));
        return true;
      },
      where));
  auto* item = d.item.empty() ? &all : at(all, d.item);
  if (!item)
    return fail("Capture.NoSuchResource", fmt::format("{} answered without {}", d.operation, d.item));
  return std::move(*item);
}

Result<Json> ask(const Walk& w, std::string_view service, std::string_view operation,
                 const std::string& input, bool global) {
  return ask(w, {service, operation, input, "", "", ""}, {}, global);
}

}  // namespace relight::dr
