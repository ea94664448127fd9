#include "dr/readiness/check.h"

#include <fmt/format.h>

#include "app/canary.h"
#include "app/check_picture.h"
#include "dr/readiness/render.h"

namespace relight::app {
namespace {

int exit_of(const dr::Tally& t) {
  if (t.fail) return kNotReady;
  return t.unknown ? kNotKnown : kDone;
}

Result<> one_form(const Global& g, const CheckOptions& o) {
  if (g.json + o.junit + o.markdown <= 1) return {};
  return fail(Error{.code = "Usage.Form",
                    .message = "more than one of --json, --junit and --markdown was given",
                    .tried = "relight check",
                    .next = "choose one"});
}

Result<int> check(const Global& g, const CheckOptions& o) {
  TRY(one_form(g, o));
  TRY_ASSIGN(auto selected, dr::select_checks(o.only));
  TRY_ASSIGN(auto w, Workshop::open(g));
  TRY_ASSIGN(auto topology, w->topology(true));
  if (o.canary) {
    TRY(run_canary(*w, w->site(topology, {})));
  }
  auto picture = take_picture(*w, std::move(topology), o.read_secrets);
  auto findings = dr::run_checks(picture, selected);
  dr::Heading h{w->config.application, w->config.primary.region, w->config.recovery.region,
                system_clock().now()};
  auto render = g.json       ? dr::findings_json
                : o.junit    ? dr::findings_junit
                : o.markdown ? dr::findings_markdown
                             : dr::findings_text;
  fmt::print("{}", render(h, findings));
  return exit_of(dr::tally(findings));
}

}  // namespace

int check_verb(const Global& g, const CheckOptions& o) {
  auto r = check(g, o);
  return r ? *r : report(r.error());
}

}  // namespace relight::app
