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

std::map<std::string, Json> ask_together(const Walk& w, const Kind& k,
                                         const std::vector<std::string>& references) {
  std::map<std::string, Json> out;
  std::map<std::string, std::vector<std::string>> calls;  // by input: services of one cluster, …
  for (auto& r : references)
    if (k.together.most > 0 && r.starts_with("arn:"))
      calls[fill_in(k.together.input, variables_of(r))].push_back(r);
  for (auto& [input, of_call] : calls) {
    if (of_call.size() < 2) continue;
    auto ids = Json(of_call).dump();
    std::map<std::string, std::string> none;
    auto text = input;
    text.replace(text.find("{ids}"), 5, ids.substr(1, ids.size() - 2));
    auto& d = k.details.front();
    auto all = ask(w, {d.service, d.operation, text, k.together.items, "", ""}, none, k.global);
    if (!all || !all->is_array()) continue;
    for (auto& item : *all)
      if (auto* id = at(item, k.together.id); id && id->is_string()) out[id->get<std::string>()] = item;
  }
  return out;
}

}  // namespace relight::dr
