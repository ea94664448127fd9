#include <fmt/format.h>

#include <algorithm>

#include "aws/gen/acm.h"
#include "sandbox/services/elbv2/page.h"
#include "sandbox/services/elbv2/service.h"

namespace relight::sandbox {
namespace {

namespace m = aws::elbv2;

constexpr size_t kListenerLimit = 50;  // "Listeners per Application Load Balancer"

Result<> check_protocol(const std::string& protocol,
                        const std::optional<std::vector<m::Certificate>>& certificates) {
  if (protocol != "HTTP" && protocol != "HTTPS")
    return aws_error(
        "UnsupportedProtocol",
        fmt::format("Listener protocol '{}' is not supported by an application load balancer", protocol));
  if (protocol == "HTTPS" && (!certificates || certificates->empty()))
    return aws_error("ValidationError", "A certificate must be specified for HTTPS listeners");
  if (protocol == "HTTP" && certificates && !certificates->empty())
    return aws_error("ValidationError", "A certificate cannot be specified for HTTP listeners");
  return {};
}

}  // namespace

// ACM's certificates have to be there and issued; those of IAM are not looked for (its certificates are not
// built).
Result<> Elbv2Service::check_certificates(const std::string& region,
                                          const std::optional<std::vector<m::Certificate>>& certificates) {
  for (auto& c : certificates.value_or(std::vector<m::Certificate>{})) {
    std::string arn = c.CertificateArn.value_or("");
    if (!arn.starts_with("arn:aws:acm:")) continue;
    auto found = world_.call<aws::acm::op::DescribeCertificate>(region, {.CertificateArn = arn});
    if (!found && found.error().code != "NotImplemented")
      return aws_error("CertificateNotFound", fmt::format("Certificate '{}' not found", arn));
    if (found && found->Certificate->Status != "ISSUED")
      return aws_error(
          "UnsupportedCertificate",
          fmt::format("The certificate '{}' must have a fully-qualified domain name, a supported "
                      "signature, and a supported key size.",
                      arn));
  }
  return {};
}

Result<elbv2::ListenerRow*> Elbv2Service::listener(const std::string& region, const std::string& arn) {
  if (arn.find(":listener/") == std::string::npos)
    return aws_error("ValidationError", fmt::format("'{}' is not a valid listener ARN", arn));
  if (auto* r = listeners_.find(region, arn)) return r;
  return aws_error("ListenerNotFound", "One or more listeners not found");
}

// Validates and completes actions, as a listener of that balancer may have them.
Result<Elbv2Service::Actions> Elbv2Service::checked(const std::string& region, const std::string& lb_arn,
                                                    const Actions& in) {
  Actions out = in;
  if (out.size() != 1)
    return out.empty()
               ? aws_error("ValidationError", "At least one action must be specified")
               : aws_error("NotImplemented", "authentication actions are not built in this sandbox", 501);
  auto& a = out[0];
  if (a.Type == "fixed-response" && !a.FixedResponseConfig)
    return aws_error("ValidationError",
                     "A fixed response config must be specified for fixed-response actions");
  if (a.Type == "redirect" && !a.RedirectConfig)
    return aws_error("ValidationError", "A redirect config must be specified for redirect actions");
  if (a.Type == "fixed-response" || a.Type == "redirect") {
    if (a.Type == "fixed-response")
      for (unsigned char c : a.FixedResponseConfig->ContentType.value_or(""))
        if (!isalnum(c) && c != '/' && c != '-' && c != '+' && c != '.')
          return aws_error("ValidationError",
                           "The content type of a fixed response must be a valid media type");
    return out;
  }
  if (a.Type != "forward")
    return aws_error("NotImplemented",
                     "actions of type '" + a.Type.value_or("") + "' are not built in this sandbox", 501);
  if (!a.ForwardConfig) a.ForwardConfig.emplace();
  auto& groups = a.ForwardConfig->TargetGroups;
  if (!groups || groups->empty()) {
    if (!a.TargetGroupArn)
      return aws_error("ValidationError", "A target group must be specified for forward actions");
    groups = {{m::TargetGroupTuple{.TargetGroupArn = a.TargetGroupArn, .Weight = 1}}};
  }
  if (groups->size() > 5)
    return aws_error("TooManyTargetGroups", "A forward action has at most five target groups");
  for (auto& t : *groups) {
    TRY(group(region, t.TargetGroupArn.value_or("")));
    t.Weight = t.Weight.value_or(1);
    if (*t.Weight < 0 || *t.Weight > 999)
      return aws_error("ValidationError", "A target group's weight is from 0 to 999");
    for (auto& other : balancers_of(region, *t.TargetGroupArn))
      if (other != lb_arn)
        return aws_error(
            "TargetGroupAssociationLimit",
            fmt::format(
                "The following target groups cannot be associated with more than one load balancer: {}",
                *t.TargetGroupArn));
  }
  if (groups->size() == 1) a.TargetGroupArn = groups->front().TargetGroupArn;
  if (!a.ForwardConfig->TargetGroupStickinessConfig)
    a.ForwardConfig->TargetGroupStickinessConfig = m::TargetGroupStickinessConfig{.Enabled = false};
  return out;
}

void Elbv2Service::with_use(const std::string& region, const std::string& lb_arn,
                            const std::function<void()>& change) {
  auto before = groups_of(region, lb_arn);
  change();
  auto after = groups_of(region, lb_arn);
  for (auto& g : before)
    if (!after.contains(g)) recheck(region, g);
  for (auto& g : after)
    if (!before.contains(g)) recheck(region, g);
  refresh(region, lb_arn);
}

Result<m::CreateListenerOutput> Elbv2Service::create(const Call& c, const m::CreateListenerInput& in) {
  TRY_ASSIGN(auto* lb, load_balancer(c.region, *in.LoadBalancerArn));
  if (!in.Protocol || !in.Port)
    return aws_error("ValidationError", "A listener protocol and port must be specified");
  TRY(check_protocol(*in.Protocol, in.Certificates));
  TRY(check_certificates(c.region, in.Certificates));
  size_t count = 0;
  for (auto& [arn, l] : listeners_.in(c.region)) {
    if (l.value.LoadBalancerArn != in.LoadBalancerArn) continue;
    ++count;
    if (l.value.Port == in.Port)
      return aws_error(
          "DuplicateListener",
          "A listener already exists on this port for this load balancer '" + *in.LoadBalancerArn + "'");
  }
  if (count >= kListenerLimit)
    return aws_error("TooManyListeners", "The maximum number of listeners has been reached");
  TRY_ASSIGN(Actions actions, checked(c.region, *in.LoadBalancerArn, *in.DefaultActions));
  std::string id = world_.rng.hex(16), base = in.LoadBalancerArn->substr(in.LoadBalancerArn->find("/app/"));
  std::string prefix = fmt::format("arn:aws:elasticloadbalancing:{}:{}:", c.region, world_.account());
  m::Listener l{.ListenerArn = fmt::format("{}listener{}/{}", prefix, base, id),
                .LoadBalancerArn = in.LoadBalancerArn,
                .Port = in.Port,
                .Protocol = in.Protocol,
                .Certificates = in.Certificates,
                .DefaultActions = actions};
  if (*in.Protocol == "HTTPS") l.SslPolicy = in.SslPolicy.value_or("ELBSecurityPolicy-2016-08");
  elbv2::ListenerRow row{.value = l};
  for (auto& t : in.Tags.value_or(std::vector<m::Tag>{})) row.tags[*t.Key] = t.Value.value_or("");
  elbv2::RuleRow rule{
      .value = {.RuleArn = fmt::format("{}listener-rule{}/{}/{}", prefix, base, id, world_.rng.hex(16)),
                .Priority = "default",
                .Conditions = std::vector<m::RuleCondition>{},
                .Actions = actions,
                .IsDefault = true}};
  rule.extra["listener"] = *l.ListenerArn;
  static_cast<void>(lb);
  with_use(c.region, *in.LoadBalancerArn, [&] {
    listeners_.put(c.region, *l.ListenerArn, row);
    rules_.put(c.region, *rule.value.RuleArn, rule);
  });
  return m::CreateListenerOutput{.Listeners = {{l}}};
}

Result<m::ModifyListenerOutput> Elbv2Service::modify(const Call& c, const m::ModifyListenerInput& in) {
  TRY_ASSIGN(auto* row, listener(c.region, *in.ListenerArn));
  m::Listener l = row->value;
  if (in.Port) l.Port = in.Port;
  if (in.Protocol) l.Protocol = in.Protocol;
  if (in.Certificates) l.Certificates = in.Certificates;
  if (l.Protocol == "HTTP") l.Certificates.reset(), l.SslPolicy.reset();
  if (in.SslPolicy) l.SslPolicy = in.SslPolicy;
  TRY(check_protocol(*l.Protocol, l.Certificates));
  if (in.Certificates) TRY(check_certificates(c.region, in.Certificates));
  for (auto& [arn, other] : listeners_.in(c.region))
    if (arn != *in.ListenerArn && other.value.LoadBalancerArn == l.LoadBalancerArn &&
        other.value.Port == l.Port)
      return aws_error(
          "DuplicateListener",
          "A listener already exists on this port for this load balancer '" + *l.LoadBalancerArn + "'");
  if (in.DefaultActions) {
    TRY_ASSIGN(l.DefaultActions, checked(c.region, *l.LoadBalancerArn, *in.DefaultActions));
  }
  with_use(c.region, *l.LoadBalancerArn, [&] {
    row->value = l;
    listeners_.save(c.region, *in.ListenerArn, *row);
    for (auto* r : rules_of(c.region, *in.ListenerArn)) {
      if (!r->value.IsDefault.value_or(false)) continue;
      r->value.Actions = l.DefaultActions;
      rules_.save(c.region, *r->value.RuleArn, *r);
    }
  });
  return m::ModifyListenerOutput{.Listeners = {{l}}};
}

void Elbv2Service::drop_listener(const std::string& region, const std::string& arn) {
  std::vector<std::string> rules;
  for (auto* r : rules_of(region, arn)) rules.push_back(*r->value.RuleArn);
  for (auto& r : rules) rules_.erase(region, r);
  listeners_.erase(region, arn);
}

void Elbv2Service::listener_operations() {
  on<m::op::CreateListener>([this](auto& c, auto& in) { return create(c, in); });
  on<m::op::ModifyListener>([this](auto& c, auto& in) { return modify(c, in); });
  on<m::op::DeleteListener>(
      [this](const Call& c, const m::DeleteListenerInput& in) -> Result<m::DeleteListenerOutput> {
        TRY_ASSIGN(auto* row, listener(c.region, *in.ListenerArn));
        with_use(c.region, std::string(*row->value.LoadBalancerArn),
                 [&] { drop_listener(c.region, *in.ListenerArn); });
        return m::DeleteListenerOutput{};
      });
  on<m::op::DescribeListeners>(
      [this](const Call& c, const m::DescribeListenersInput& in) -> Result<m::DescribeListenersOutput> {
        if (!in.LoadBalancerArn && !in.ListenerArns)
          return aws_error("ValidationError", "You must specify either listener ARNs or a load balancer ARN");
        std::vector<m::Listener> all;
        if (in.LoadBalancerArn) {
          TRY(load_balancer(c.region, *in.LoadBalancerArn));
        }
        for (auto& arn : in.ListenerArns.value_or(std::vector<std::string>{})) {
          TRY_ASSIGN(auto* row, listener(c.region, arn));
          all.push_back(row->value);
        }
        if (!in.ListenerArns)
          for (auto& [arn, l] : listeners_.in(c.region))
            if (l.value.LoadBalancerArn == in.LoadBalancerArn) all.push_back(l.value);
        m::DescribeListenersOutput out;
        TRY(page(
            all, in.Marker, in.PageSize, [](auto& l) { return *l.ListenerArn; }, out.Listeners,
            out.NextMarker));
        return out;
      });
}

}  // namespace relight::sandbox
