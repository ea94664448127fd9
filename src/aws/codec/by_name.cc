// JSON by the model's own names.
#include "aws/codec/codec.h"
#include "aws/codec/json_value.h"

namespace relight::aws::codec {

std::string to_json(const Shape& shape, const void* value) {
  std::string out;
  write_json(out, shape, value, kModelForm);
  return out;
}

Result<> from_json(const Shape& shape, std::string_view json, void* value) {
  return read_json_text(json, shape, value, kModelForm);
}

}  // namespace relight::aws::codec
