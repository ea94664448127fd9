// One CloudFormation stack brought to a template by way of a change set.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "aws/client/client_base.h"
#include "aws/gen/cloudformation.h"
#include "base/clock.h"

namespace relight::app {

struct TemplateParameter {
  std::string name;
  std::string fallback{};  // its default
  bool has_default = false, secret = false;
};
// Error "Deploy.Template" where the text is no template.
Result<std::vector<TemplateParameter>> parameters_of(const std::string& template_text,
                                                     const std::string& file);

class StackChange {
 public:
  using Parameters = std::vector<aws::cloudformation::Parameter>;
  StackChange(aws::Caller& aws, Clock& clock, std::string region, std::string stack);

  // Waits for what is under way (an earlier run's), telling its events. Whether the stack stands afterwards;
  // a stack that only a change set has begun does not. Errors "Deploy.RolledBack", "Deploy.Stuck" with what
  // to do.
  Result<bool> settle();
  // The parameters that the stack has already; a secret one's value is "****".
  const std::map<std::string, std::string>& told() const { return told_; }
  // False: nothing would change. A change set of an earlier run is made anew: it may hold other parameters.
  Result<bool> prepare(const std::string& template_text, Parameters parameters);
  const std::vector<aws::cloudformation::ResourceChange>& changes() const { return changes_; }
  // Takes the change set away, and the empty stack that it began.
  Result<> discard();
  // Executes it and tells each event until the stack stands. Error "Deploy.Failed" with the first reason.
  Result<> execute();
  // The resource's physical id. Error "Deploy.NoResource".
  Result<std::string> physical(const std::string& logical);

 private:
  Result<std::string> status();  // "" when there is no stack
  Result<std::string> follow();  // until nothing is in progress; the status
  Result<std::vector<aws::cloudformation::StackEvent>> fresh_events();
  Result<> tell_events();
  Result<> wait_until_made(bool* empty);
  Result<> read_changes();
  Error broken(const std::string& status);
  aws::CallOptions where() const { return {region_, Millis(30000)}; }

  aws::cloudformation::Client cfn_;
  Clock& clock_;
  std::string region_, stack_, last_event_, first_failure_;
  std::map<std::string, std::string> told_;
  std::vector<aws::cloudformation::ResourceChange> changes_;
  bool exists_ = false;
};

}  // namespace relight::app
