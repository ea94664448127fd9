#include "app/cli.h"

#include <CLI/CLI.hpp>
#include <csignal>

#include "app/verbs.h"

namespace relight::app {
namespace {

void failover_flags(CLI::App* c, FailoverOptions& o) {
  c->add_option("--accept-loss", o.accept_loss,
                "Accept losing writes of this time (30s) or size (10MB), or 'unknown': what cannot be told");
  c->add_flag("--accept-unproven-fence", o.unproven_fence,
              "Go on although the old primary may still accept writes");
}

struct Verbs {
  Global g;
  FailoverOptions failover;
  ProbeOptions probe;
  EvidenceOptions evidence;
  ApiOptions api;
  CaptureOptions capture;
  CheckOptions check;
  SynthOptions synth;
  DeployOptions deploy;
  SyncOptions sync;
  InitOptions init;
  DriftOptions drift;
  DiagramOptions diagram;
  CostOptions cost;
  PricesOptions prices;
  IamPolicyOptions iam_policy;
  std::string run, step, every = "1s";
  bool create = false;

  void recovery(CLI::App& cli) {
    cli.add_subcommand("status", "Both regions, replication, DNS, and what a failover would cost now");
    auto* f = cli.add_subcommand("failover", "Bring the application up in the recovery region");
    f->add_flag("--plan", failover.plan, "Print the steps, their calls and expected times; change nothing");
    f->add_flag("--yes", failover.yes, "Do not ask");
    f->add_flag("--again", failover.again, "Although a failover has just been done (anti-flap window)");
    f->add_option("--reason", failover.reason, "Kept in the journal");
    failover_flags(f, failover);
    auto* b = cli.add_subcommand("failback",
                                 "After a failover: the old primary serves again, and the recovery region is a "
                                 "pilot again; planned, so nothing is lost");
    b->add_flag("--plan", failover.plan, "Print the steps, their calls and expected times; change nothing");
    b->add_flag("--yes", failover.yes, "Do not ask");
    b->add_flag("--again", failover.again, "Although the failover has just been done (anti-flap window)");
    b->add_flag("--undo", failover.undo,
                "Of one that was begun and promoted nothing: the region that served takes writes again");
    b->add_option("--reason", failover.reason, "Kept in the journal");
    auto* r = cli.add_subcommand("resume", "Go on with a run that stopped, from any directory or machine");
    r->add_option("run", run, "The run; the last unfinished one if not given");
    failover_flags(r, failover);
    auto* a = cli.add_subcommand(
        "approve", "Give the word that a run's own step waits for (relight.yaml, steps.approval)");
    a->add_option("run", run, "The run, as its waiting line names it")->required();
    a->add_option("step", step, "The step")->required();
    cli.add_subcommand("runs", "All runs");
    cli.add_subcommand("show", "One run: its steps and events")
        ->add_option("run", run, "The last one if not given");
  }

  void measuring(CLI::App& cli) {
    auto* e = cli.add_subcommand("evidence", "The measured record of a run");
    e->add_option("run", evidence.run, "The last one if not given");
    e->add_option("--event-log", evidence.event_log,
                  "JSON lines {time,region,service,resource,what}: when waits really ended");
    e->add_option("--probe-log", evidence.probe_log, "The log of 'relight probe'");
    auto* p = cli.add_subcommand(
        "probe", "Watch the application from outside: read and write, log what is acknowledged");
    p->add_option("url", probe.url, "http://www.example.com/")->required();
    p->add_option("--rate", probe.rate, "Writes and reads a second, each")
        ->capture_default_str()
        ->check(CLI::Range(0.1, 1000.0));
    p->add_option("--duration", probe.duration, "Stop after this time; until interrupted if not given");
    p->add_option("--log", probe.log, "Append JSON lines here, synced to the disk");
    p->add_option("--picture-every", probe.picture_every, "Every N-th write has a picture; 0: none");
    p->add_option("--deadline", probe.deadline, "Of each request")->capture_default_str();
    auto* h = cli.add_subcommand("heartbeat", "Write a row in the primary every second, for the true lag");
    h->add_flag("--create", create, "Make the table first");
    h->add_option("--every", every)->capture_default_str();
    auto* a = cli.add_subcommand("api", "Any AWS operation by name: JSON in, JSON out");
    a->add_option("service", api.service)->required();
    a->add_option("operation", api.operation)->required();
    a->add_option("--region", api.region);
    a->add_option("--input", api.input, "JSON, or @FILE");
  }

