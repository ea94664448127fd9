// The least IAM policy that verbs need: docs/iam.md is its page. Pure.
#pragma once
#include <string>
#include <vector>

#include "base/result.h"
#include "dr/planning/iam_names.h"

namespace relight::dr {

// A policy document of IAM's JSON language, and what its reader should know that JSON has no place for.
struct IamPolicy {
  std::string document;  // Version 2012-10-17; indented by two, a newline at the end
  std::string compact;   // the same on one line, as IAM counts it
  // What to attach: the same, cut into documents that a managed policy may hold, indented and on one line.
  // One, if it is short enough.
  struct Piece {
    std::string document, compact;
  };
  std::vector<Piece> pieces;
  std::vector<std::string> notes;  // sentences
};

// For the verbs together. The same picture makes the same bytes, in whatever order the verbs stand. Errors
// "Usage.Verb" (it lists the verbs), "Usage.NoPolicy" (of `api`), "Iam.Type" (the pilot holds a type that the
// table does not know).
Result<IamPolicy> iam_policy(const std::vector<std::string>& verbs, const IamPicture& picture);

// One call as `RELIGHT_CALL_LOG` writes it: what its verbs' policy must permit. Actions of the operation,
// whatever they act on. Sorted.
std::vector<std::string> iam_actions_of(std::string_view service, std::string_view operation);

}  // namespace relight::dr
