// AWS Lambda: functions whose packages really run (planes/function), versions and aliases, concurrency,
// synchronous and asynchronous invocation, resource policies, event source mappings from SQS. See README.md.
#pragma once
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "aws/gen/lambda.h"
#include "sandbox/gateway/service.h"
#include "sandbox/planes/function/function_plane.h"
#include "sandbox/services/lambda/names.h"
#include "sandbox/services/lambda/number.h"
#include "sandbox/world/row.h"

namespace relight::sandbox {

namespace functions {
namespace api = aws::lambda;
using Function = Row<api::FunctionConfiguration>;
using Alias = Row<api::AliasConfiguration>;
using Mapping = Row<api::EventSourceMappingConfiguration>;
using Tags = std::map<std::string, std::string>;

// How many of a function's requests are under way; of its own lock, because they end on the plane's thread.
class InFlight {
 public:
  // False: it would be more than `limit` of this function (negative: none), or more than `account` in all.
  bool begin(const std::string& region, const std::string& name, int32_t limit, int32_t account);
  void end(const std::string& region, const std::string& name);

 private:
  std::mutex m_;
  std::map<std::pair<std::string, std::string>, int32_t> of_;
  std::map<std::string, int32_t> all_;
};

// A deployment package on its way in.
struct Package {
  std::string zip, sha;  // sha: 64 hexadecimal digits
};
}  // namespace functions

class LambdaService final : public Service {
 public:
  LambdaService(World& w, function::FunctionPlane& plane);
  void start() override;
  void stop() override;
  void region_lost(const std::string& region) override;
  void region_restored(const std::string& region) override;
  // A synchronous Invoke waits for its function, which may ask this sandbox for something meanwhile.
  bool locks_itself() const override { return true; }

 private:
  using Region = const std::string&;
  using Done = function::FunctionPlane::Done;
  // A handler under the world's lock, its writes kept.
  template <class Op>
  void held(std::function<Result<typename Op::Output>(const Call&, const typename Op::Input&)> f) {
    on<Op>([this, f = std::move(f)](const Call& c, const typename Op::Input& in) {
      std::lock_guard g(world_.lock());
      return kept(c, f(c, in));
    });
  }
  template <class Out>
  Result<Out> kept(const Call& c, Result<Out> out) {
    if (out && c.raw)
      if (auto ok = world_.store().flush(); !ok)
        return aws_error("ServiceException", "the sandbox could not keep its state: " + ok.error().message,
                         500);
    return out;
  }

  void add_create();
  void add_reads();
  void add_code_update();
  void add_updates();
  void add_delete();
  void add_versions();
  void add_aliases();
  void add_alias_reads();
  Result<> check_alias(Region r, const std::string& name, const functions::Alias& a);
  void add_concurrency();
  void add_account();
  void add_invoke();
  void add_policies();
  void add_tags();
  void add_mappings();
  void add_mapping_reads();
  void add_mapping_changes();

  // ---- service.cc ----
  std::string arn(Region r, const std::string& name, const std::string& qualifier = "") const;
  Result<functions::Named> named(Region r, const std::optional<std::string>& function,
                                 const std::optional<std::string>& qualifier = std::nullopt) const;
  // "ResourceNotFoundException" when there is none. No qualifier: $LATEST.
  Result<functions::Function*> find(Region r, const functions::Named& n);
  Result<functions::Function*> changeable(const Call& c,
                                          const functions::Named& n);  // $LATEST, nothing under way
  Result<> role_can_be_assumed(const std::string& role);
  void changed(Region r, functions::Function& f);  // a new revision; saved
  void settle(Region r,
              const std::string& name);  // Pending -> Active, InProgress -> Successful, after a while

  // ---- code.cc ----
  std::string code_dir(Region r, const std::string& name, const std::string& sha) const;
  Result<functions::Package> package_of(Region r, const functions::api::FunctionCode& code);
  Result<> install(Region r, const std::string& name, const functions::Package& p);  // blocks
  void install_later(Region r, const std::string& name, functions::Package p);
  void sweep_code(Region r, const std::string& name);  // what no version refers to
  Result<> check(const functions::Function& f) const;

  // ---- versions.cc ----
  Result<functions::Function> publish(Region r, functions::Function& latest,
                                      const std::optional<std::string>& description);

  // ---- invoke.cc ----
  struct Target {
    functions::Function* function = nullptr;
    std::string arn;  // as it was asked for: an alias's ARN keeps its alias
  };
  Result<Target> target(Region r, const functions::Named& n);
  // "TooManyRequestsException" when it may not run now. `done` runs on the plane's thread, without the lock.
  Result<> begin(Region r, const Target& t, function::Request request, Done done);
  function::Spec spec_of(Region r, const Target& t);
  Principal credentials(Region r, const functions::Function& f);

  // ---- events.cc ----
  struct Event {
    std::string region;
    functions::Named to;
    function::Request request;
    int failures = 0, throttles = 0;
    Instant accepted{};
  };
  void deliver(Event e);
  void delivered(Event e, const function::Outcome& out);
  void again(Event e, Millis after);
  void drop(const Event& e, const std::string& why);
  Result<> may_invoke(Region r, const functions::Named& n, const std::string& caller);

  // ---- logs.cc ----
  void write_logs(Region r, const std::string& name, const std::string& stream, const std::string& text);

  // ---- mappings.cc, poll.cc ----
  Result<functions::Mapping*> find_mapping(Region r, const std::optional<std::string>& uuid);
  void set_state(Region r, functions::Mapping& m, const std::string& state, const std::string& reason);
  void settle_mapping(Region r, const std::string& uuid);
  void poll(Region r, const std::string& uuid, const std::string& life);
  void poll_later(Region r, const std::string& uuid, const std::string& life, Millis after);
  void batch_done(Region r, const std::string& uuid, const std::string& life,
                  const std::vector<std::pair<std::string, std::string>>& receipts,
                  const function::Outcome& out);

  function::FunctionPlane& plane_;
  Table<functions::Function> functions_;  // "NAME" is $LATEST, "NAME:3" a version
  Table<functions::Alias> aliases_;       // "NAME:ALIAS"
  Table<Row<functions::api::ListTagsResponse>> tags_;
  Table<Row<functions::api::GetPolicyResponse>> policies_;  // "NAME" or "NAME:QUALIFIER"
  Table<Row<functions::api::Concurrency>> reserved_;
  Table<functions::Number> numbers_;              // the last version number given, by name
  Table<functions::Mapping> mappings_;            // by UUID
  Table<functions::Number> paused_;               // mappings that are not to poll, by UUID
  std::map<std::string, Principal> credentials_;  // "REGION/NAME/ROLE"
  std::map<std::string, std::string> polling_;    // UUID -> which life of its poller goes on
  std::shared_ptr<functions::InFlight> in_flight_ = std::make_shared<functions::InFlight>();
  bool no_logs_ = false;
};

}  // namespace relight::sandbox
