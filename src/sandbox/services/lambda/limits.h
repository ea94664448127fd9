// "Lambda quotas", AWS Lambda Developer Guide.
#pragma once
#include <cstddef>
#include <cstdint>

namespace relight::sandbox::functions {

inline constexpr int32_t kAccountConcurrency = 1000;  // of a region
inline constexpr int32_t kUnreservedLeast = 100;
inline constexpr size_t kRequestMax = 6'291'456;  // bytes, synchronous
inline constexpr size_t kEventMax = 262'144;      // bytes, asynchronous; AWS has since raised it to 1 MB

}  // namespace relight::sandbox::functions
