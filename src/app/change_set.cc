#include "app/change_set.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>

namespace relight::app {
namespace {
namespace cf = aws::cloudformation;
constexpr const char* kName = "relight-deploy";
constexpr Millis kPoll{500};

bool in_progress(const std::string& status) {
  return status.ends_with("_IN_PROGRESS") && status != "REVIEW_IN_PROGRESS";
}

std::string word(const std::optional<std::string>& s) { return s.value_or(""); }

}  // namespace

Result<std::vector<TemplateParameter>> parameters_of(const std::string& text, const std::string& file) {
  std::vector<TemplateParameter> out;
  try {
    auto y = YAML::Load(text);
    if (!y.IsMap() || !y["Resources"])
      return fail(Error{.code = "Deploy.Template",
                        .message = "it holds no Resources",
                        .resource = file,
                        .next = "run 'relight synth' again"});
    for (auto p : y["Parameters"])
      out.push_back({p.first.as<std::string>(),
                     p.second["Default"] ? p.second["Default"].as<std::string>() : "",
                     bool(p.second["Default"]), p.second["NoEcho"] && p.second["NoEcho"].as<bool>()});
  } catch (const YAML::Exception& e) {
    return fail(Error{.code = "Deploy.Template",
                      .message = "it is not well-formed YAML: " + e.msg,
                      .resource = fmt::format("{}:{}:{}", file, e.mark.line + 1, e.mark.column + 1),
                      .next = "run 'relight synth' again, or restore the file from git"});
  }
  return out;
}

StackChange::StackChange(aws::Caller& aws, Clock& clock, std::string region, std::string stack)
    : cfn_(aws), clock_(clock), region_(std::move(region)), stack_(std::move(stack)) {}

Result<std::string> StackChange::status() {
  auto r = cfn_.DescribeStacks({.StackName = stack_}, where());
  if (!r && r.error().code == "ValidationError" &&
      r.error().message.find("does not exist") != std::string::npos)
    return "";
  if (!r) return std::unexpected(r.error());
  if (!r->Stacks || r->Stacks->empty()) return "";
  auto& s = r->Stacks->front();
  told_.clear();
  for (auto& p : s.Parameters.value_or(std::vector<cf::Parameter>{}))
    told_[word(p.ParameterKey)] = word(p.ParameterValue);
  auto status = word(s.StackStatus);
  return status == "DELETE_COMPLETE" ? "" : status;
}

namespace {

// The stack's own event with which a creation, an update or a deletion begins.
bool begins_operation(const cf::StackEvent& e) {
  auto status = word(e.ResourceStatus);
  return word(e.ResourceType) == "AWS::CloudFormation::Stack" &&
         word(e.LogicalResourceId) == word(e.StackName) && status.ends_with("_IN_PROGRESS") &&
         status.find("ROLLBACK") == status.npos && status.find("CLEANUP") == status.npos;
}

}  // namespace

// Those of the last operation since the last look, oldest first. They come newest first and in pages: the
// reason of a failure may be behind a page of what was rolled back for it.
Result<std::vector<cf::StackEvent>> StackChange::fresh_events() {
  std::vector<cf::StackEvent> fresh;
  cf::DescribeStackEventsInput in{.StackName = stack_};
  do {
    TRY_ASSIGN(auto page, cfn_.DescribeStackEvents(in, where()));
    in.NextToken = page.NextToken;
    for (auto& e : page.StackEvents.value_or(std::vector<cf::StackEvent>{})) {
      bool told = word(e.EventId) == last_event_;
      if (!told) fresh.push_back(e);
      if (!told && !begins_operation(e)) continue;
      in.NextToken.reset();
      break;
    }
  } while (in.NextToken && !in.NextToken->empty());
  std::ranges::reverse(fresh);
  return fresh;
}

Result<> StackChange::tell_events() {
  TRY_ASSIGN(auto fresh, fresh_events());
  for (auto& e : fresh) {
    auto status = word(e.ResourceStatus), reason = word(e.ResourceStatusReason);
    bool failed = status.ends_with("_FAILED");
    if (failed && first_failure_.empty() && reason.find("cancelled") == reason.npos)
      first_failure_ = word(e.LogicalResourceId) + ": " + reason;
    if (!status.ends_with("_IN_PROGRESS") || failed)
      fmt::print("  {:<20} {} {}{}\n", status, word(e.ResourceType), word(e.LogicalResourceId),
                 failed ? ": " + reason : "");
  }
  std::fflush(stdout);
  if (!fresh.empty()) last_event_ = word(fresh.back().EventId);
  return {};
}

Result<std::string> StackChange::follow() {
  for (;;) {
    TRY_ASSIGN(auto now, status());
    if (!now.empty()) TRY(tell_events());
    if (!in_progress(now)) return now;
    clock_.sleep(kPoll);
  }
}

Error StackChange::broken(const std::string& status) {
  bool rolled = status == "ROLLBACK_COMPLETE";
  Error e{.code = rolled ? "Deploy.RolledBack" : "Deploy.Stuck",
          .message = fmt::format("the stack is {}{}", status,
                                 first_failure_.empty() ? "" : ", because of " + first_failure_),
          .tried = "deploy the pilot",
          .resource = stack_,
          .region = region_};
  if (rolled || status == "CREATE_FAILED" || status == "ROLLBACK_FAILED" || status == "DELETE_FAILED")
    e.next = fmt::format(
        "its creation failed, and CloudFormation takes no change of such a stack: mend the cause, delete the "
        "stack (aws "
        "cloudformation delete-stack --region {} --stack-name {}), remove what it retained and you do not "
        "want, and deploy again",
        region_, stack_);
  else
    e.next = fmt::format(
        "aws cloudformation continue-update-rollback --region {} --stack-name {}, then deploy again", region_,
        stack_);
  return e;
}

Result<bool> StackChange::settle() {
  TRY_ASSIGN(auto before, status());
  if (in_progress(before)) {
    fmt::print("{} in {} is {}: an earlier deployment goes on\n", stack_, region_, before);
    TRY_ASSIGN(before, follow());
  } else if (before.ends_with("FAILED") || before == "ROLLBACK_COMPLETE") {
    TRY(tell_events());
  } else if (!before.empty()) {
    auto r = cfn_.DescribeStackEvents({.StackName = stack_}, where());
    if (r && r->StackEvents && !r->StackEvents->empty()) last_event_ = word(r->StackEvents->front().EventId);
  }
  if (before == "ROLLBACK_COMPLETE" || before.ends_with("_FAILED")) return fail(broken(before));
  exists_ = !before.empty() && before != "REVIEW_IN_PROGRESS";
  return exists_;
}

Result<> StackChange::wait_until_made(bool* empty) {
  for (;;) {
    TRY_ASSIGN(auto d, cfn_.DescribeChangeSet({.ChangeSetName = kName, .StackName = stack_}, where()));
    auto now = word(d.Status), reason = word(d.StatusReason);
    *empty = now == "FAILED" && (reason.find("didn't contain changes") != reason.npos ||
                                 reason.find("No updates are to be performed") != reason.npos);
    if (now == "CREATE_COMPLETE" || *empty) return {};
    if (now == "FAILED")
      return fail(Error{.code = "Deploy.Refused",
                        .message = reason,
                        .tried = "make a change set",
                        .resource = stack_,
                        .region = region_,
                        .next = "mend the template's cause in the primary region, capture and synth again"});
    clock_.sleep(kPoll);
  }
}

Result<> StackChange::read_changes() {
  std::optional<std::string> token;
  changes_.clear();
  do {
    TRY_ASSIGN(auto d, cfn_.DescribeChangeSet(
                           {.ChangeSetName = kName, .StackName = stack_, .NextToken = token}, where()));
    for (auto& c : d.Changes.value_or(std::vector<cf::Change>{}))
      if (c.ResourceChange) changes_.push_back(*c.ResourceChange);
    token = d.NextToken;
  } while (token && !token->empty());
  std::ranges::sort(changes_, {}, [](auto& c) { return word(c.LogicalResourceId); });
  return {};
}

Result<bool> StackChange::prepare(const std::string& text, Parameters parameters) {
  constexpr size_t kInline = 51'200;  // CreateChangeSet, TemplateBody
  if (text.size() > kInline)
    return fail(Error{
        .code = "Deploy.TooLarge",
        .message = fmt::format("the template has {} bytes; CloudFormation takes at most {} in a call",
                               text.size(), kInline),
        .tried = "make a change set",
        .resource = stack_,
        .region = region_,
        .next = fmt::format(
            "aws cloudformation deploy --region {} --stack-name {} --template-file … --s3-bucket BUCKET "
            "--capabilities CAPABILITY_IAM",
            region_, stack_)});
  auto left = cfn_.DescribeChangeSet({.ChangeSetName = kName, .StackName = stack_}, where());
  if (left) {
    fmt::print("a change set of an earlier run is there; it is made anew\n");
    TRY(cfn_.DeleteChangeSet({.ChangeSetName = kName, .StackName = stack_}, where()));
  }
  TRY(cfn_.CreateChangeSet(
      {.StackName = stack_,
       .TemplateBody = text,
       .Parameters = std::move(parameters),
       .Capabilities = std::vector<std::string>{"CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"},
       .ChangeSetName = kName,
       .Description = "relight deploy",
       .ChangeSetType = exists_ ? "UPDATE" : "CREATE"},
      where()));
  bool empty = false;
  TRY(wait_until_made(&empty));
  if (empty) {
    TRY(cfn_.DeleteChangeSet({.ChangeSetName = kName, .StackName = stack_}, where()));
    return false;
  }
  TRY(read_changes());
  return true;
}

Result<> StackChange::discard() {
  TRY(cfn_.DeleteChangeSet({.ChangeSetName = kName, .StackName = stack_}, where()));
  if (!exists_) TRY(cfn_.DeleteStack({.StackName = stack_}, where()));
  return {};
}

Result<> StackChange::execute() {
  TRY(cfn_.ExecuteChangeSet({.ChangeSetName = kName, .StackName = stack_}, where()));
  TRY_ASSIGN(auto end, follow());
  if (end == "CREATE_COMPLETE" || end == "UPDATE_COMPLETE") return {};
  if (end == "UPDATE_ROLLBACK_COMPLETE")
    return fail(Error{.code = "Deploy.Failed",
                      .message = "the stack went back to what it was, because of " + first_failure_,
                      .tried = "deploy the pilot",
                      .resource = stack_,
                      .region = region_,
                      .next = "mend the cause and deploy again"});
  return fail(broken(end));
}

Result<std::string> StackChange::physical(const std::string& logical) {
  TRY_ASSIGN(auto r,
             cfn_.DescribeStackResource({.StackName = stack_, .LogicalResourceId = logical}, where()));
  auto id = r.StackResourceDetail ? word(r.StackResourceDetail->PhysicalResourceId) : "";
  if (!id.empty()) return id;
  return fail(Error{.code = "Deploy.NoResource",
                    .message = "the stack has no " + logical,
                    .resource = stack_,
                    .region = region_,
                    .next = "run 'relight synth' and 'relight deploy' again"});
}

}  // namespace relight::app