  void beginning(CLI::App& cli) {
    auto* i = cli.add_subcommand("init", "Look at an application that stands, and write its relight.yaml");
    i->add_option("--primary", init.primary, "The region in which it runs")->required();
    i->add_option("--recovery", init.recovery, "The region in which it shall be brought back")->required();
    i->add_option("--stack", init.stack, "It is what this CloudFormation stack made");
    i->add_option("--tag", init.tag,
                  "It is the ECS services, databases, load balancers and buckets tagged KEY=VALUE");
    i->add_option("--cluster", init.cluster, "It is this ECS service, CLUSTER/SERVICE");
    i->add_option("--application", init.application,
                  "Its name; of the stack, the tag or the service if not given");
    i->add_option("--out", init.out, "The file to write")->capture_default_str();
    i->add_flag("--force", init.force, "Although the file is there");
  }

  void preparing(CLI::App& cli) {
    auto* c = cli.add_subcommand("capture",
                                 "Write down what the primary region's application is made of, as files");
    c->add_option("--out", capture.out, "Folder beside relight.yaml; the files go to captured/ in it")
        ->capture_default_str();
    c->add_flag("--no-commit", capture.no_commit, "Write the files, but leave git alone");
    auto* d = cli.add_subcommand(
        "drift",
        "What changed in the primary region since its last capture; exit 6: something did, 7: "
        "nothing seen, but something is unknown. A changed secret is not seen: its value was "
        "withheld. The recovery region too, once synth has written a template");
    d->add_option("--out", drift.out, "Folder beside relight.yaml that holds captured/")
        ->capture_default_str();
  }

  void building(CLI::App& cli) {
    auto* s = cli.add_subcommand("synth", "Write the recovery region as code, from what was captured");
    s->add_option("--out", synth.out, "Folder beside relight.yaml that holds captured/")
        ->capture_default_str();
    s->add_flag("--no-commit", synth.no_commit, "Write the files, but leave git alone");
    s->add_flag("--accept-unknown", synth.accept_unknown, "Go on without what the capture could not see");
    auto* d = cli.add_subcommand("deploy", "Bring the recovery region to what synth wrote");
    d->add_option("--from", deploy.from, "Folder beside relight.yaml that holds pilot/")
        ->capture_default_str();
    d->add_flag("--plan", deploy.plan, "Show what would change; change nothing");
    d->add_flag("--yes", deploy.yes, "Do not ask");
    d->add_flag("--touch-primary", deploy.touch_primary,
                "Also do what replication needs in the primary region");
    auto* y = cli.add_subcommand(
        "sync",
        "Keep the pilot in step with the primary, for a schedule: captures, writes and deploys what differs, "
        "brings values and snapshots over. It lights nothing, asks nothing, and does nothing where nothing "
        "differs");
    y->add_option("--out", sync.out, "Folder beside relight.yaml for the files")->capture_default_str();
    y->add_flag("--plan", sync.plan, "Show what would change; change nothing");
    y->add_flag("--no-commit", sync.no_commit, "Write the files, but leave git alone");
  }

  void showing(CLI::App& cli) {
    auto* d =
        cli.add_subcommand("diagram", "Draw both regions: what is lit and unlit, data flows, replication");
    d->add_option("--format", diagram.format)
        ->check(CLI::IsMember({"svg", "png", "mermaid", "dot"}))
        ->capture_default_str();
    d->add_option("--from", diagram.from, "Folder beside relight.yaml that holds captured/")
        ->capture_default_str();
    d->add_option("--out", diagram.out,
                  "The file; '-': to the terminal; diagram.FORMAT in that folder if not given");
  }

  void pricing(CLI::App& cli) {
    auto* c =
        cli.add_subcommand("cost",
                           "What the pilot costs a month, line by line, beside other ways of being ready, an "
                           "hour lit, a drill, and what each saving costs");
    c->add_flag("--markdown", cost.markdown, "A Markdown page");
    c->add_flag("--no-metering", cost.no_metering, "Do not ask CloudWatch how much of everything is used");
    c->add_option("--from", cost.from,
                  "Folder beside relight.yaml that holds captured/, and prices.json if there is "
                  "one")
        ->capture_default_str();
    c->add_option("--out", cost.out, "Write to this file instead of the terminal");
    auto* p = cli.add_subcommand(
        "prices", "Fetch today's prices of what 'cost' asks for into prices.json in that folder");
    p->add_option("--from", prices.from, "Folder beside relight.yaml that holds captured/")
        ->capture_default_str();
  }

