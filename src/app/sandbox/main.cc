// relight-sandbox: two AWS regions on one machine. This file only reads the command line.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <string>

#include "app/sandbox/verbs.h"

using relight::app::SandboxVerbs;

int main(int argc, char** argv) {
  CLI::App cli{"relight-sandbox: AWS regions on this machine, with real data planes, to rehearse a disaster in."};
  cli.require_subcommand(1);
  cli.fallthrough();
  SandboxVerbs v;
  cli.add_option("--dir", v.dir, "Where the sandbox keeps everything")->capture_default_str();

  auto* up = cli.add_subcommand("up", "Start the regions (or bring back what --dir holds)");
  up->add_option("--regions", v.regions, "Comma-separated region names")->delimiter(',')->capture_default_str();
  up->add_option("--listen", v.listen, "Loopback address:port of the AWS endpoint")->capture_default_str();
  up->add_option("--latency", v.latency, "How long AWS's transitions take")
      ->check(CLI::IsMember({"instant", "scaled", "aws"}))->capture_default_str();
  up->add_option("--iam", v.iam, "Whether roles may do only what their policies allow; without it as it was, at first off")
      ->check(CLI::IsMember({"enforce", "off"}));
  up->add_option("--slot", v.slot, "Block of loopback addresses, 0 to 30; -1 takes the first free one")->capture_default_str();
  up->add_option("--wan-ms", v.wan_ms, "One-way delay between regions, milliseconds")->capture_default_str();
  up->add_flag("--detach", v.detach, "Return when it is ready, and leave it running");

  cli.add_subcommand("env", "Print the export lines that point AWS clients and relight here");
  auto* status = cli.add_subcommand("status", "What runs");
  status->add_flag("--json", v.json, "As JSON");
  auto* lose = cli.add_subcommand("lose", "Lose a region at once, without warning");
  lose->add_option("region", v.a)->required();
  auto* restore = cli.add_subcommand("restore", "Bring a lost region back as it was");
  restore->add_option("region", v.a)->required();
  for (const char* name : {"partition", "heal"}) {
    auto* c = cli.add_subcommand(name, std::string(name) == "heal" ? "Join two regions again" : "Cut the link between two regions");
    c->add_option("a", v.a)->required();
    c->add_option("b", v.b)->required();
  }
  auto* throttle = cli.add_subcommand("throttle", "Answer a service's calls above RATE per second with its throttling error; alone: what was admitted and refused so far");
  throttle->add_option("service", v.a, "rds, ecs, s3, …; aws: every action at the rate that AWS publishes for it");
  throttle->add_option("rate", v.rate, "Calls per second; 0 lifts the limit")->check(CLI::NonNegativeNumber);
  throttle->final_callback([&] {
    if (!v.a.empty() && v.a != "aws" && v.rate < 0) throw CLI::RequiredError("rate");
  });
  auto* quota = cli.add_subcommand("quota", "Set a service quota's applied value in a region, lower ones too");
  quota->add_option("region", v.a)->required();
  quota->add_option("service", v.b, "Service code: fargate, rds, …")->required();
  quota->add_option("code", v.c, "Quota code: L-3032A538 is Fargate On-Demand vCPUs")->required();
  quota->add_option("value", v.rate)->required();
  auto* iam = cli.add_subcommand("iam", "Hold roles to their policies from now on, or not; or tell which actions they asked for");
  iam->add_option("mode", v.a, "enforce, off or used")->required()->check(CLI::IsMember({"enforce", "off", "used"}));
  iam->add_option("role", v.b, "used: of this role alone");
  auto* image = cli.add_subcommand("image", "Import an OCI layout directory as REPOSITORY:TAG");
  image->add_option("layout", v.a, "Directory with index.json")->required();
  image->add_option("reference", v.b, "For example lamp:latest")->required();
  auto* shell = cli.add_subcommand("shell", "A shell, or one command, in which clients meant for AWS reach this sandbox as they are");
  shell->add_option("command", v.command, "The command and its words, after --");
  cli.add_subcommand("coverage", "Every operation of every service: built or not");
  cli.add_subcommand("events", "What really happened and when, one JSON object a line");
  cli.add_subcommand("down", "Stop everything; the state stays in --dir");

  CLI11_PARSE(cli, argc, argv);
  return v.run(cli.get_subcommands().front()->get_name());
}
