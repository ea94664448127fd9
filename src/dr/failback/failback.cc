#include "dr/failback/failback.h"

#include "aws/gen/s3.h"

namespace relight::dr {
namespace {

// The flag is where the failover put it: in the region that serves until now.
std::unique_ptr<Step> make_flag_down(Site& back) {
  auto lower = [&back](Context& c, const std::string& bucket, const std::string& key) -> Result<> {
    aws::CallOptions where{back.config.primary.region, Millis(10000)};
    TRY(act(c, "s3:DeleteObject", bucket + "/" + key,
            [&] { return aws::s3::Client(back.aws).DeleteObject({.Bucket = bucket, .Key = key}, where); }));
    return {};
  };
  return make_dns(back, lower, "primary");
}

}  // namespace

std::map<std::string, std::unique_ptr<Step>> failback_steps(Site& back, Site& there) {
  std::map<std::string, std::unique_ptr<Step>> out;
  out["quarantine"] = make_quarantine(there);
  out["keep"] = make_keep(back, true);
  out["replica"] = make_rebuild(back, "keep");
  out["admit"] = make_admit(back);
  out["objects"] = make_bring_objects(back, false);
  out["secrets"] = make_return_secrets(back, there);
  out["autoscaling"] = make_autoscaling(back);
  out["compute"] = make_compute(back);
  out["capacity"] = make_capacity(back);
  out["fence"] = make_strict_fence(back);
  out["equal"] = make_equal(back);
  out["last-objects"] = make_bring_objects(back, true);
  out["promote"] = make_promote(back);
  out["open"] = make_open(back);
  out["functions"] = make_functions(back);
  out["triggers"] = make_triggers(back);
  out["validate"] = make_validate(back);
  out["dns"] = make_flag_down(back);
  out["unscale"] = make_unscale(there);
  out["network"] = make_network_off(there);
  out["readmit"] = make_admit(there);
  out["put-aside"] = make_keep(there, false);
  out["rebuild"] = make_rebuild(there, "put-aside");
  out["replicate"] = make_replicate_secrets(there);
  out["commit"] = make_commit(back);
  return out;
}

std::map<std::string, std::unique_ptr<Step>> undo_steps(Site& there) {
  std::map<std::string, std::unique_ptr<Step>> out;
  out["reopen"] = make_reopen(there);
  out["readmit"] = make_admit(there);
  out["autoscaling"] = make_autoscaling(there);
  out["compute"] = make_compute(there);
  out["capacity"] = make_capacity(there);
  out["open"] = make_open(there);
  out["functions"] = make_functions(there);
  out["triggers"] = make_triggers(there);
  out["validate"] = make_validate(there);
  out["commit"] = make_commit(there);
  return out;
}

}  // namespace relight::dr
