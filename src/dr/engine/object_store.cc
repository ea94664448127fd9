#include "dr/engine/object_store.h"

#include <fmt/format.h>

#include <map>
#include <mutex>
#include <nlohmann/json.hpp>

namespace relight::dr {
namespace {

std::string head_json(const RunHead& h) {
  return nlohmann::json{{"run", h.run},   {"application", h.application},
                        {"kind", h.kind}, {"started", iso8601(h.started)},
                        {"seq", h.seq},   {"hash", h.hash}}
      .dump();
}

Result<RunHead> head_from(const std::string& text) {
  auto j = nlohmann::json::parse(text, nullptr, false);
  try {
    RunHead h{j.at("run"), j.at("application"), j.at("kind"), {}, j.at("seq").get<uint64_t>(), j.at("hash")};
    TRY_ASSIGN(h.started, parse_iso8601(j.at("started").get<std::string>()));
    return h;
  } catch (const nlohmann::json::exception& e) {
    return fail("Journal.Tampered", "a run's head cannot be read: " + std::string(e.what()));
  }
}

class ObjectStore final : public Store {
 public:
  ObjectStore(std::shared_ptr<Objects> o, std::string prefix, bool (*alive)(const Holder&))
      : o_(std::move(o)), prefix_(std::move(prefix)), alive_(alive) {}

  Result<Lease> acquire(const Holder& me, const std::string& run, Instant now, Millis ttl) override {
    TRY_ASSIGN(auto current, current_lease());
    auto& [lease, etag] = current;
    if (!takable(lease, me, now, alive_)) return fail(held_by(lease, now));
    Lease taken{lease.epoch + 1, true, run, me, now, now + ttl};
    return write(taken, etag);
  }

  Result<Lease> renew(const Lease& mine, Instant now, Millis ttl) override {
    TRY_ASSIGN(auto current, current_lease());
    if (current.first.epoch != mine.epoch || !current.first.held)
      return fail(lease_lost(mine, current.first));
    Lease renewed = mine;
    renewed.expires = now + ttl;
    return write(renewed, current.second);
  }

  Result<> release(const Lease& mine) override {
    TRY_ASSIGN(auto current, current_lease());
    if (current.first.epoch != mine.epoch) return fail(lease_lost(mine, current.first));
    Lease free = mine;
    free.held = false;
    TRY(write(free, current.second));
    return {};
  }

  Result<Lease> lease() override {
    TRY_ASSIGN(auto current, current_lease());
    return current.first;
  }

  Result<> append(const Lease& mine, const RunHead& run, std::span<const Event> events) override {
    TRY_ASSIGN(auto current, current_lease());
    if (current.first.epoch != mine.epoch || !current.first.held)
      return fail(lease_lost(mine, current.first));
    std::string lines;
    for (auto& e : events) lines += to_json(e) + "\n";
    auto key = fmt::format("{}runs/{}/{:012}.json", prefix_, run.run, events.front().seq);
    // Nobody else may have written this place of the chain: the object is created, never replaced. An answer
    // that was lost leaves our own text there, which counts as written.
    if (auto r = o_->create(key, lines); !r) {
      auto there = o_->get(key);
      if (!there || there->text != lines)
        return r.error().code == "PreconditionFailed" ? fail(lease_lost(mine, current.first))
                                                      : fail(r.error());
    }
    RunHead head = run;
    head.seq = events.back().seq;
    head.hash = events.back().hash;
    return o_->put(prefix_ + "heads/" + run.run, head_json(head));
  }

  Result<std::vector<Event>> read(const std::string& run) override {
    auto head_text = o_->get(prefix_ + "heads/" + run);
    if (!head_text && head_text.error().code == "NoSuchKey")
      return fail(Error{.code = "Journal.NotFound", .message = "there is no such run", .resource = run});
    if (!head_text) return fail(head_text.error());
    TRY_ASSIGN(auto head, head_from(head_text->text));
    TRY_ASSIGN(auto keys, o_->list(prefix_ + "runs/" + run + "/"));
    std::vector<Event> out;
    for (auto& key : keys) {
      TRY_ASSIGN(auto object, o_->get(key));
      TRY(lines_into(object.text, out));
    }
    // A crash between the batch and the head leaves the head behind; the chain itself proves the longer
    // journal.
    if (out.size() > head.seq) head.seq = out.size(), head.hash = out.back().hash;
    TRY(verify(out, head.seq, head.hash));
    return out;
  }

  Result<std::vector<RunHead>> runs() override {
    TRY_ASSIGN(auto keys, o_->list(prefix_ + "heads/"));
    std::vector<RunHead> out;
    for (auto& key : keys) {
      TRY_ASSIGN(auto object, o_->get(key));
      TRY_ASSIGN(auto head, head_from(object.text));
      out.push_back(std::move(head));
    }
    std::sort(out.begin(), out.end(), [](auto& a, auto& b) { return a.started < b.started; });
    return out;
  }

  Result<> keep(const std::string& name, const std::string& text) override {
    return o_->put(prefix_ + "kept/" + name, text);
  }

  Result<std::optional<std::string>> kept(const std::string& name) override {
    auto r = o_->get(prefix_ + "kept/" + name);
    if (r) return std::optional<std::string>(r->text);
    if (r.error().code == "NoSuchKey") return std::optional<std::string>();
    return fail(r.error());
  }

 private:
  static Result<> lines_into(const std::string& text, std::vector<Event>& out) {
    for (size_t at = 0; at < text.size();) {
      auto end = text.find('\n', at);
      if (end == std::string::npos) return fail("Journal.Truncated", "a batch of the journal is cut short");
      TRY_ASSIGN(auto e, event_from_json(std::string_view(text).substr(at, end - at)));
      out.push_back(std::move(e));
      at = end + 1;
    }
    return {};
  }

  // With its ETag; empty when there is none yet.
  Result<std::pair<Lease, std::string>> current_lease() {
    auto r = o_->get(prefix_ + "lease");
    if (!r && r.error().code == "NoSuchKey") return std::pair(Lease{}, std::string());
    if (!r) return fail(r.error());
    TRY_ASSIGN(auto lease, lease_from_json(r->text));
    return std::pair(lease, r->etag);
  }

  Result<Lease> write(const Lease& l, const std::string& etag) {
    auto text = to_json(l);
    auto r = etag.empty() ? o_->create(prefix_ + "lease", text) : o_->replace(prefix_ + "lease", text, etag);
    if (r) return l;
    TRY_ASSIGN(auto now, current_lease());
    if (now.first == l) return l;  // it was written; only the answer was lost
    if (r.error().code == "PreconditionFailed") return fail(held_by(now.first, l.since));
    return fail(r.error());
  }

  std::shared_ptr<Objects> o_;
  std::string prefix_;
  bool (*alive_)(const Holder&);
};

}  // namespace

std::unique_ptr<Store> make_object_store(std::shared_ptr<Objects> objects, std::string prefix,
                                         bool (*holder_alive)(const Holder&)) {
  return std::make_unique<ObjectStore>(std::move(objects), std::move(prefix), holder_alive);
}

}  // namespace relight::dr
