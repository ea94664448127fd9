// A bare server that answers 200, for wrk: what the server loop itself costs. Prints its port, serves until stdin ends.
#include <cstdio>
#include <cstdlib>

#include "aws/http/server.h"

int main(int argc, char** argv) {
  relight::http::ServerSettings settings;
  settings.threads = argc > 1 ? std::atoi(argv[1]) : 1;
  relight::http::Server server(settings, relight::system_clock());
  auto l = server.add_listener("127.0.0.1", 0, [](relight::http::Request&&, relight::http::Reply reply) {
    relight::http::Response r;
    r.headers.add("Content-Type", "text/plain");
    r.body = "ok\n";
    reply.send(std::move(r));
  });
  if (!l) {
    std::fprintf(stderr, "%s\n", l.error().text().c_str());
    return 1;
  }
  std::printf("%u\n", l->port);
  std::fflush(stdout);
  while (std::getchar() != EOF) {
  }
  return 0;
}
