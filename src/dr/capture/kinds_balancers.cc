#include <array>
#include <nlohmann/json.hpp>

#include "dr/capture/kind_tables.h"

namespace relight::dr {
namespace {
using Texts = std::string_view;

// ---- Elastic Load Balancing v2
constexpr std::array kTargetGroupDetails{
    Detail{"elbv2", "DescribeTargetGroups", R"({"TargetGroupArns":["{id}"]})", "/TargetGroups/0", "", ""},
    Detail{"elbv2", "DescribeTargetGroupAttributes", R"({"TargetGroupArn":"{id}"})", "/Attributes",
           "Attributes", "Capture.NoSuchResource"}};
constexpr std::array kTargetGroupLinks{Link{"/LoadBalancerArns/*", "elbv2/load-balancer"},
                                       Link{"/VpcId", "ec2/vpc"}};
constexpr std::array kBalancerDetails{
    Detail{"elbv2", "DescribeLoadBalancers", R"({"LoadBalancerArns":["{id}"]})", "/LoadBalancers/0", "", ""},
    Detail{"elbv2", "DescribeLoadBalancerAttributes", R"({"LoadBalancerArn":"{id}"})", "/Attributes",
           "Attributes", "Capture.NoSuchResource"},
    // No web ACL: an answer without one, or WAFNonexistentItemException of a load balancer that stands (which of the
    // two is unverified). WAF knows Application Load Balancers alone.
    Detail{"wafv2", "GetWebACLForResource", R"({"ResourceArn":"{id}"})", "/WebACL/ARN", "WebACL",
           "Capture.NoSuchResource WAFNonexistentItemException WAFInvalidParameterException"}};
constexpr std::array kBalancerLinks{Link{"/WebACL", "wafv2/web-acl"},
                                    Link{"/VpcId", "ec2/vpc"},
                                    Link{"/SecurityGroups/*", "ec2/security-group"},
                                    Link{"/AvailabilityZones/*/SubnetId", "ec2/subnet"}};
constexpr std::array kBalancerChildren{Children{"elbv2/listener", "elbv2", "DescribeListeners",
                                                R"({"LoadBalancerArn":"{id}"})", "/Listeners/*/ListenerArn"}};
constexpr std::array<Texts, 2> kBalancerVolatile{"/State", "/CreatedTime"};
constexpr std::array kListenerDetails{
    Detail{"elbv2", "DescribeListeners", R"({"ListenerArns":["{id}"]})", "/Listeners/0", "", ""},
    // All certificates, the default one too; only listeners that speak TLS have any.
    Detail{"elbv2", "DescribeListenerCertificates", R"({"ListenerArn":"{id}"})", "/Certificates",
           "ListenerCertificates", "Capture.NoSuchResource", "/SslPolicy"}};
constexpr std::array kListenerLinks{Link{"/LoadBalancerArn", "elbv2/load-balancer"},
                                    Link{"/DefaultActions/*/TargetGroupArn", "elbv2/target-group"},
                                    Link{"/Certificates/*/CertificateArn", "acm/certificate"},
                                    Link{"/ListenerCertificates/*/CertificateArn", "acm/certificate"}};
constexpr std::array kListenerChildren{
    Children{"elbv2/rule", "elbv2", "DescribeRules", R"({"ListenerArn":"{id}"})", "/Rules/*/RuleArn", true}};
constexpr std::array kRuleDetails{
    Detail{"elbv2", "DescribeRules", R"({"RuleArns":["{id}"]})", "/Rules/0", "", ""}};
constexpr std::array kRuleLinks{Link{"/Actions/*/TargetGroupArn", "elbv2/target-group"}};

constexpr std::array kBalancerKinds{
    // How many ARNs it takes is said of load balancers alone: "up to 20"; of target groups unverified.
    Kind{.name = "elbv2/target-group",
         .details = kTargetGroupDetails,
         .links = kTargetGroupLinks,
         .together = {R"({"TargetGroupArns":[{ids}]})", "/TargetGroups", "/TargetGroupArn", 20}},
    Kind{.name = "elbv2/load-balancer",
         .details = kBalancerDetails,
         .links = kBalancerLinks,
         .children = kBalancerChildren,
         .volatile_ = kBalancerVolatile,
         .together = {R"({"LoadBalancerArns":[{ids}]})", "/LoadBalancers", "/LoadBalancerArn", 20}},
    Kind{.name = "elbv2/listener",
         .details = kListenerDetails,
         .links = kListenerLinks,
         .children = kListenerChildren},
    Kind{.name = "elbv2/rule", .details = kRuleDetails, .links = kRuleLinks},
};

}  // namespace

std::span<const Kind> balancer_kinds() { return kBalancerKinds; }

}  // namespace relight::dr
