// The outside observer: one read or write of the application, as a visitor would do it.
#pragma once
#include <string>

#include "aws/http/exchange.h"
#include "base/clock.h"
#include "base/rng.h"
#include "dr/data/records.h"
#include "dr/steps/resolver.h"

namespace relight::app {

class Prober {
 public:
  // `url`: http://host[:port]/ of the application. Error "Usage.Url".
  static Result<Prober> make(const std::string& url, dr::Resolver& resolver, http::Exchange& http,
                             Clock& clock, Rng& rng, Millis deadline);
  dr::ProbeRecord write(bool picture);  // POST /entries with a token of its own; acknowledged: 2xx
  dr::ProbeRecord read();               // GET /entries?limit=1

 private:
  Prober(dr::Resolver& r, http::Exchange& h, Clock& c, Rng& g, Millis d)
      : resolver_(&r), http_(&h), clock_(&c), rng_(&g), deadline_(d) {}
  void send(const char* method, const std::string& path, const std::string& query, const std::string& body,
            dr::ProbeRecord& p);
  dr::Resolver* resolver_;
  http::Exchange* http_;
  Clock* clock_;
  Rng* rng_;
  Millis deadline_;
  std::string scheme_, host_, port_, base_;
};

}  // namespace relight::app
