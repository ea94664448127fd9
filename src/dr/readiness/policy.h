// What an IAM or bucket policy allows, as far as readiness asks: not a full evaluation of conditions.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace relight::dr {

// A document as captured: JSON, or JSON with percent signs as IAM answers it. True if a statement without
// conditions allows `action` on `resource` (to everybody, with `to_all`) and none denies it. Wildcards as
// "IAM JSON policy elements" describe them. A document that cannot be read allows nothing.
bool allows(std::string_view document, std::string_view action, std::string_view resource,
            bool to_all = false);

// Actions that its Allow statements name for a resource matching `resource`.
std::vector<std::string> actions_on(std::string_view document, std::string_view resource);

// The same document, read once: for those who ask it often.
class PolicyDocument {
 public:
  explicit PolicyDocument(std::string_view document);
  bool allows(std::string_view action, std::string_view resource, bool to_all = false) const;
  std::vector<std::string> actions_on(std::string_view resource) const;

 private:
  struct Statement {
    std::vector<std::string> actions, resources;
    bool allow = false, deny = false, conditional = false, everybody = false;
    bool on(std::string_view resource) const;
  };
  std::vector<Statement> statements_;
};

std::string percent_decoded(std::string_view text);

}  // namespace relight::dr
