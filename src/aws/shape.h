// What modelgen writes and the codecs read: every AWS shape is a plain struct plus a constexpr description of it.
// A codec walks (Shape, void*) pairs; nothing is compiled per struct but the few lines of Ops below.
//
//   struct member         C++
//   any member            std::optional<T>, named as the model names it (C++ keywords get a trailing '_')
//   string, enum          std::string
//   integer, long         int32_t, int64_t          float, double   float, double
//   boolean               bool                      timestamp       relight::Instant
//   blob                  Blob                      streaming blob  http::Body
//   list<T>               std::vector<T>            map<string,T>   std::map<std::string, T>
//   structure             its struct                recursive structure member   Box<T>
//   list<boolean>         std::vector<Boolean>
//   JSON value / document Document (JSON text, validated)
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace relight::aws {

struct Blob {
  std::string bytes;
  bool operator==(const Blob&) const = default;
};
struct Document {
  std::string json;  // JSON text
  bool operator==(const Document&) const = default;
};
// The element of list<boolean>, because std::vector<bool> has no addresses.
struct Boolean {
  bool value = false;
  Boolean() = default;
  Boolean(bool v) : value(v) {}
  operator bool() const { return value; }
};

// A value on the heap, for shapes that contain themselves. Copies deeply; never null.
template <class T>
class Box {
 public:
  Box() : p_(std::make_unique<T>()) {}
  Box(T v) : p_(std::make_unique<T>(std::move(v))) {}
  Box(const Box& o) : p_(std::make_unique<T>(*o.p_)) {}
  Box(Box&& o) noexcept = default;
  Box& operator=(Box o) noexcept { p_.swap(o.p_); return *this; }
  T& operator*() { return *p_; }
  const T& operator*() const { return *p_; }
  T* operator->() { return p_.get(); }
  const T* operator->() const { return p_.get(); }
  bool operator==(const Box& o) const { return *p_ == *o.p_; }

 private:
  std::unique_ptr<T> p_;
};

enum class Type : uint8_t {
  kStructure, kList, kMap, kString, kBoolean, kInteger, kLong, kFloat, kDouble, kTimestamp, kBlob, kBody, kDocument
};
enum class Location : uint8_t { kPayload, kHeader, kHeaders, kUri, kQuery, kStatusCode };
enum class TimeFormat : uint8_t { kDefault, kIso8601, kUnix, kRfc822 };

// Erased access to std::optional<T>: nullptr when absent.
struct SlotOps {
  const void* (*get)(const void* slot);
  void* (*emplace)(void* slot);  // default value, replacing what was there
  void (*reset)(void* slot);
};
struct ListOps {
  size_t (*size)(const void* list);
  const void* (*at)(const void* list, size_t i);
  void* (*push)(void* list);  // default value at the end
};
struct MapOps {
  size_t (*size)(const void* map);
  void (*each)(const void* map, void* arg, void (*f)(void* arg, const std::string& key, const void* value));
  void* (*insert)(void* map, std::string key);
};

struct Member;
struct Shape {
  Type type = Type::kString;
  std::string_view name;
  std::span<const Member> members{};          // structure
  const Member* element = nullptr;            // list; map's value
  const Member* key = nullptr;                // map's key
  const ListOps* list = nullptr;
  const MapOps* map = nullptr;
  std::span<const std::string_view> enums{};  // string with a closed set
  bool has_min = false, has_max = false;      // range of a number, length of string/blob/list/map
  double min = 0, max = 0;
  std::string_view pattern{};                 // ECMAScript-like; empty: none
  TimeFormat time = TimeFormat::kDefault;
  bool flattened = false;                     // list, map (XML protocols)
  std::string_view payload{};                 // structure: the member that is the whole body
  std::string_view xml_namespace{};           // xmlns of the structure's element, when the shape says one
  std::string_view location_name{};           // the shape's own locationName (XML root of some inputs)
  bool is_union = false, is_exception = false, sensitive = false, event_stream = false;
  std::string_view error_code{};              // exception: code on the wire (error.code, else the shape's name)
  int error_status = 0;                       // exception: HTTP status, 0 if the model says none
  bool error_sender_fault = true;
  std::string_view xml_prefix{};              // prefix that goes with xml_namespace: "xsi"
  std::shared_ptr<void> (*make)() = nullptr;  // exception: a default value on the heap
};

struct Member {
  std::string_view name;           // the model's name, and the JSON key of `relight api`; "member" of a list,
                                   // "key" and "value" of a map
  std::string_view wire;           // locationName, else name
  std::string_view query_name{};   // EC2's queryName, else empty
  const Shape* (*shape)() = nullptr;  // a function, so that shapes may contain themselves
  size_t offset = 0;               // of the std::optional<T> in its struct (structure members only)
  const SlotOps* slot = nullptr;   // structure members only
  Location location = Location::kPayload;
  bool required = false, idempotency_token = false, xml_attribute = false, flattened = false, json_value = false,
       host_label = false, streaming = false;
  TimeFormat time = TimeFormat::kDefault;  // overrides the shape's
  std::string_view xml_namespace{}, xml_prefix{};
  bool event_payload = false, event_header = false;  // members of an event of an event stream

  const void* get(const void* structure) const {
    return slot->get(static_cast<const char*>(structure) + offset);
  }
  void* emplace(void* structure) const { return slot->emplace(static_cast<char*>(structure) + offset); }
};

enum class Protocol : uint8_t { kQuery, kEc2, kJson, kRestJson, kRestXml };

struct Operation {
  std::string_view name;
  std::string_view method;      // "POST"
  std::string_view uri;         // "/2013-04-01/hostedzone/{Id}", greedy labels as {Key+}
  const Shape* input = nullptr;   // never null: operations without input get an empty structure
  const Shape* output = nullptr;  // never null
  std::span<const Shape* const> errors{};
  std::string_view result_wrapper{};     // query: element around the result
  std::string_view host_prefix{};        // endpoint.hostPrefix
  std::string_view auth{};               // "none" where the model says authtype none
  bool checksum_required = false;        // httpChecksumRequired
  // make a default input/output on the heap, destroy it, for callers that only have a name
  std::shared_ptr<void> (*make_input)() = nullptr;
  std::shared_ptr<void> (*make_output)() = nullptr;
  int status = 200;                        // of a successful answer (http.responseCode)
  std::string_view checksum_member{};      // httpChecksum.requestAlgorithmMember: "ChecksumAlgorithm"
};

struct Paginator { std::string_view operation; std::span<const std::string_view> input_tokens, output_tokens, result_keys;
                   std::string_view more_results, limit_key; };  // paths in JMESPath as the model writes them
struct Acceptor { std::string_view state /*success failure retry*/, matcher /*path pathAll pathAny status error*/, argument, expected /*JSON*/; };
struct Waiter { std::string_view name, operation; int delay_s, max_attempts; std::span<const Acceptor> acceptors; };

struct ServiceModel {
  std::string_view id;               // short, lower case, as on the command line: "rds", "elbv2", "cloudwatch"
  std::string_view service_id;       // model's serviceId: "Elastic Load Balancing v2"
  std::string_view endpoint_prefix;  // host label: "elasticloadbalancing"
  std::string_view signing_name;     // SigV4 service
  std::string_view api_version;      // "2014-10-31"
  std::string_view target_prefix;    // json: "AmazonEC2ContainerServiceV20141113"
  std::string_view json_version;     // "1.1"
  std::string_view xml_namespace;
  Protocol protocol = Protocol::kQuery;
  bool query_compatible = false;     // awsQueryCompatible: JSON errors carry x-amzn-query-error
  bool global = false;               // one endpoint, us-east-1: iam, route53
  std::span<const Operation* const> operations;
  std::span<const Paginator> paginators;
  std::span<const Waiter> waiters;

  const Operation* find(std::string_view operation) const {
    for (const Operation* o : operations)
      if (o->name == operation) return o;
    return nullptr;
  }
};

// ---- the erased operations, instantiated once a type ----
template <class T>
inline constexpr SlotOps slot_ops{
    [](const void* s) -> const void* {
      auto& o = *static_cast<const std::optional<T>*>(s);
      return o ? &*o : nullptr;
    },
    [](void* s) -> void* { return &static_cast<std::optional<T>*>(s)->emplace(); },
    [](void* s) { static_cast<std::optional<T>*>(s)->reset(); }};
template <class T>
inline constexpr SlotOps slot_ops<Box<T>>{
    [](const void* s) -> const void* {
      auto& o = *static_cast<const std::optional<Box<T>>*>(s);
      return o ? &**o : nullptr;
    },
    [](void* s) -> void* { return &*static_cast<std::optional<Box<T>>*>(s)->emplace(); },
    [](void* s) { static_cast<std::optional<Box<T>>*>(s)->reset(); }};
template <class T>
inline constexpr ListOps list_ops{
    [](const void* l) { return static_cast<const std::vector<T>*>(l)->size(); },
    [](const void* l, size_t i) -> const void* { return &(*static_cast<const std::vector<T>*>(l))[i]; },
    [](void* l) -> void* { return &static_cast<std::vector<T>*>(l)->emplace_back(); }};
template <class T>
inline constexpr MapOps map_ops{
    [](const void* m) { return static_cast<const std::map<std::string, T>*>(m)->size(); },
    [](const void* m, void* arg, void (*f)(void*, const std::string&, const void*)) {
      for (auto& [k, v] : *static_cast<const std::map<std::string, T>*>(m)) f(arg, k, &v);
    },
    [](void* m, std::string key) -> void* { return &(*static_cast<std::map<std::string, T>*>(m))[std::move(key)]; }};
template <class T>
inline constexpr auto make_shared_void = []() -> std::shared_ptr<void> { return std::make_shared<T>(); };

// modelgen also emits, per service S (namespace relight::aws::S, headers "aws/gen/S.h"):
//   const ServiceModel& model();
//   namespace op { struct CreateCluster { using Input = CreateClusterRequest; using Output = CreateClusterResponse;
//                                         static const Operation& desc(); static const ServiceModel& service(); }; … }
//   class Client { explicit Client(Caller&); … }, one method an operation (aws/client/client_base.h):
//     Result<CreateClusterResponse> CreateCluster(const CreateClusterRequest& in = {}, const CallOptions& = {});
// Operations whose model has no input or output use an empty struct named <Operation>Input_ / <Operation>Output_.
// Each struct S has `const Shape* shape_of(const S*)` found by ADL, for generic code.

}  // namespace relight::aws
