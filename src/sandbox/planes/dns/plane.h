// Who answers, and what carries the questions to them.
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sandbox/planes/dns/message.h"

namespace relight::sandbox::dns {

struct Answer {
  Rcode rcode = Rcode::kRefused;
  bool authoritative = false;
  std::vector<Record> answers, authority, additional;
};

class Answerer {
 public:
  virtual ~Answerer() = default;
  // Thread-safe; must not block (it runs on the thread that serves the socket).
  virtual Answer answer(const Question& q) = 0;
};

// The whole of a name server but its sockets: the answer to one query's bytes, empty if none is owed (what is
// not a query). UDP answers above the asker's limit (512, or EDNS up to 1232: RFC 9715) come back truncated
// with TC.
std::string respond(Answerer& a, std::string_view query, bool udp);

class DnsPlane {
 public:
  virtual ~DnsPlane() = default;
  // Serves `answerer`, which outlives stop(), on address:port over UDP and TCP; port 0 takes a free one.
  // Error "Dns.Bind" if the port is taken or may not be had.
  virtual Result<int> serve(const std::string& address, int port, Answerer& answerer) = 0;
  virtual void stop() = 0;
};

// Real sockets on one thread; at most 256 TCP connections, each idle for at most 10 s.
std::unique_ptr<DnsPlane> make_embedded_dns_plane();

// No sockets: ask() is what a resolver would have been told. For tests and simulation.
class SimulatedDnsPlane final : public DnsPlane {
 public:
  Result<int> serve(const std::string&, int port, Answerer& a) override { return answerer_ = &a, port; }
  void stop() override { answerer_ = nullptr; }
  Result<Message> ask(std::string_view name, uint16_t type);

 private:
  Answerer* answerer_ = nullptr;
};

}  // namespace relight::sandbox::dns
