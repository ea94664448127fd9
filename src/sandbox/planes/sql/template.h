// The data directory that every new database is a copy of.
#pragma once
#include <mutex>
#include <stop_token>
#include <string>

#include "base/clock.h"
#include "base/rng.h"
#include "sandbox/planes/sql/server.h"

namespace relight::sandbox {

class Template {
 public:
  // dir: where it is kept (made once, some seconds), across restarts of the sandbox. stop: gives up what is
  // under way.
  Template(std::string dir, Clock& clock, Rng& rng, std::stop_token stop)
      : dir_(std::move(dir)), clock_(clock), rng_(rng), stop_(std::move(stop)) {}

  // Makes it if it is not there. Thread-safe, blocking; the first caller works, the others wait.
  // Error "Process.NotStarted" when MariaDB is not installed.
  Result<> ready();
  // After ready(): a fresh data directory at `to`.
  Result<> copy(const std::string& to);
  Result<SqlSecrets> secrets();  // from the file beside it, mode 0600

 private:
  Result<> make();
  std::string dir_;
  Clock& clock_;
  Rng& rng_;
  std::stop_token stop_;
  std::mutex m_;
  bool ready_ = false;
};

// Copies a directory with owners and holes; `to` must not exist. Program cp: it knows sparse files and
// reflinks.
Result<> copy_tree(const std::string& from, const std::string& to, std::stop_token stop);

}  // namespace relight::sandbox