  void judging(CLI::App& cli) {
    auto* c = cli.add_subcommand("check",
                                 "Would a failover work now? Every readiness check, worst first; exit 6: one "
                                 "failed, 7: none failed but something is unknown");
    c->add_option("--only", check.only, "Numbers, ranges, names or families: 1-7,network,s3");
    c->add_flag("--read-secrets", check.read_secrets,
                "Read the recovery region's secrets for the comparison of check 34; nothing of them is shown "
                "or kept");
    c->add_flag(
        "--canary", check.canary,
        "First start one task in the recovery region, to see that one can be, and stop it; the service "
        "is not touched");
    c->add_flag("--junit", check.junit, "JUnit XML");
    c->add_flag("--markdown", check.markdown, "A Markdown table");
  }

  void permitting(CLI::App& cli) {
    auto* i = cli.add_subcommand("iam-policy",
                                 "Print the least IAM policy that verbs need, narrowed to the application");
    i->add_option("verbs", iam_policy.verbs,
                  "capture check …; deploy-touch-primary: deploy --touch-primary; check-read-secrets, "
                  "check-canary: check --read-secrets, --canary")
        ->required();
    i->add_option("--from", iam_policy.from, "Folder beside relight.yaml that holds captured/")
        ->capture_default_str();
    i->add_option("--out", iam_policy.out,
                  "Write the documents here, VERB-1.json …, instead of printing them");
  }

  int dispatch(const std::string& verb, const Hooks& hooks) {
    if (verb == "status") return status_verb(g);
    if (verb == "check") return check_verb(g, check);
    if (verb == "failover") return failover_verb(g, failover, hooks);
    if (verb == "failback") return failback_verb(g, failover, hooks);
    if (verb == "resume") return resume_verb(g, failover, run, hooks);
    if (verb == "approve") return approve_verb(g, run, step);
    if (verb == "runs") return runs_verb(g);
    if (verb == "show") return show_verb(g, run);
    if (verb == "evidence") return evidence_verb(g, evidence);
    if (verb == "probe") return probe_verb(g, probe);
    if (verb == "heartbeat") return heartbeat_verb(g, create, every);
    if (verb == "init") return init_verb(g, init);
    if (verb == "synth") return synth_verb(g, synth);
    if (verb == "deploy") return deploy_verb(g, deploy);
    if (verb == "sync") return sync_verb(g, sync);
    if (verb == "diagram") return diagram_verb(g, diagram);
    if (verb == "cost") return cost_verb(g, cost);
    if (verb == "prices") return prices_verb(g, prices);
    if (verb == "iam-policy") return iam_policy_verb(g, iam_policy);
    if (verb == "drift") return drift_verb(g, drift);
    if (verb == "capture") return capture_verb(g, capture);
    return api_verb(g, api);
  }
};

}  // namespace

int run_cli(int argc, char** argv, const Hooks& hooks) {
  CLI::App cli{
      "relight: brings an application back in another region.\n"
      "Exit codes: 0 done, 1 failed, 2 usage or configuration, 3 refused by a rule, 4 another relight is at "
      "work, "
      "5 stopped on the way (relight resume goes on), 6 a check failed or the primary drifted, 7 not so, "
      "but something is unknown."};
  cli.require_subcommand(1);
  cli.fallthrough();
  Verbs v;
  cli.add_option("--config", v.g.config, "The configuration")->capture_default_str();
  cli.add_option("--dns", v.g.dns, "DNS servers to ask")->delimiter(',')->envname("RELIGHT_DNS");
  cli.add_flag("--json", v.g.json, "Machine-readable output");
  v.beginning(cli);
  v.recovery(cli);
  v.measuring(cli);
  v.showing(cli);
  v.pricing(cli);
  v.permitting(cli);
  v.judging(cli);
  v.preparing(cli);
  v.building(cli);
  try {
    cli.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return cli.exit(e) == 0 ? kDone : kUsage;
  }
  std::signal(SIGPIPE, SIG_IGN);
  v.g.called = hooks.call;
  return v.dispatch(cli.get_subcommands().front()->get_name(), hooks);
}

}  // namespace relight::app
