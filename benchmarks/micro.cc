// What a request costs apart from sockets: signature, codec, digests. Guides optimisation; `./bench micro` records it.
#include <benchmark/benchmark.h>

#include "aws/codec/codec.h"
#include "aws/gen/sts.h"
#include "aws/sign/sigv4.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "base/rng.h"

namespace relight {
namespace {

namespace sts = aws::sts;
constexpr Instant kNow{Millis{1'700'000'000'000}};

http::Request signed_request() {
  http::Request r;
  r.method = "POST";
  r.host = "127.0.0.1:4566";
  r.headers.set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8");
  r.body = "Action=GetCallerIdentity&Version=2011-06-15";
  auto done = sign::sign(r, {.access_key = "AKIAEXAMPLE", .secret_key = "secret"},
                         {.region = "us-east-1", .service = "sts", .now = kNow});
  if (!done) std::abort();
  return r;
}

void verify_signature(benchmark::State& state) {
  auto r = signed_request();
  sign::Lookup lookup = [](std::string_view) { return sign::Secret{"secret", ""}; };
  for (auto _ : state) {
    auto v = sign::verify(r, lookup, kNow);
    if (!v) return state.SkipWithError("the signature was refused");
    benchmark::DoNotOptimize(v);
  }
}
BENCHMARK(verify_signature);

void route_and_decode(benchmark::State& state) {
  auto r = signed_request();
  for (auto _ : state) {
    auto op = aws::codec::route(sts::model(), r);
    sts::GetCallerIdentityRequest in;
    if (!op || !aws::codec::decode_request(sts::model(), **op, r, &in)) return state.SkipWithError("not decoded");
  }
}
BENCHMARK(route_and_decode);

void encode(benchmark::State& state) {
  sts::GetCallerIdentityResponse out{.UserId = "AKIAEXAMPLE", .Account = "000000000000", .Arn = "arn:aws:iam::000000000000:root"};
  for (auto _ : state)
    benchmark::DoNotOptimize(aws::codec::encode_response(sts::model(), sts::op::GetCallerIdentity::desc(), &out, "id"));
}
BENCHMARK(encode);

void hmac(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(hmac_sha256("key", "twelve bytes"));
}
BENCHMARK(hmac);

void uuid(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(system_rng().uuid());
}
BENCHMARK(uuid);

template <auto Sum>
void checksum(benchmark::State& state) {
  std::string bytes(256 * 1024, 'x');
  for (auto _ : state) benchmark::DoNotOptimize(Sum(bytes));
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(bytes.size()));
}
BENCHMARK(checksum<[](std::string_view b) { return sha256(b); }>)->Name("sha256_256KiB");
BENCHMARK(checksum<[](std::string_view b) { return md5(b); }>)->Name("md5_256KiB");
BENCHMARK(checksum<[](std::string_view b) { return crc32(b); }>)->Name("crc32_256KiB");
BENCHMARK(checksum<[](std::string_view b) { return crc32c(b); }>)->Name("crc32c_256KiB");

}  // namespace
}  // namespace relight

BENCHMARK_MAIN();
