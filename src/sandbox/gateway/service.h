// A service of the sandbox: a model and a handler for each operation that is built. Services see typed requests,
// never the wire; what is not built answers "NotImplemented" (501) and is listed by `relight-sandbox coverage`.
#pragma once
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "aws/http/message.h"
#include "aws/shape.h"
#include "base/result.h"
#include "sandbox/world/world.h"

namespace relight::sandbox {

struct Call {
  std::string region;      // of the signature; for global services always "us-east-1"
  std::string request_id;
  std::string principal;   // ARN of the caller
  const http::Request* raw = nullptr;  // null when called in-process; S3 alone may look (conditional headers)
};

// An AWS error as a service answers it: status 0 takes the modelled error's.
inline std::unexpected<Error> aws_error(std::string_view code, std::string_view message, int status = 0) {
  Error e;
  e.code = code;
  e.message = message;
  e.http_status = status;
  return fail(std::move(e));
}

class Service {
 public:
  using Erased = std::function<Result<>(const Call&, const void* in, void* out)>;

  Service(World& w, const aws::ServiceModel& m) : world_(w), model_(m) {}
  virtual ~Service() = default;
  const aws::ServiceModel& model() const { return model_; }
  const Erased* handler(std::string_view operation) const {
    auto it = handlers_.find(operation);
    return it == handlers_.end() ? nullptr : &it->second;
  }
  bool builds(std::string_view operation) const { return handler(operation) != nullptr; }
  // Of an operation that may wait before it answers (on_later): how a remote caller is served. Called under the world's
  // lock and never blocking; `answer` is called under it too, once, now or later. Else null.
  using Waiting = std::function<void(const Call&, const void* in, void* out, std::function<void(Result<>)> answer)>;
  const Waiting* waiting_handler(std::string_view operation) const {
    auto it = waiting_.find(operation);
    return it == waiting_.end() ? nullptr : &it->second;
  }

  // All under the world's lock. start: once, after every service exists: bring planes up, resume what was in flight.
  virtual void start() {}
  virtual void stop() {}                                // orderly end: planes down, state kept
  virtual void region_lost(const std::string&) {}       // processes killed with SIGKILL, listeners closed, queues dropped
  virtual void region_restored(const std::string&) {}   // what stood there starts again, as it was
  // True: the gateway calls handlers WITHOUT the world's lock (S3: the data path); the service guards itself.
  virtual bool locks_itself() const { return false; }

 protected:
  // In the constructor: on<op::CreateCluster>([this](const Call& c, const CreateClusterRequest& in) { … });
  template <class Op>
  void on(std::function<Result<typename Op::Output>(const Call&, const typename Op::Input&)> f) {
    handlers_[std::string(Op::desc().name)] = [f = std::move(f)](const Call& c, const void* in, void* out) -> Result<> {
      auto r = f(c, *static_cast<const typename Op::Input*>(in));
      if (!r) return std::unexpected(std::move(r).error());
      *static_cast<typename Op::Output*>(out) = std::move(*r);
      return {};
    };
  }
  // Beside on<Op>, which in-process callers use and which never waits. `in` and the Call live only during f. An answer that
  // is dropped uncalled leaves its caller waiting until he or the sandbox goes.
  template <class Op>
  void on_later(std::function<void(const Call&, const typename Op::Input&, std::function<void(Result<typename Op::Output>)>)> f) {
    waiting_[std::string(Op::desc().name)] = [f = std::move(f)](const Call& c, const void* in, void* out,
                                                                 std::function<void(Result<>)> answer) {
      f(c, *static_cast<const typename Op::Input*>(in), [out, answer = std::move(answer)](Result<typename Op::Output> r) {
        if (!r) return answer(std::unexpected(std::move(r).error()));
        *static_cast<typename Op::Output*>(out) = std::move(*r);
        answer({});
      });
    };
  }
  World& world_;

 private:
  const aws::ServiceModel& model_;
  std::map<std::string, Erased, std::less<>> handlers_;
  std::map<std::string, Waiting, std::less<>> waiting_;
};

}  // namespace relight::sandbox
