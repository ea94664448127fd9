// The engine's look at one resource as it stands.
#include "sandbox/services/cloudformation/drift.h"
#include "sandbox/services/cloudformation/engine.h"

namespace relight::sandbox::cfn {

Result<Json> Engine::read(const std::string& region, const ResourceType& t, const Reading& r,
                          const Subject& s) {
  auto out = call(region, r.ask, build_input(t, r.ask, s));
  if (!out && !r.none.empty() && out.error().code == r.none) return Json();
  if (!out) return std::unexpected(out.error());
  if (r.form) return r.form(*out, s.props.value(std::string(r.property), Json()));
  auto* there = at(*out, r.pointer);
  return there ? *there : Json();
}

Result<Json> Engine::live(const std::string& region, const std::string& actor, const Stack& stack,
                          const std::string& logical, const Resource& r) {
  actor_ = actor;
  const ResourceType* t = find_type(r.type);
  if (!t || r.physical.empty()) return Json::object();
  Subject s{logical, r.physical, stack.name, region, world_.account(), world_.rng.hex(12),
            r.props, Json(),     r.described};
  Json out = Json::object();
  if (t->describe) {
    TRY_ASSIGN(Json described, describe(region, *t, s));
    out = properties_in(*t, r.props, described);
  }
  for (auto& reading : readings()) {
    std::string property(reading.property);
    if (reading.type != t->name || !r.props.contains(property)) continue;
    TRY_ASSIGN(out[property], read(region, *t, reading, s));
  }
  return out;
}

}  // namespace relight::sandbox::cfn
