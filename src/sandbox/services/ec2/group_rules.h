// A permission is a protocol, a port range and several peers; a rule is one of its peers. Pure.
#pragma once
#include <string>
#include <vector>

#include "aws/gen/ec2.h"
#include "base/result.h"

namespace relight::sandbox {

// The rules that permissions ask for, normalised (protocol names, ports, blocks). Errors as EC2 gives them:
// "InvalidParameterValue", "MissingParameter", "InvalidPermission.Malformed".
Result<std::vector<aws::ec2::SecurityGroupRule>> rules_from(
    const std::vector<aws::ec2::IpPermission>& permissions, const std::string& group_id, bool egress,
    const std::string& account);
// A group's rules of one direction, gathered by protocol and ports.
std::vector<aws::ec2::IpPermission> permissions_of(const std::vector<aws::ec2::SecurityGroupRule>& rules,
                                                   const std::string& group_id, bool egress);
// Same direction, protocol, ports and peer; descriptions do not count.
bool same_rule(const aws::ec2::SecurityGroupRule& a, const aws::ec2::SecurityGroupRule& b);
// "peer: 0.0.0.0/0, TCP, from port: 80, to port: 80, ALLOW"
std::string rule_text(const aws::ec2::SecurityGroupRule& r);

}  // namespace relight::sandbox
