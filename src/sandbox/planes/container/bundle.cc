#include "sandbox/planes/container/bundle.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/disk.h"

namespace relight::sandbox::container {
namespace {

using nlohmann::json;

// Docker's default set ("Runtime privilege and Linux capabilities", docs.docker.com/engine/containers/run).
const char* const kCapabilities[] = {
    "CAP_CHOWN",   "CAP_DAC_OVERRIDE", "CAP_FSETID",           "CAP_FOWNER",
    "CAP_MKNOD",   "CAP_NET_RAW",      "CAP_SETGID",           "CAP_SETUID",
    "CAP_SETFCAP", "CAP_SETPCAP",      "CAP_NET_BIND_SERVICE", "CAP_SYS_CHROOT",
    "CAP_KILL",    "CAP_AUDIT_WRITE"};

bool digits(const std::string& s) {
  return !s.empty() && s.size() < 10 &&
         std::all_of(s.begin(), s.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// The field at `column` of the line whose first field is `name`.
std::string lookup(const std::string& file, const std::string& name, size_t column) {
  auto text = system_disk().read(file);
  std::istringstream lines(text ? *text : "");
  for (std::string line; std::getline(lines, line);) {
    std::istringstream fields(line);
    std::vector<std::string> f;
    for (std::string s; std::getline(fields, s, ':');) f.push_back(s);
    if (f.size() > column && f[0] == name) return f[column];
  }
  return {};
}

Result<> find_user(const std::string& user, const std::string& rootfs, Launch& out) {
  if (user.empty()) return {};
  size_t colon = user.find(':');
  std::string name = user.substr(0, colon), group = colon == std::string::npos ? "" : user.substr(colon + 1);
  std::string uid = digits(name) ? name : lookup(rootfs + "/etc/passwd", name, 2);
  std::string gid = group.empty()   ? (digits(name) ? "0" : lookup(rootfs + "/etc/passwd", name, 3))
                    : digits(group) ? group
                                    : lookup(rootfs + "/etc/group", group, 2);
  if (!digits(uid) || !digits(gid))
    return fail("Container.NoSuchUser", "the image knows no user '" + user + "'");
  out.uid = static_cast<unsigned>(std::stoul(uid));
  out.gid = static_cast<unsigned>(std::stoul(gid));
  return {};
}

json mount(const char* to, const char* type, std::string source, std::vector<std::string> options) {
  return {
      {"destination", to}, {"type", type}, {"source", std::move(source)}, {"options", std::move(options)}};
}

json mounts(const std::string& bundle) {
  json m = json::array();
  m.push_back(mount("/proc", "proc", "proc", {"nosuid", "noexec", "nodev"}));
  m.push_back(mount("/dev", "tmpfs", "tmpfs", {"nosuid", "strictatime", "mode=755", "size=65536k"}));
  m.push_back(mount("/dev/pts", "devpts", "devpts",
                    {"nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"}));
  m.push_back(mount("/dev/shm", "tmpfs", "shm", {"nosuid", "noexec", "nodev", "mode=1777", "size=65536k"}));
  m.push_back(mount("/dev/mqueue", "mqueue", "mqueue", {"nosuid", "noexec", "nodev"}));
  m.push_back(mount("/sys", "sysfs", "sysfs", {"nosuid", "noexec", "nodev", "ro"}));
  for (const char* f : {"hosts", "resolv.conf", "hostname"})
    m.push_back(mount((std::string("/etc/") + f).c_str(), "bind", bundle + "/" + f, {"bind", "ro"}));
  return m;
}

json resources(const Spec& s) {
  json r{{"pids", {{"limit", s.pids_max}}}};
  if (s.memory_bytes > 0) r["memory"] = {{"limit", s.memory_bytes}};
  if (s.cpu_units > 0)
    r["cpu"] = {{"shares", std::max(2, s.cpu_units)},
                {"quota", std::max(1000, s.cpu_units * 100'000 / 1024)},
                {"period", 100'000}};
  r["devices"] = json::array({{{"allow", false}, {"access", "rwm"}}});
  return r;
}

}  // namespace

Result<Launch> launch_of(const Spec& spec, const Image& image) {
  Launch l;
  l.argv = spec.entrypoint.empty() ? image.entrypoint : spec.entrypoint;
  auto& command = !spec.command.empty() || !spec.entrypoint.empty() ? spec.command : image.command;
  l.argv.insert(l.argv.end(), command.begin(), command.end());
  if (l.argv.empty())
    return fail("Container.NoCommand", "neither the image nor the task definition says what to run");
  l.env["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
  l.env["HOME"] = "/root";
  for (auto& e : image.env)
    if (size_t eq = e.find('='); eq != std::string::npos) l.env[e.substr(0, eq)] = e.substr(eq + 1);
  l.env["HOSTNAME"] = spec.hostname;
  for (auto& [k, v] : spec.env) l.env[k] = v;
  if (!image.cwd.empty()) l.cwd = image.cwd;
  if (!spec.cwd.empty()) l.cwd = spec.cwd;
  TRY(find_user(spec.user.empty() ? image.user : spec.user, image.rootfs, l));
  return l;
}

std::string runtime_config(const Spec& spec, const Launch& l, const std::string& bundle,
                           const std::string& cgroups_path) {
  json env = json::array(), caps = json::array(), namespaces = json::array();
  for (auto& [k, v] : l.env) env.push_back(k + "=" + v);
  for (auto* c : kCapabilities) caps.push_back(c);
  for (auto* n : {"pid", "ipc", "uts", "mount"}) namespaces.push_back({{"type", n}});
  json capabilities{{"bounding", caps}};
  if (l.uid == 0) capabilities["effective"] = capabilities["permitted"] = caps;
  json config{
      {"ociVersion", "1.0.2"},
      {"process",
       {{"terminal", false},
        {"user", {{"uid", l.uid}, {"gid", l.gid}}},
        {"args", l.argv},
        {"env", env},
        {"cwd", l.cwd},
        {"capabilities", capabilities},
        {"noNewPrivileges", false}}},
      {"root", {{"path", "rootfs"}, {"readonly", spec.read_only_root}}},
      {"hostname", spec.hostname},
      {"mounts", mounts(bundle)},
      {"linux",
       {{"namespaces", namespaces},
        {"cgroupsPath", cgroups_path},
        {"resources", resources(spec)},
        {"maskedPaths",
         {"/proc/acpi", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list",
          "/proc/timer_stats", "/proc/sched_debug", "/proc/scsi", "/sys/firmware"}},
        {"readonlyPaths", {"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"}}}}};
  return config.dump();
}

std::string hosts_file(const Spec& spec) {
  return "127.0.0.1 localhost\n" + spec.address + " " + spec.hostname + "\n";
}

std::string resolv_conf(const Spec& spec) {
  return spec.dns.empty() ? "" : "nameserver " + spec.dns + "\noptions timeout:1 attempts:2\n";
}

}  // namespace relight::sandbox::container
