#include "sandbox/planes/function/environment.h"

#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <vector>

#include "base/disk.h"

namespace relight::sandbox::function {
namespace {

namespace fs = std::filesystem;

// What a program of Debian's needs of /etc, and nothing that is the machine's own affair.
constexpr const char* kEtc[] = {"/etc/ld.so.cache", "/etc/alternatives", "/etc/ssl",      "/etc/php",
                                "/etc/mime.types",  "/etc/localtime",    "/etc/services", "/etc/protocols",
                                "/etc/passwd",      "/etc/group",        "/etc/python3",  "/etc/python3.11"};

std::map<std::string, std::string> variables(const Spec& s, const Place& p) {
  std::map<std::string, std::string> env = s.env;
  auto set = [&](const char* name, const std::string& value) { env[name] = value; };
  set("AWS_LAMBDA_RUNTIME_API", p.api);
  set("_HANDLER", s.handler);
  set("LAMBDA_TASK_ROOT", "/var/task");
  set("LAMBDA_RUNTIME_DIR", "/var/runtime");
  set("AWS_LAMBDA_FUNCTION_NAME", s.name);
  set("AWS_LAMBDA_FUNCTION_VERSION", s.version);
  set("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", std::to_string(s.memory_mib));
  set("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/" + s.name);
  set("AWS_LAMBDA_LOG_STREAM_NAME", p.stream);
  set("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand");
  set("AWS_REGION", s.region);
  set("AWS_DEFAULT_REGION", s.region);
  if (family_of(s.runtime) != "provided") set("AWS_EXECUTION_ENV", "AWS_Lambda_" + s.runtime);
  env.insert({{"PATH", "/usr/local/bin:/usr/bin:/bin:/opt/bin"},
              {"LANG", "en_US.UTF-8"},
              {"TZ", ":UTC"},
              {"HOME", "/tmp"},
              {"PYTHONUNBUFFERED", "1"},
              {"PYTHONDONTWRITEBYTECODE", "1"}});
  return env;
}

std::vector<std::string> program(const Spec& s) {
  std::string family = family_of(s.runtime);
  if (family == "python") return {kPython, "/var/runtime/bootstrap.py"};
  if (family == "node") return {kNode, "/var/runtime/bootstrap.mjs"};
  return {"/var/task/bootstrap"};
}

}  // namespace

std::string family_of(const std::string& runtime) {
  if (runtime.starts_with("python3")) return "python";
  if (runtime.starts_with("nodejs")) return "node";
  return runtime.starts_with("provided") ? "provided" : "";
}

Result<> prepare_place(const Spec& spec, const Place& place) {
  auto& disk = system_disk();
  TRY(disk.make_dir(place.dir));
  auto write = [&](const char* name, const std::string& text) -> Result<> {
    TRY(disk.write(place.dir + "/" + name, text, 0644));
    ::chmod((place.dir + "/" + name).c_str(), 0644);  // whatever our umask
    return {};
  };
  TRY(write("resolv.conf",
            spec.dns.empty() ? "" : "nameserver " + spec.dns + "\noptions timeout:1 attempts:2\n"));
  TRY(write("nsswitch.conf", "passwd: files\ngroup: files\nhosts: files dns\n"));
  return write("hosts", "127.0.0.1 localhost\n");
}

Spawn command_of(const Spec& spec, const Place& place) {
  Spawn s;
  s.output = place.dir + "/output";
  s.env = variables(spec, place);  // not in argv, which everybody may read: they hold credentials
  auto add = [&](std::initializer_list<std::string> words) { s.argv.insert(s.argv.end(), words); };
  // The group is entered by the process itself, before there is anything to count.
  if (!place.memory_procs.empty())
    add({"/bin/sh", "-c", "echo 0 > \"$1\" && shift && exec \"$@\"", "sh", place.memory_procs});
  add({kBwrap, "--ro-bind", "/usr", "/usr"});
  for (const char* d : {"bin", "sbin", "lib", "lib64"})
    add({"--symlink", std::string("usr/") + d, std::string("/") + d});
  // Named ones are 0755; those that bwrap makes on the way are for their owner alone.
  add({"--perms", "0755", "--dir", "/etc", "--perms", "0755", "--dir", "/var"});
  for (const char* f : kEtc) add({"--ro-bind-try", f, f});
  for (const char* f : {"resolv.conf", "nsswitch.conf", "hosts"})
    add({"--ro-bind", place.dir + "/" + f, std::string("/etc/") + f});
  add({"--proc", "/proc", "--dev", "/dev", "--perms", "1777", "--size",
       std::to_string(int64_t{spec.scratch_mib} << 20), "--tmpfs", "/tmp"});
  add({"--ro-bind", spec.code_dir, "/var/task", "--ro-bind", place.runtime_dir, "/var/runtime"});
  add({"--unshare-pid", "--unshare-ipc", "--unshare-uts", "--die-with-parent", "--new-session", "--hostname",
       "lambda", "--chdir", "/var/task", "--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add",
       "CAP_SETGID", "--cap-add", "CAP_SETPCAP", "--"});
  std::string user = std::to_string(kFunctionUser);
  add({"/usr/bin/setpriv", "--reuid=" + user, "--regid=" + user, "--clear-groups", "--no-new-privs",
       "--inh-caps=-all", "--bounding-set=-all", "--"});
  for (auto& word : program(spec)) s.argv.push_back(word);
  return s;
}

std::string make_memory_group(const std::string& group, const std::string& id, int64_t bytes) {
  std::error_code ec;
  for (std::string root : {"/sys/fs/cgroup/memory", "/sys/fs/cgroup/unified", "/sys/fs/cgroup"}) {
    if (!fs::exists(root + "/cgroup.procs", ec)) continue;
    std::string dir = root + "/" + group + "/" + id;
    fs::create_directories(dir, ec);
    if (ec) return "";
    for (const char* file : {"/memory.limit_in_bytes", "/memory.max"})
      if (fs::exists(dir + file, ec)) {
        std::ofstream limit(dir + file);
        limit << bytes << std::flush;
        return limit ? dir + "/cgroup.procs" : "";
      }
    return "";  // v2 without the memory controller
  }
  return "";
}

int64_t memory_used_max(const std::string& memory_procs) {
  fs::path dir = fs::path(memory_procs).parent_path();
  for (const char* file : {"memory.max_usage_in_bytes", "memory.peak"}) {
    std::ifstream in(dir / file);
    if (int64_t n; !memory_procs.empty() && in >> n) return n;
  }
  return -1;
}

}  // namespace relight::sandbox::function
