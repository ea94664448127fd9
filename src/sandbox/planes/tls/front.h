// TLS on port 443, ended by haproxy, which passes the bytes on as they are.
#pragma once
#include <string>
#include <vector>

#include "base/process.h"
#include "base/result.h"

namespace relight::sandbox {

struct TlsRoute {
  std::string address;   // IPv4 that is listened on
  std::string upstream;  // "127.0.0.1:4566"; nobody there: the connection is closed
};

struct TlsFrontSpec {
  std::string dir;                 // its own; keeps the authority, so that who trusts it once need not again
  std::vector<std::string> names;  // of the certificate
  std::vector<std::string> domains;  // that the authority may sign for
  std::vector<TlsRoute> routes;
  int port = 443;
};

class TlsFront {
 public:
  // Blocks until it listens. Errors "Tls.Certificate", "Tls.Start" with haproxy's words.
  Result<> start(const TlsFrontSpec& spec);
  bool running() { return process_.running(); }
  static std::string authority_file(const std::string& dir) { return dir + "/authority.pem"; }

 private:
  Process process_;  // ends with this
};

}  // namespace relight::sandbox
