// The outside observer: one read or write of the application, as a visitor would do it.
#pragma once
#include <string>

#include "aws/http/exchange.h"
#include "base/clock.h"
#include "base/rng.h"
#include "dr/data/records.h"
#include "dr/model/validation.h"
#include "dr/steps/resolver.h"

namespace relight::app {

class Prober {
 public:
  // `url`: http://host[:port]/ of the application; what is asked below it is `validation`'s. Error "Usage.Url".
  static Result<Prober> make(const std::string& url, dr::Validation validation, dr::Resolver& resolver,
                             http::Exchange& http, Clock& clock, Rng& rng, Millis deadline);
  bool writes() const { return v_.write.has_value(); }
  // validation.write with an id of its own, which is the record's token. Without `picture`, {picture} is empty.
  dr::ProbeRecord write(bool picture);
  // validation.read, the status alone: visitors may well read what takes no writes.
  dr::ProbeRecord read();

 private:
  Prober(dr::Resolver& r, http::Exchange& h, Clock& c, Rng& g, Millis d)
      : resolver_(&r), http_(&h), clock_(&c), rng_(&g), deadline_(d) {}
  void send(const dr::Question& q, const dr::Words& words, bool status_alone, dr::ProbeRecord& p);
  dr::Validation v_;
  dr::Resolver* resolver_;
  http::Exchange* http_;
  Clock* clock_;
  Rng* rng_;
  Millis deadline_;
  std::string scheme_, host_, port_, base_;
};

}  // namespace relight::app
