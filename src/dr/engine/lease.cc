#include "dr/engine/lease.h"

#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "base/disk.h"
#include "dr/model/duration.h"

namespace relight::dr {
namespace {

// Field 22 of /proc/PID/stat (proc(5)): start time in ticks since boot. 0 if there is no such process.
uint64_t start_of(int64_t pid) {
  auto stat = system_disk().read(fmt::format("/proc/{}/stat", pid));
  if (!stat) return 0;
  auto after_name = stat->rfind(')');
  if (after_name == std::string::npos) return 0;
  std::istringstream fields(stat->substr(after_name + 1));
  std::string field;
  for (int i = 3; i <= 22; ++i) {
    fields >> field;
    if (i == 3 && (field == "Z" || field == "X")) return 0;  // dead, only not yet reaped
  }
  return std::strtoull(field.c_str(), nullptr, 10);
}

}  // namespace

std::string to_json(const Lease& l) {
  return nlohmann::json{{"epoch", l.epoch},
                        {"held", l.held},
                        {"run", l.run},
                        {"who", l.holder.who},
                        {"host", l.holder.host},
                        {"boot", l.holder.boot},
                        {"pid", l.holder.pid},
                        {"process_start", l.holder.process_start},
                        {"since", iso8601(l.since)},
                        {"expires", iso8601(l.expires)}}
      .dump();
}

Result<Lease> lease_from_json(std::string_view text) {
  auto j = nlohmann::json::parse(text, nullptr, false);
  try {
    Lease l;
    l.epoch = j.at("epoch").get<uint64_t>();
    l.held = j.at("held").get<bool>();
    l.run = j.at("run").get<std::string>();
    l.holder = {j.at("host").get<std::string>(), j.at("boot").get<std::string>(), j.at("pid").get<int64_t>(),
                j.at("process_start").get<uint64_t>(), j.value("who", "")};
    TRY_ASSIGN(l.since, parse_iso8601(j.at("since").get<std::string>()));
    TRY_ASSIGN(l.expires, parse_iso8601(j.at("expires").get<std::string>()));
    return l;
  } catch (const nlohmann::json::exception& e) {
    return fail("Lease.Malformed", "the lease cannot be read: " + std::string(e.what()));
  }
}

bool takable(const Lease& l, const Holder& me, Instant now, bool (*holder_alive)(const Holder&)) {
  if (!l.held || now >= l.expires) return true;
  bool same_boot = !l.holder.boot.empty() && l.holder.boot == me.boot && l.holder.host == me.host;
  return same_boot && !holder_alive(l.holder);
}

Error held_by(const Lease& l, Instant now) {
  Error e;
  e.code = "Lease.Held";
  e.tried = "acquire the lease";
  e.resource = "run " + l.run;
  e.message = fmt::format(
      "another relight is at work: {} on host {}, pid {}, since {}, epoch {}; its lease ends {} unless "
      "renewed",
      l.holder.who.empty() ? "somebody" : l.holder.who, l.holder.host, l.holder.pid, iso8601(l.since),
      l.epoch, l.expires > now ? "in " + duration_text(l.expires - now) : "now");
  e.next = "watch it with 'relight show " + l.run +
           "'; if it died, 'relight resume' takes over once its lease has ended";
  return e;
}

Error lease_lost(const Lease& mine, const Lease& now) {
  Error e;
  e.code = "Lease.Lost";
  e.tried = "act with the lease";
  e.resource = "run " + mine.run;
  e.message =
      fmt::format("epoch {} is over: epoch {} was taken by {} on host {}, pid {}", mine.epoch, now.epoch,
                  now.holder.who.empty() ? "somebody" : now.holder.who, now.holder.host, now.holder.pid);
  e.next = "nothing more is done here; 'relight show' tells what the new holder does";
  return e;
}

namespace {

// Who a shared account was entered as tells more than the account.
std::string person() {
  if (const char* sudo = std::getenv("SUDO_USER"); sudo && *sudo) return sudo;
  passwd entry{}, *found = nullptr;
  char space[4096];
  if (getpwuid_r(getuid(), &entry, space, sizeof space, &found) == 0 && found) return found->pw_name;
  return fmt::format("uid {}", getuid());
}

}  // namespace

Holder this_process() {
  Holder h;
  h.who = person();
  char name[256] = {};
  if (gethostname(name, sizeof name - 1) == 0) h.host = name;
  if (auto boot = system_disk().read("/proc/sys/kernel/random/boot_id")) h.boot = boot->substr(0, 36);
  // Two containers may share kernel and boot but not process numbers.
  char space[64] = {};
  if (readlink("/proc/self/ns/pid", space, sizeof space - 1) > 0) h.boot += std::string(" ") + space;
  h.pid = getpid();
  h.process_start = start_of(h.pid);
  return h;
}

bool process_alive(const Holder& h) {
  auto start = start_of(h.pid);
  return start != 0 && start == h.process_start;
}

}  // namespace relight::dr
