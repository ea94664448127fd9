#include <algorithm>

#include "sandbox/planes/dns/plane.h"

namespace relight::sandbox::dns {
namespace {

constexpr size_t kUdpPlain = 512;    // RFC 1035 4.2.1
constexpr uint16_t kUdpEdns = 1232;  // what passes any path unfragmented

Message reply_to(const Message& q) {
  Message r;
  r.id = q.id;
  r.response = true;
  r.opcode = q.opcode;
  r.recursion_desired = q.recursion_desired;
  r.questions = q.questions;
  if (q.edns) r.edns = Edns{kUdpEdns, 0, q.edns->dnssec_ok};
  return r;
}

Rcode refusal(const Message& q) {
  if (q.opcode != 0) return Rcode::kNotImp;
  if (q.questions.size() != 1) return Rcode::kFormErr;
  if (q.edns && q.edns->version > 0) return Rcode::kBadVers;
  const Question& only = q.questions.front();
  if (only.cls != 1 && only.cls != 255) return Rcode::kRefused;
  if (only.type == kAxfr || only.type == kIxfr) return Rcode::kRefused;
  return Rcode::kNoError;
}

}  // namespace

std::string respond(Answerer& a, std::string_view query, bool udp) {
  if (query.size() < 12 || (static_cast<unsigned char>(query[2]) & 0x80))
    return {};  // never answer an answer
  auto q = parse(query);
  if (!q) {
    Message r;
    r.id = static_cast<uint16_t>(static_cast<unsigned char>(query[0]) << 8 |
                                 static_cast<unsigned char>(query[1]));
    r.response = true;
    r.rcode = Rcode::kFormErr;
    return compose(r);
  }
  Message r = reply_to(*q);
  r.rcode = refusal(*q);
  if (r.rcode != Rcode::kNoError) return compose(r);
  Answer answer = a.answer(q->questions.front());
  r.rcode = answer.rcode;
  r.authoritative = answer.authoritative;
  r.answers = std::move(answer.answers);
  r.authority = std::move(answer.authority);
  r.additional = std::move(answer.additional);
  std::string bytes = compose(r);
  size_t limit =
      udp ? (q->edns ? std::clamp<size_t>(q->edns->udp_size, kUdpPlain, kUdpEdns) : kUdpPlain) : 65535;
  if (bytes.size() <= limit) return bytes;
  r.answers.clear();
  r.authority.clear();
  r.additional.clear();
  r.truncated = true;
  return compose(r);
}

Result<Message> SimulatedDnsPlane::ask(std::string_view name, uint16_t type) {
  if (!answerer_) return fail("Dns.Down", "the simulated DNS plane serves nobody");
  Message q;
  q.id = 1;
  q.questions.push_back({canonical_name(name).value_or(""), std::string(name), type, 1});
  if (q.questions[0].sent.ends_with('.')) q.questions[0].sent.pop_back();
  return parse(respond(*answerer_, compose(q), false));
}

}  // namespace relight::sandbox::dns
