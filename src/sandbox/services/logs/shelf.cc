#include "sandbox/services/logs/shelf.h"

#include <fmt/format.h>

#include <charconv>

namespace relight::sandbox::logs {
namespace {

constexpr const char* kShelf = "logs/events";

// "REGION|STREAM|TIME|NUMBER" -> "INGESTED MESSAGE".
std::string shelf_key(const std::string& region, uint64_t stream, const Place& p) {
  return fmt::format("{}|{}|{}|{}", region, stream, p.time, p.number);
}

template <class T>
std::string_view shelf_number(std::string_view text, T& out) {
  auto [end, bad] = std::from_chars(text.data(), text.data() + text.size(), out);
  size_t used = static_cast<size_t>(end - text.data());
  return text.substr(std::min(text.size(), used + 1));  // and what separates it
}

}  // namespace

Shelf::Shelf(World& w) : world_(w) {
  world_.store().each(kShelf, [&](const std::string& key, const std::string& value) {
    std::string region = key.substr(0, key.find('|'));
    std::string_view rest = std::string_view(key).substr(std::min(key.size(), region.size() + 1));
    uint64_t stream = 0;
    Place p;
    Kept k;
    rest = shelf_number(rest, stream);
    rest = shelf_number(rest, p.time);
    shelf_number(rest, p.number);
    k.message = shelf_number(std::string_view(value), k.ingested);
    Stream& s = streams_[region][stream];
    s.bytes += k.message.size();
    bytes_[region] += k.message.size();
    next_ = std::max(next_, p.number + 1);
    s.events.emplace(p, std::move(k));
  });
}

void Shelf::add(const std::string& region, uint64_t stream, int64_t time, int64_t ingested,
                std::string message) {
  Stream& s = streams_[region][stream];
  Place p{time, next_++};
  s.bytes += message.size();
  bytes_[region] += message.size();
  world_.store().put(kShelf, shelf_key(region, stream, p), fmt::format("{} {}", ingested, message));
  s.events.emplace(p, Kept{ingested, std::move(message)});
}

Shelf::Events::iterator Shelf::drop(const std::string& region, uint64_t stream, Stream& s,
                                    Events::iterator at) {
  s.bytes -= at->second.message.size();
  bytes_[region] -= at->second.message.size();
  world_.store().erase(kShelf, shelf_key(region, stream, at->first));
  return s.events.erase(at);
}

const std::map<Place, Kept>& Shelf::of(const std::string& region, uint64_t stream) const {
  static const Events kNone;
  auto r = streams_.find(region);
  if (r == streams_.end()) return kNone;
  auto s = r->second.find(stream);
  return s == r->second.end() ? kNone : s->second.events;
}

size_t Shelf::bytes(const std::string& region, uint64_t stream) const {
  auto r = streams_.find(region);
  auto s = r == streams_.end() ? decltype(r->second.begin()){} : r->second.find(stream);
  return r == streams_.end() || s == r->second.end() ? 0 : s->second.bytes;
}

void Shelf::forget(const std::string& region, uint64_t stream) {
  Stream& s = streams_[region][stream];
  for (auto at = s.events.begin(); at != s.events.end();) at = drop(region, stream, s, at);
  streams_[region].erase(stream);
}

void Shelf::forget_before(const std::string& region, uint64_t stream, int64_t time) {
  Stream& s = streams_[region][stream];
  for (auto at = s.events.begin(); at != s.events.end() && at->first.time < time;)
    at = drop(region, stream, s, at);
}

bool Shelf::bound(const std::string& region) {
  bool any = false;
  for (auto& [id, s] : streams_[region])
    while (s.bytes > kStreamBytes) any = true, drop(region, id, s, s.events.begin());
  while (bytes_[region] > kRegionBytes) {
    auto oldest = streams_[region].end();
    for (auto it = streams_[region].begin(); it != streams_[region].end(); ++it)
      if (!it->second.events.empty() &&
          (oldest == streams_[region].end() ||
           it->second.events.begin()->first < oldest->second.events.begin()->first))
        oldest = it;
    if (oldest == streams_[region].end()) break;
    drop(region, oldest->first, oldest->second, oldest->second.events.begin());
    any = true;
  }
  return any;
}

}  // namespace relight::sandbox::logs
