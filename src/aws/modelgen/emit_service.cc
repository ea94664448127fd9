// Operations, paginators, waiters and the ServiceModel.
#include "aws/modelgen/emit.h"

namespace relight::modelgen {
namespace {

std::string list(const std::vector<std::string>& v) {
  std::string out = "{";
  for (auto& s : v) out += literal(s) + ", ";
  return out + "}";
}

// `constexpr std::string_view <name>[] = {…};`, or nothing when there is nothing: arrays may not be empty
std::string strings(const std::string& name, const std::vector<std::string>& v) {
  return v.empty() ? "" : "constexpr std::string_view " + name + "[] = " + list(v) + ";\n";
}
std::string span(const std::string& name, bool empty) { return empty ? std::string("{}") : name; }

std::string paginators(const Emission& e) {
  std::string before, table;
  size_t i = 0;
  for (auto& p : e.model.paginators) {
    std::string n = std::to_string(i++);
    before += strings("p_in_" + n, p.input_tokens) + strings("p_out_" + n, p.output_tokens) +
              strings("p_key_" + n, p.result_keys);
    table += "  {" + literal(p.operation) + ", " + span("p_in_" + n, p.input_tokens.empty()) + ", " +
             span("p_out_" + n, p.output_tokens.empty()) + ", " + span("p_key_" + n, p.result_keys.empty()) +
             ", " + literal(p.more_results) + ", " + literal(p.limit_key) + "},\n";
  }
  return table.empty() ? "" : before + "constexpr Paginator paginators[] = {\n" + table + "};\n";
}

std::string waiters(const Emission& e) {
  std::string before, table;
  size_t i = 0;
  for (auto& w : e.model.waiters) {
    std::string name = "w_" + std::to_string(i++);
    if (!w.acceptors.empty()) {
      before += "constexpr Acceptor " + name + "[] = {";
      for (auto& a : w.acceptors)
        before += "{" + literal(a.state) + ", " + literal(a.matcher) + ", " + literal(a.argument) + ", " +
                  literal(a.expected) + "}, ";
      before += "};\n";
    }
    table += "  {" + literal(w.name) + ", " + literal(w.operation) + ", " + std::to_string(w.delay_s) + ", " +
             std::to_string(w.max_attempts) + ", " + span(name, w.acceptors.empty()) + "},\n";
  }
  return table.empty() ? "" : before + "constexpr Waiter waiters[] = {\n" + table + "};\n";
}

std::string protocol(const std::string& p) {
  if (p == "ec2") return "Protocol::kEc2";
  if (p == "json") return "Protocol::kJson";
  if (p == "rest-json") return "Protocol::kRestJson";
  if (p == "rest-xml") return "Protocol::kRestXml";
  return "Protocol::kQuery";
}

}  // namespace

std::string emit_operation(const Emission& e, const OperationDef& o) {
  std::string id = identifier(o.name), out;
  if (!o.errors.empty()) {
    out += "constexpr const Shape* r_" + id + "[] = {";
    for (auto& x : o.errors) out += "&d_" + identifier(x) + ", ";
    out += "};\n";
  }
  out += "constinit const Operation o_" + id + "{.name = " + literal(o.name) +
         ", .method = " + literal(o.method) + ", .uri = " + literal(o.uri) + ", .input = &d_" +
         identifier(o.input) + ", .output = &d_" + identifier(o.output);
  if (!o.errors.empty()) out += ", .errors = r_" + id;
  if (!o.result_wrapper.empty()) out += ", .result_wrapper = " + literal(o.result_wrapper);
  if (!o.host_prefix.empty()) out += ", .host_prefix = " + literal(o.host_prefix);
  if (!o.auth.empty()) out += ", .auth = " + literal(o.auth);
  if (o.checksum_required) out += ", .checksum_required = true";
  out += ", .make_input = make<" + e.types.qualified(o.input) +
         ">, .make_output = make<" + e.types.qualified(o.output) + ">";
  if (o.status != 200) out += ", .status = " + std::to_string(o.status);
  if (!o.checksum_member.empty()) out += ", .checksum_member = " + literal(o.checksum_member);
  return out + "};\n\n";
}

std::string emit_service(const Emission& e) {
  const Model& m = e.model;
  std::string out = paginators(e) + waiters(e) + "constexpr const Operation* operations[] = {\n";
  for (auto& o : m.operations) out += "  &o_" + identifier(o.name) + ",\n";
  out += "};\nconstinit const ServiceModel service{.id = " + literal(e.ns) +
         ", .service_id = " + literal(m.service_id) + ", .endpoint_prefix = " + literal(m.endpoint_prefix) +
         ", .signing_name = " + literal(m.signing_name) + ", .api_version = " + literal(m.api_version) +
         ", .target_prefix = " + literal(m.target_prefix) + ", .json_version = " + literal(m.json_version) +
         ", .xml_namespace = " + literal(m.xml_namespace) + ", .protocol = " + protocol(m.protocol) +
         ", .query_compatible = " + (m.query_compatible ? "true" : "false") +
         ", .global = " + (e.global ? "true" : "false") + ", .operations = operations";
  if (!m.paginators.empty()) out += ", .paginators = paginators";
  if (!m.waiters.empty()) out += ", .waiters = waiters";
  return out + "};\n";
}

}  // namespace relight::modelgen
