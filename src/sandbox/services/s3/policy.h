// Bucket policies: parsed once, judged on every request. Follows "Policies and permissions in Amazon S3" (S3
// User Guide). Conditions are judged strictly: one that is not understood makes a Deny hold and an Allow not.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace relight::sandbox::s3 {

struct Access {
  std::string principal;  // ARN, or "anonymous"
  std::string account;
  std::string action;    // "s3:GetObject"
  std::string resource;  // "arn:aws:s3:::bucket/key"
};
enum class Verdict { kSilent, kAllow, kDeny };

class Policy {
 public:
  // MalformedPolicy (400) when it is not JSON, or no policy for that bucket.
  static Result<Policy> parse(const std::string& text, const std::string& bucket);

  Verdict judge(const Access& a) const;
  // Whether it lets everybody in: "The meaning of public" under "Blocking public access".
  bool is_public() const;
  bool empty() const { return statements_.empty(); }

 private:
  struct Statement {
    bool allow = false;
    bool everybody = false;               // Principal "*"
    std::vector<std::string> principals;  // ARNs or account ids
    bool not_principal = false, not_action = false, not_resource = false;
    std::vector<std::string> actions, resources;
    bool conditional = false;      // has conditions
    bool conditions_known = true;  // all of them are understood …
    bool conditions_hold = true;   // … and hold here
    std::vector<std::string> spared;  // ArnNotLike aws:PrincipalArn
  };
  static bool applies(const Statement& s, const Access& a);
  std::vector<Statement> statements_;
  friend struct PolicyReader;
};

}  // namespace relight::sandbox::s3
