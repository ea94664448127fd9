// Elastic Load Balancing v2: application load balancers over a BalancerPlane.
// Behaviour follows the "Elastic Load Balancing API Reference 2015-12-01" and the "User Guide for Application
// Load Balancers"; what neither says is marked unverified where it is decided.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "aws/gen/elbv2.h"
#include "sandbox/gateway/service.h"
#include "sandbox/planes/balancer/plane.h"
#include "sandbox/planes/probe/probe.h"
#include "sandbox/services/elbv2/rows.h"
#include "sandbox/world/table.h"

namespace relight::sandbox {

class Elbv2Service final : public Service {
 public:
  // Checks run on eight threads of the service's own.
  Elbv2Service(World& w, BalancerPlane& plane);
  // The plane and the repeater outlive the service. checks: runs the target health checks.
  Elbv2Service(World& w, BalancerPlane& plane, Repeater& checks, Prober prober = probe);
  ~Elbv2Service() override;

  void start() override;
  void stop() override;
  void region_lost(const std::string& region) override;
  void region_restored(const std::string& region) override;

 private:
  template <class T>
  using R = Result<T>;
  using Actions = std::vector<aws::elbv2::Action>;

  // load_balancers.cc
  void load_balancer_operations();
  R<aws::elbv2::CreateLoadBalancerOutput> create(const Call&, const aws::elbv2::CreateLoadBalancerInput&);
  R<aws::elbv2::DescribeLoadBalancersOutput> describe(const Call&,
                                                      const aws::elbv2::DescribeLoadBalancersInput&);
  R<aws::elbv2::DeleteLoadBalancerOutput> remove(const Call&, const aws::elbv2::DeleteLoadBalancerInput&);
  Result<> place(const std::string& region, const std::vector<std::string>& subnets,
                 aws::elbv2::LoadBalancer& lb);
  void activate(const std::string& region, const std::string& arn);
  R<elbv2::LoadBalancerRow*> load_balancer(const std::string& region, const std::string& arn);

  // attributes.cc: attributes, subnets, security groups, address types, tags, limits, policies
  void attribute_operations();
  void tag_operations();
  elbv2::Text* tags_of(const std::string& region, const std::string& arn, Error& missing);

  // target_groups.cc
  void target_group_operations();
  R<aws::elbv2::CreateTargetGroupOutput> create(const Call&, const aws::elbv2::CreateTargetGroupInput&);
  R<aws::elbv2::ModifyTargetGroupOutput> modify(const Call&, const aws::elbv2::ModifyTargetGroupInput&);
  R<aws::elbv2::DescribeTargetGroupsOutput> describe(const Call&,
                                                     const aws::elbv2::DescribeTargetGroupsInput&);
  R<elbv2::GroupRow*> group(const std::string& region, const std::string& arn);
  aws::elbv2::TargetGroup shown(const std::string& region, const elbv2::GroupRow& g);

  // targets.cc
  void target_operations();
  R<aws::elbv2::RegisterTargetsOutput> register_targets(const Call&, const aws::elbv2::RegisterTargetsInput&);
  R<aws::elbv2::DeregisterTargetsOutput> deregister(const Call&, const aws::elbv2::DeregisterTargetsInput&);
  R<aws::elbv2::DescribeTargetHealthOutput> health(const Call&, const aws::elbv2::DescribeTargetHealthInput&);
  void drain(const std::string& region, elbv2::TargetRow& t, Millis delay);
  void forget_target(const std::string& region, const std::string& key);

  // health.cc: the checks themselves
  struct Verdict {
    std::string state, reason, description;
  };
  void watch(const std::string& region, const elbv2::TargetRow& t);
  void unwatch(const std::string& region, const std::string& key);
  void judged(const std::string& region, const std::string& key, const Verdict& v);
  void recheck(const std::string& region,
               const std::string& group_arn);  // after a change of its settings or use

  // listeners.cc, rules.cc
  void listener_operations();
  void rule_operations();
  R<aws::elbv2::CreateListenerOutput> create(const Call&, const aws::elbv2::CreateListenerInput&);
  R<aws::elbv2::ModifyListenerOutput> modify(const Call&, const aws::elbv2::ModifyListenerInput&);
  R<aws::elbv2::CreateRuleOutput> create(const Call&, const aws::elbv2::CreateRuleInput&);
  R<aws::elbv2::ModifyRuleOutput> modify(const Call&, const aws::elbv2::ModifyRuleInput&);
  R<aws::elbv2::SetRulePrioritiesOutput> prioritise(const Call&, const aws::elbv2::SetRulePrioritiesInput&);
  R<aws::elbv2::DescribeRulesOutput> describe(const Call&, const aws::elbv2::DescribeRulesInput&);
  Result<> check_certificates(const std::string& region,
                              const std::optional<std::vector<aws::elbv2::Certificate>>& certificates);
  R<elbv2::ListenerRow*> listener(const std::string& region, const std::string& arn);
  R<elbv2::RuleRow*> rule(const std::string& region, const std::string& arn);
  std::vector<elbv2::RuleRow*> rules_of(const std::string& region,
                                        const std::string& listener_arn);  // by priority
  Result<Actions> checked(const std::string& region, const std::string& lb_arn, const Actions& a);
  void drop_listener(const std::string& region, const std::string& arn);
  // Runs `change` and starts or ends the checks of the groups whose use it changed; then traffic follows.
  void with_use(const std::string& region, const std::string& lb_arn, const std::function<void()>& change);

  // traffic.cc: from rows to the plane
  std::set<std::string> groups_of(const std::string& region, const std::string& lb_arn);
  std::vector<std::string> balancers_of(const std::string& region, const std::string& group_arn);
  BalancerSpec spec(const std::string& region, elbv2::LoadBalancerRow& lb);
  // Brings the plane to what the rows say; `then` runs under the lock once traffic flows so. Calls coalesce.
  // `then` runs once the plane carries what the rows say; a plane that cannot is tried again until it does.
  void refresh(const std::string& region, const std::string& lb_arn, std::function<void()> then = {});
  void judge_plane(const std::string& region, const std::string& lb_arn, const Result<>& result);
  void refresh_group(const std::string& region, const std::string& group_arn,
                     std::function<void()> then = {});
  void bring_up(const std::string& region);
  void publish_metrics();

  struct Applying {
    bool running = false, again = false;
    std::vector<std::function<void()>> then;
  };
  Elbv2Service(World& w, BalancerPlane& plane, std::unique_ptr<Repeater> checks);
  std::unique_ptr<Repeater> own_;  // null if checks_ is somebody else's
  BalancerPlane& plane_;
  Repeater& checks_;
  Prober prober_;
  Table<elbv2::LoadBalancerRow> lbs_;
  Table<elbv2::GroupRow> groups_;
  Table<elbv2::ListenerRow> listeners_;
  Table<elbv2::RuleRow> rules_;
  Table<elbv2::TargetRow> targets_;
  std::map<std::string, Applying> applying_;           // by ARN
  std::map<std::string, BalancerCounters> published_;  // by ARN: what CloudWatch has been told
  std::map<std::string, std::string> trouble_;  // by ARN: why the plane refused, for DescribeLoadBalancers
  bool stopped_ = false;
};

}  // namespace relight::sandbox
