#include "sandbox/planes/container/simulated_container_plane.h"

#include "base/bytes.h"
#include "sandbox/planes/container/image_store.h"

namespace relight::sandbox::container {

void SimulatedContainerPlane::on_exit(OnExit f) {
  std::lock_guard g(m_);
  on_exit_ = std::move(f);
}

Result<std::string> SimulatedContainerPlane::pull(const std::string& image) {
  TRY_ASSIGN(std::string key, image_key(image));
  return "sha256:" + hex(sha256(key));
}

Result<> SimulatedContainerPlane::start(const Spec& spec) {
  std::lock_guard g(m_);
  if (!failure_.empty()) return fail("Container.NotStarted", failure_);
  running_[spec.id] = spec;
  return {};
}

void SimulatedContainerPlane::end(const std::string& id, int code) {
  OnExit notify;
  {
    std::lock_guard g(m_);
    if (running_.erase(id) == 0) return;
    notify = on_exit_;
  }
  if (notify) notify(id, code);
}

void SimulatedContainerPlane::stop(const std::string& id, std::chrono::milliseconds) { end(id, 0); }
void SimulatedContainerPlane::kill(const std::string& id) { end(id, 137); }
void SimulatedContainerPlane::exit(const std::string& id, int code) { end(id, code); }
void SimulatedContainerPlane::remove(const std::string&) {}

Result<int> SimulatedContainerPlane::exec(const std::string& id, const std::vector<std::string>&,
                                          std::chrono::milliseconds) {
  std::lock_guard g(m_);
  if (!running_.contains(id)) return fail("Container.NotRunning", "it does not run");
  return exec_code_;
}

void SimulatedContainerPlane::fail_starts(std::string why) {
  std::lock_guard g(m_);
  failure_ = std::move(why);
}

void SimulatedContainerPlane::set_exec_code(int code) {
  std::lock_guard g(m_);
  exec_code_ = code;
}

std::vector<Spec> SimulatedContainerPlane::running() const {
  std::lock_guard g(m_);
  std::vector<Spec> out;
  for (auto& [id, spec] : running_) out.push_back(spec);
  return out;
}

}  // namespace relight::sandbox::container
