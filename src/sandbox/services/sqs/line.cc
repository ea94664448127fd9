#include "sandbox/services/sqs/line.h"

#include <charconv>
#include <nlohmann/json.hpp>

#include "aws/codec/codec.h"
#include "sandbox/services/sqs/attributes.h"

namespace relight::sandbox::queues {
namespace {

using QueueJson = nlohmann::json;

int64_t queue_ms(Instant t) { return t.time_since_epoch().count(); }
Instant queue_instant(const QueueJson& j, const char* key) {
  return Instant{Millis{j.value(key, int64_t{0})}};
}

}  // namespace

std::string Queue::save() const {
  return QueueJson{{"name", name},
                   {"attributes", attributes},
                   {"tags", tags},
                   {"created", queue_ms(created)},
                   {"modified", queue_ms(modified)},
                   {"purged", queue_ms(purged)}}
      .dump();
}

Result<Queue> Queue::load(const std::string& text) {
  auto j = QueueJson::parse(text, nullptr, false);
  if (!j.is_object()) return fail("Store.Malformed", "a queue that is no JSON object");
  Queue q;
  q.name = j.value("name", "");
  q.attributes = j.value("attributes", std::map<std::string, std::string>{});
  q.tags = j.value("tags", std::map<std::string, std::string>{});
  q.created = queue_instant(j, "created");
  q.modified = queue_instant(j, "modified");
  q.purged = queue_instant(j, "purged");
  return q;
}

int64_t Queue::number(const std::string& attribute) const {
  auto it = attributes.find(attribute);
  std::string_view text = it == attributes.end() ? default_of(attribute) : std::string_view(it->second);
  int64_t n = 0;
  std::from_chars(text.data(), text.data() + text.size(), n);
  return n;
}

bool Queue::says(const std::string& attribute, std::string_view value) const {
  auto it = attributes.find(attribute);
  return it != attributes.end() && it->second == value;
}

std::string Message::save() const {
  return QueueJson{{"as", aws::codec::to_json(*shape_of(&sent_as), &sent_as)},
                   {"queue", queue},
                   {"id", id},
                   {"sender", sender},
                   {"source", source},
                   {"receipt", receipt},
                   {"sequence", sequence},
                   {"received", received},
                   {"sent", queue_ms(sent)},
                   {"first", queue_ms(first_received)},
                   {"visible", queue_ms(visible)}}
      .dump();
}

Result<Message> Message::load(const std::string& text) {
  auto j = QueueJson::parse(text, nullptr, false);
  if (!j.is_object()) return fail("Store.Malformed", "a message that is no JSON object");
  Message m;
  TRY(aws::codec::from_json(*shape_of(&m.sent_as), j.value("as", "{}"), &m.sent_as));
  m.queue = j.value("queue", "");
  m.id = j.value("id", "");
  m.sender = j.value("sender", "");
  m.source = j.value("source", "");
  m.receipt = j.value("receipt", "");
  m.sequence = j.value("sequence", int64_t{0});
  m.received = j.value("received", int64_t{0});
  m.sent = queue_instant(j, "sent");
  m.first_received = queue_instant(j, "first");
  m.visible = queue_instant(j, "visible");
  return m;
}

void Line::add(Message& m) {
  by_sequence_[m.sequence] = &m;
  by_time_.emplace(m.visible, m.sequence);
}

void Line::remove(Message& m) {
  by_time_.erase({m.visible, m.sequence});
  by_sequence_.erase(m.sequence);
}

void Line::set_visible(Message& m, Instant at) {
  by_time_.erase({m.visible, m.sequence});
  m.visible = at;
  by_time_.emplace(at, m.sequence);
}

Message* Line::find(int64_t sequence) const {
  auto it = by_sequence_.find(sequence);
  return it == by_sequence_.end() ? nullptr : it->second;
}

std::vector<Message*> Line::ready(Instant now, size_t n, bool fifo) const {
  std::vector<Message*> out;
  if (fifo) {
    std::set<std::string> held;
    for (auto it = by_sequence_.begin(); it != by_sequence_.end() && out.size() < n; ++it) {
      auto* m = it->second;
      if (m->visible > now)
        held.insert(m->group());
      else if (!held.contains(m->group()))
        out.push_back(m);
    }
    return out;
  }
  for (auto it = by_time_.begin(); it != by_time_.end() && it->first <= now && out.size() < n; ++it)
    out.push_back(find(it->second));
  return out;
}

Instant Line::next_visible(Instant now) const {
  auto it = by_time_.upper_bound({now, INT64_MAX});
  return it == by_time_.end() ? Instant{} : it->first;
}

Line::Counts Line::count(Instant now) const {
  Counts c;
  for (auto& [sequence, m] : by_sequence_)
    ++(m->visible <= now ? c.visible : m->received ? c.in_flight : c.delayed);
  return c;
}

}  // namespace relight::sandbox::queues
