// What the ECS service keeps: AWS's own structures, each with a few strings of ours beside it (`x`).
#pragma once
#include <map>
#include <string>

#include "aws/gen/ecs.h"
#include "base/result.h"

namespace relight::sandbox::ecs {

namespace api = aws::ecs;

std::string save_row(const aws::Shape& shape, const void* value, const std::map<std::string, std::string>& x);
Result<> load_row(const aws::Shape& shape, const std::string& text, void* value,
                  std::map<std::string, std::string>& x);

template <class S>
struct Row {
  S v;
  std::map<std::string, std::string> x;

  std::string save() const { return save_row(*shape_of(&v), &v, x); }
  static Result<Row> load(const std::string& text) {
    Row r;
    if (auto ok = load_row(*shape_of(&r.v), text, &r.v, r.x); !ok) return std::unexpected(ok.error());
    return r;
  }
};

using ClusterRow = Row<api::Cluster>;                            // key: name
using DefinitionRow = Row<api::DescribeTaskDefinitionResponse>;  // key: family:revision
using ServiceRow = Row<api::Service>;  // key: cluster/name.   x: failures, not_before, stable
using TaskRow = Row<api::Task>;        // key: cluster/id.     x: service, deployment, subnet
using SettingRow = Row<api::Setting>;  // key: principal|name

}  // namespace relight::sandbox::ecs
