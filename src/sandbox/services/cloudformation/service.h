// CloudFormation: stacks, change sets and their events. The engine does the work; this file is the API.
#pragma once
#include <string>

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

 private:
  template <class T>
  using R = Result<T>;
  void register_stacks();
  void register_reads();
  void register_changes();

  // By name or id; a deleted stack only by id. Error as the API words it.
  Result<cfn::Stack*> stack(const std::string& region, const std::string& name);
  cfn::Stack* live(const std::string& region, const std::string& name);
  Result<std::string> body(const std::string& region, const std::optional<std::string>& text, const std::optional<std::string>& url);
  Result<cfn::Target> target(const std::string& body, const cfn::Json& given, const cfn::Json& previous);
  Result<cfn::Stack*> make(const std::string& region, const std::string& name, const std::string& status);
  void drive(const std::string& region, const std::string& id);
  void resume(const std::string& region);
  std::string arn(const std::string& region, const std::string& kind, const std::string& name);
  Result<> capable(const cfn::Json& tmpl, const std::optional<std::vector<std::string>>& capabilities);
  Result<cfn::ChangeSet*> change_set(const std::string& region, const std::string& name, const std::optional<std::string>& stack);
  Result<cfn::Json> compare(const std::string& region, const cfn::Stack& s, const cfn::Target& t);
  std::optional<std::string> exported(const std::string& region, const std::string& name);

  Table<cfn::Stack> stacks_;        // by stack id
  Table<cfn::ChangeSet> changes_;   // by change set id
  cfn::Engine engine_;
};

}  // namespace relight::sandbox
