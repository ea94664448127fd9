// CloudFormation: stacks, change sets and their events. The engine does the work; this file is the API.
#pragma once
#include <string>
#include <vector>

#include "aws/gen/cloudformation.h"
#include "sandbox/gateway/service.h"
#include "sandbox/services/cloudformation/engine.h"
#include "sandbox/services/cloudformation/stack.h"
#include "sandbox/world/table.h"

namespace relight::sandbox {

class CloudFormationService final : public Service {
 public:
  explicit CloudFormationService(World& w);
  void start() override;
  void region_restored(const std::string& region) override { resume(region); }
  const cfn::Engine& engine() const { return engine_; }
  void use(Authority& a) { engine_.use(a); }

 private:
  template <class T>
  using R = Result<T>;
  template <class Op>
  using Out = Result<typename Op::Output>;
  using Texts = std::optional<std::vector<std::string>>;

  // ---- operations: one file a family ----
  void register_stacks();  // stacks.cc
  void register_lists();   // reads.cc
  void register_exports();
  void register_events();  // events.cc
  void register_resources();
  void register_templates();  // templates.cc
  void register_summaries();
  void register_changes();  // changes.cc
  void register_change_lists();
  void register_drifts();  // drifts.cc
  Out<aws::cloudformation::op::CreateStack> create(const Call& c,
                                                   const aws::cloudformation::CreateStackInput& in);
  Out<aws::cloudformation::op::UpdateStack> update(const Call& c,
                                                   const aws::cloudformation::UpdateStackInput& in);
  Out<aws::cloudformation::op::DeleteStack> remove(const Call& c,
                                                   const aws::cloudformation::DeleteStackInput& in);
  Out<aws::cloudformation::op::CreateChangeSet> propose(const Call& c,
                                                        const aws::cloudformation::CreateChangeSetInput& in);
  Out<aws::cloudformation::op::ExecuteChangeSet> execute(
      const Call& c, const aws::cloudformation::ExecuteChangeSetInput& in);

  Out<aws::cloudformation::op::DetectStackDrift> detect(const Call& c,
                                                        const aws::cloudformation::DetectStackDriftInput& in);
  void settle_drift(const std::string& region, const std::string& id);
  void look_for_drift(const std::string& region, cfn::Stack& s);

  // By name or id; a deleted stack only by id. Error as the API words it.
  Result<cfn::Stack*> stack(const std::string& region, const std::string& name);
  cfn::Stack* live(const std::string& region, const std::string& name);
  Result<std::string> body(const std::string& region, const std::optional<std::string>& text,
                           const std::optional<std::string>& url);
  // A template and parameters as an operation wants them, checked; `tmpl` is the template read.
  struct Wanted {
    cfn::Target target;
    cfn::Json tmpl;
  };
  Result<Wanted> wanted(std::string body,
                        const std::optional<std::vector<aws::cloudformation::Parameter>>& given,
                        const cfn::Json& previous, const Texts& capabilities);
  void aim(cfn::Stack& s, const Wanted& w);  // what the stack shows of its template
  Result<> check_types(const cfn::Json& tmpl);
  Result<> capable(const cfn::Json& tmpl, const Texts& capabilities);
  Result<> assumable(const std::optional<std::string>& role_arn);
  Result<cfn::Stack*> make(const std::string& region, const std::string& name, const std::string& status);
  void begin(const Call& c, cfn::Stack& s, const std::string& op);
  void save(const std::string& region, cfn::Stack& s);
  void drive(const std::string& region, const std::string& id);
  void resume(const std::string& region);
  void settle_change_set(const std::string& region, const std::string& id);
  std::string arn(const std::string& region, const std::string& kind, const std::string& name);

  Result<cfn::ChangeSet*> change_set(const std::string& region, const std::string& name,
                                     const std::optional<std::string>& stack);
  Result<> may_change(const std::string& region, const cfn::Stack* s, const cfn::ChangeSet& cs,
                      const std::string& name);
  // What executing the target would do to resources, and whether that and the outputs stay as they are.
  struct Comparison {
    cfn::Json changes;
    bool nothing = false;
  };
  Result<Comparison> compare(const std::string& region, const cfn::Stack& s, const Wanted& w);
  cfn::Exports exports();

  Table<cfn::Stack> stacks_;       // by stack id
  Table<cfn::ChangeSet> changes_;  // by change set id
  cfn::Engine engine_;
};

namespace cfn {

// Between the API's lists and what a stack keeps.
Json json_of(const std::optional<std::vector<aws::cloudformation::Parameter>>& parameters);
Json json_of(const std::optional<std::vector<aws::cloudformation::Tag>>& tags);
std::vector<aws::cloudformation::Tag> tags_of(const Json& tags);
std::vector<aws::cloudformation::Parameter> parameters_of(const Json& parameters,
                                                          const std::set<std::string>& secrets);
inline Instant instant_of(int64_t ms) { return Instant{Millis{ms}}; }
std::unexpected<Error> not_now(const Stack& s, std::string_view verb);

// One page of `all`; the token is the index to go on from.
template <class T>
std::vector<T> page(const std::vector<T>& all, const std::optional<std::string>& token,
                    std::optional<std::string>& next) {
  constexpr size_t kPage = 100;
  size_t from = token ? std::min<size_t>(std::strtoul(token->c_str(), nullptr, 10), all.size()) : 0,
         to = std::min(all.size(), from + kPage);
  if (to < all.size()) next = std::to_string(to);
  return {all.begin() + static_cast<long>(from), all.begin() + static_cast<long>(to)};
}

}  // namespace cfn
}  // namespace relight::sandbox
