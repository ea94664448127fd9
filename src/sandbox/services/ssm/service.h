// AWS Systems Manager, its Parameter Store alone: hierarchies, versions, labels, tags. See README.md.
#pragma once
#include <string>
#include <vector>

#include "aws/gen/ssm.h"
#include "sandbox/gateway/service.h"
#include "sandbox/world/row.h"

namespace relight::sandbox {

namespace parameters {
namespace api = aws::ssm;
using Version = Row<api::ParameterHistory>;
struct Tags {
  std::map<std::string, std::string> all;
  std::string save() const;
  static Result<Tags> load(const std::string& json);
};

// A parameter as somebody names it: "NAME", "NAME:3", "NAME:label", or an ARN in front of these.
struct Selected {
  std::string name, selector;  // selector without its colon
};
Selected select(const std::string& named);
// Refusals of PutParameter that concern the name: "Requirements and constraints for parameter names".
Result<> check_name(const std::string& name);
// "/a" holds "/a/b"; "/a/b/c" only when recursive.
bool under(const std::string& name, std::string path, bool recursive);
}  // namespace parameters

class SsmService final : public Service {
 public:
  explicit SsmService(World& w);

 private:
  using Region = const std::string&;
  void add_put();
  void add_delete();
  void add_reads();
  void add_by_path();
  void add_history();
  void add_labels();
  void add_tags();
  void add_describe();

  std::vector<parameters::Version*> versions(Region r, const std::string& name);  // oldest first
  std::vector<std::string> names(Region r);
  Result<parameters::Version*> find(Region r, const std::string& named);
  parameters::api::Parameter shown(Region r, const parameters::Version& v, const std::string& selector,
                                   bool decrypt) const;
  Result<parameters::Version> next_version(const Call& c, const parameters::api::PutParameterRequest& in,
                                           const parameters::Version* last);
  Result<> make_room(Region r, const std::string& name);
  bool passes(Region r, const parameters::Version& v, const parameters::api::ParameterStringFilter& f);
  bool erase(Region r, const std::string& name);
  Result<parameters::Tags*> tags(Region r, const std::optional<std::string>& type,
                                 const std::optional<std::string>& id);

  Table<parameters::Version> versions_;  // "NAME|000000012"
  Table<parameters::Tags> tags_;         // by name
};

}  // namespace relight::sandbox
