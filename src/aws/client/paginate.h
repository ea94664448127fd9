// All pages of a list, as the service's paginator describes them.
#pragma once
#include <functional>
#include <string>

#include "aws/client/client_base.h"
#include "aws/shape.h"
#include "base/result.h"

namespace relight::aws {

inline constexpr int kPagesMax = 10'000;

// Puts the next page's tokens into *in. False: *out was the last page. Error "Paginate.Stuck" when the same
// token came twice. `seen` is the caller's memory between pages; empty at first.
Result<bool> next_page(const Paginator& p, const Operation& op, const void* out, void* in, std::string& seen);
const Paginator* find_paginator(const ServiceModel& s, std::string_view operation);

// By name, for callers that only have descriptors: page gets each output; false from it stops early.
Result<> paginate(Caller& caller, const ServiceModel& s, const Operation& op, void* in,
                  const std::function<Result<bool>(const void* out)>& page, const CallOptions& o = {});

// paginate<op::DescribeDBInstances>(caller, {}, [&](const auto& page) { … }): page returns nothing.
// An operation without a paginator is called once.
template <class Op, class F>
Result<> paginate(Caller& caller, typename Op::Input in, F&& page, const CallOptions& o = {}) {
  return paginate(
      caller, Op::service(), Op::desc(), &in,
      [&](const void* out) -> Result<bool> {
        page(*static_cast<const typename Op::Output*>(out));
        return true;
      },
      o);
}

// All elements of one list member: collect<op::ListBuckets>(caller, {}, &ListBucketsOutput::Buckets).
template <class Op, class T>
Result<std::vector<T>> collect(Caller& caller, typename Op::Input in,
                               std::optional<std::vector<T>> Op::Output::*list, const CallOptions& o = {}) {
  std::vector<T> all;
  auto r = paginate<Op>(
      caller, std::move(in),
      [&](const typename Op::Output& out) {
        if (out.*list) all.insert(all.end(), (out.*list)->begin(), (out.*list)->end());
      },
      o);
  if (!r) return std::unexpected(std::move(r).error());
  return all;
}

}  // namespace relight::aws
