// One function a verb; each prints and returns the exit code.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "app/cli.h"

namespace relight::app {

struct Global {
  std::string config = "relight.yaml";
  std::vector<std::string> dns;  // empty: RELIGHT_DNS, relight.yaml, the system's
  bool json = false;
  std::function<void(const std::string&)> called;  // Hooks::call
};

struct FailoverOptions {
  bool plan = false, yes = false, unproven_fence = false, again = false;
  bool undo = false;  // of a failback
  std::string accept_loss, reason;
};

struct ProbeOptions {
  std::string url, log;
  double rate = 10;
  std::string duration;
  int picture_every = 0;
  std::string deadline = "2s";
};

struct EvidenceOptions {
  std::string run, event_log, probe_log;
};

struct ApiOptions {
  std::string service, operation, region, input;
};

struct CaptureOptions {
  std::string out = "iac";
  bool no_commit = false;
  bool quiet = false;  // says only what changed
};

struct DriftOptions {
  std::string out = "iac";
};

int drift_verb(const Global& g, const DriftOptions& o);

struct InitOptions {
  std::string primary, recovery, stack, tag, cluster, application, out = "relight.yaml";
  bool force = false;
};

int init_verb(const Global& g, const InitOptions& o);
struct SynthOptions {
  std::string out = "iac";
  bool no_commit = false, accept_unknown = false;
  bool quiet = false;  // says only what changed
};

struct DeployOptions {
  std::string from = "iac";
  bool plan = false, yes = false, touch_primary = false;
};

struct SyncOptions {
  std::string out = "iac";
  bool plan = false, no_commit = false;
};

struct CheckOptions {
  std::string only;
  bool junit = false, markdown = false, read_secrets = false, canary = false;
};

struct DiagramOptions {
  std::string format = "svg", from = "iac", out;
};

struct CostOptions {
  std::string from = "iac", out;
  bool markdown = false, no_metering = false;
};

struct PricesOptions {
  std::string from = "iac";
};

struct IamPolicyOptions {
  std::vector<std::string> verbs;
  std::string from = "iac", out;
};

int iam_policy_verb(const Global& g, const IamPolicyOptions& o);
int cost_verb(const Global& g, const CostOptions& o);
int prices_verb(const Global& g, const PricesOptions& o);
int diagram_verb(const Global& g, const DiagramOptions& o);
int check_verb(const Global& g, const CheckOptions& o);
int status_verb(const Global& g);
int failover_verb(const Global& g, const FailoverOptions& o, const Hooks& hooks);
int failback_verb(const Global& g, const FailoverOptions& o, const Hooks& hooks);
int resume_verb(const Global& g, const FailoverOptions& o, const std::string& run, const Hooks& hooks);
int approve_verb(const Global& g, const std::string& run, const std::string& step);
int runs_verb(const Global& g);
int show_verb(const Global& g, const std::string& run);
int evidence_verb(const Global& g, const EvidenceOptions& o);
int probe_verb(const Global& g, const ProbeOptions& o);
int heartbeat_verb(const Global& g, bool create, const std::string& every);
int synth_verb(const Global& g, const SynthOptions& o);
int deploy_verb(const Global& g, const DeployOptions& o);
int sync_verb(const Global& g, const SyncOptions& o);
int capture_verb(const Global& g, const CaptureOptions& o);
int api_verb(const Global& g, const ApiOptions& o);

}  // namespace relight::app
