// A botocore service model as modelgen needs it: parsed, overlaid, nothing resolved yet.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace relight::modelgen {

struct MemberDef {
  std::string name;   // "member" of a list, "key"/"value" of a map
  std::string shape;  // name of a ShapeDef
  std::string wire;   // locationName; empty if the model says none
  std::string query_name, location, time, xml_namespace, xml_prefix;
  bool required = false, idempotency_token = false, xml_attribute = false, flattened = false,
       json_value = false, host_label = false, streaming = false, event_payload = false, event_header = false;
};

struct ShapeDef {
  std::string name;
  std::string type;  // the model's word: structure list map string boolean integer long float double
                     // timestamp blob, or ours: body, document
  std::vector<MemberDef> members;         // structure
  std::optional<MemberDef> element, key;  // list and map; map
  std::vector<std::string> enums;
  std::optional<double> min, max;
  std::string pattern, time, payload, xml_namespace, xml_prefix, location_name, error_code;
  int error_status = 0;
  bool flattened = false, is_union = false, exception = false, sensitive = false, event_stream = false,
       sender_fault = true;
  std::string cpp_name;  // structure: its C++ name, set by resolve()
};

struct OperationDef {
  std::string name, method, uri, input, output, result_wrapper, host_prefix, auth, checksum_member;
  std::vector<std::string> errors;
  int status = 200;
  bool checksum_required = false;
};

struct PaginatorDef {
  std::string operation, more_results, limit_key;
  std::vector<std::string> input_tokens, output_tokens, result_keys;
};
struct AcceptorDef {
  std::string state, matcher, argument, expected;  // expected: JSON text
};
struct WaiterDef {
  std::string name, operation;
  int delay_s = 0, max_attempts = 0;
  std::vector<AcceptorDef> acceptors;
};

struct Model {
  std::string service_id, endpoint_prefix, signing_name, api_version, target_prefix, json_version,
      xml_namespace, protocol;
  bool query_compatible = false;
  std::map<std::string, ShapeDef> shapes;
  std::vector<OperationDef> operations;  // by name
  std::vector<PaginatorDef> paginators;
  std::vector<WaiterDef> waiters;
};

struct ModelFiles {
  std::string model, paginators, waiters, overlay;  // paths; all but model may be empty
};

// Reads the files, lays the overlay over the model (RFC 7396 merge patch).
Result<Model> read_model(const ModelFiles& files);

// Keeps the named operations ({"*"}: all) and the shapes that they reach; gives operations without input or
// output an empty structure; turns streaming blobs into "body" and JSON values into "document"; names the
// structures.
Result<> select(Model& m, const std::vector<std::string>& operations);

}  // namespace relight::modelgen
