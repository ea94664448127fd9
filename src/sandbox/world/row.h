// A generated struct as a row of a Table: Table<Row<ec2::Vpc>>, kept as JSON by the model's own member names.
#pragma once
#include <string>

#include "aws/codec/codec.h"
#include "sandbox/world/table.h"

namespace relight::sandbox {

template <class T>
struct Row : T {
  Row() = default;
  Row(T v) : T(std::move(v)) {}
  std::string save() const {
    const T* self = this;
    return aws::codec::to_json(*shape_of(self), self);
  }
  static Result<Row> load(const std::string& json) {
    Row r;
    T* self = &r;
    TRY(aws::codec::from_json(*shape_of(static_cast<const T*>(self)), json, self));
    return r;
  }
};

}  // namespace relight::sandbox
