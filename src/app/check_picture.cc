#include "app/check_picture.h"

#include "app/application.h"
#include "aws/gen/models.h"
#include "dr/capture/roots.h"
#include "dr/capture/walk.h"

namespace relight::app {
namespace {

dr::Estate estate(Result<dr::Inventory> seen, const std::string& region) {
  if (!seen) return dr::Estate::unseen(region, seen.error().text());
  return dr::Estate(std::move(*seen));
}

}  // namespace

Result<dr::Inventory> look_at_recovery(Workshop& w, const dr::Topology& t) {
  auto& c = w.config;
  auto all = aws::models();
  dr::Walk walk{w.aws->patient(), all, c.recovery.region};
  dr::Roots roots;
  if (!c.recovery.stack.empty()) {
    TRY_ASSIGN(roots, dr::roots_of_stack(walk, c.recovery.stack));
  }
  // What is missing there is a finding, not an error.
  auto named = dr::roots_of(t.recovery);
  roots.may.insert(roots.may.end(), roots.must.begin(), roots.must.end());
  roots.may.insert(roots.may.end(), named.begin(), named.end());
  roots.must.clear();
  if (!t.flag_bucket.empty()) roots.may.push_back({"s3/bucket", t.flag_bucket});
  if (roots.may.empty())
    return fail("Capture.NoRoots", "neither relight.yaml nor the pilot's stack names anything there");
  return dr::walk(walk, roots);
}

dr::Picture take_picture(Workshop& w, dr::Topology topology, bool read_secrets) {
  dr::Picture p;
  p.config = w.config;
  p.topology = topology;
  auto site = w.site(std::move(topology), {});
  p.observed_at = site.clock.now();
  dr::side_by_side(
      {[&] { p.primary = estate(look_at_primary(w), w.config.primary.region); },
       [&] { p.recovery = estate(look_at_recovery(w, site.topology), w.config.recovery.region); },
       [&] { look_live(w, site, p.live); }, [&] { look_sql(site, p.live); }});
  look_again(w, site, read_secrets, p);
  return p;
}

}  // namespace relight::app
