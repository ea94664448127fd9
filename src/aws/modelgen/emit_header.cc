#include "aws/modelgen/emit.h"

namespace relight::modelgen {
namespace {

void structures(const Emission& e, std::string& out) {
  for (auto* s : e.order) out += "struct " + s->cpp_name + ";\n";
  out += "\n";
  for (auto* s : e.order) {
    out += "struct " + s->cpp_name + " {\n";
    for (auto& d : s->members)
      out += "  std::optional<" + e.types.of_member(*s, d) + "> " + identifier(d.name) + ";\n";
    out += "};\n";
  }
  out += "\n";
  for (auto* s : e.order)
    out += "const ::relight::aws::Shape* shape_of(const " + e.types.qualified(s->name) + "*);\n";
}

void operations(const Emission& e, std::string& out) {
  out += "\nconst ::relight::aws::ServiceModel& model();\n\nnamespace op {\n";
  for (auto& o : e.model.operations)
    out += "struct " + identifier(o.name) + " {\n  using Input = " + e.types.qualified(o.input) +
           ";\n  using Output = " + e.types.qualified(o.output) +
           ";\n  static const ::relight::aws::Operation& desc();\n"
           "  static const ::relight::aws::ServiceModel& service() { return model(); }\n};\n";
  out += "}  // namespace op\n";
}

void client(const Emission& e, std::string& out) {
  out +=
      "\nclass Client {\n public:\n  explicit Client(::relight::aws::Caller& caller) : caller_(&caller) {}\n";
  for (auto& o : e.model.operations)
    out += "  ::relight::Result<" + e.types.qualified(o.output) + "> " + identifier(o.name) + "(const " +
           e.types.qualified(o.input) + "& in = {}, const ::relight::aws::CallOptions& options = {});\n";
  out +=
      "  ::relight::aws::Caller& caller() const { return *caller_; }\n\n"
      " private:\n  ::relight::aws::Caller* caller_;\n};\n";
}

bool streams(const Emission& e) {
  for (auto& [name, s] : e.model.shapes)
    if (s.type == "body") return true;
  return false;
}

}  // namespace

std::string emit_header(const Emission& e) {
  std::string out = "// Made by modelgen from the model of " + e.model.service_id + " " +
                    e.model.api_version +
                    ". Do not edit.\n#pragma once\n#include \"aws/client/client_base.h\"\n" +
                    (streams(e) ? "#include \"aws/http/message.h\"\n" : "") + "#include \"aws/shape.h\"\n\n" +
                    "namespace relight::aws::" + e.ns + " {\n\n";
  structures(e, out);
  operations(e, out);
  client(e, out);
  return out + "\n}  // namespace relight::aws::" + e.ns + "\n";
}

std::string emit_internal(const Emission& e) {
  std::string out =
      "// Made by modelgen. Do not edit. Only for the " + e.ns + "_*.cc files.\n#pragma once\n#include \"" +
      e.ns + ".h\"\n\n#pragma GCC diagnostic ignored \"-Winvalid-offsetof\"\n\n" +
      "namespace relight::aws::" + e.ns + "::detail {\n\n" +
      "template <const ::relight::aws::Shape& S>\nconst ::relight::aws::Shape* ref() { return &S; }\n\n"
      // One control block for all: std::make_shared would have the compiler write one a struct, half its work here.
      "template <class T>\nstd::shared_ptr<void> make() {\n"
      "  return {static_cast<void*>(new T()), +[](void* p) { delete static_cast<T*>(p); }};\n}\n\n";
  for (auto& [name, s] : e.model.shapes)
    out += "extern const ::relight::aws::Shape d_" + identifier(name) + ";\n";
  for (auto& o : e.model.operations)
    out += "extern const ::relight::aws::Operation o_" + identifier(o.name) + ";\n";
  return out + "\n}  // namespace relight::aws::" + e.ns + "::detail\n";
}

std::string emit_part(const Emission& e, size_t part, size_t parts) {
  std::string ns = "relight::aws::" + e.ns;
  std::string out = "// Made by modelgen. Do not edit.\n#include \"" + e.ns + "_shapes.h\"\n\nnamespace " +
                    ns + " {\nnamespace detail {\nusing namespace ::relight::aws;\n\n";
  auto mine = [&](size_t i, size_t n) { return i * parts / n == part; };
  size_t i = 0;
  for (auto& [name, s] : e.model.shapes)
    if (mine(i++, e.model.shapes.size())) out += emit_shape(e, s);
  std::string methods;
  i = 0;
  for (auto& o : e.model.operations) {
    if (!mine(i++, e.model.operations.size())) continue;
    out += emit_operation(e, o);
    std::string id = identifier(o.name);
    methods += "const ::relight::aws::Operation& op::" + id + "::desc() { return detail::o_" + id + "; }\n" +
               "::relight::Result<" + e.types.qualified(o.output) + "> Client::" + id + "(const " +
               e.types.qualified(o.input) + "& in, const ::relight::aws::CallOptions& options) {\n" +
               "  return ::relight::aws::call<op::" + id + ">(*caller_, in, options);\n}\n";
  }
  if (part == 0) out += emit_service(e);
  out += "}  // namespace detail\n\n";
  i = 0;
  for (auto& [name, s] : e.model.shapes)
    if (mine(i++, e.model.shapes.size()) && s.type == "structure")
      out += "const ::relight::aws::Shape* shape_of(const " + e.types.qualified(name) +
             "*) { return &detail::d_" + identifier(name) + "; }\n";
  if (part == 0) out += "const ::relight::aws::ServiceModel& model() { return detail::service; }\n";
  return out + methods + "\n}  // namespace " + ns + "\n";
}

}  // namespace relight::modelgen
