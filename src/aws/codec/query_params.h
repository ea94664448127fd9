// Values as dotted parameters of a form ("Tags.member.1.Key=a"), as the query and ec2 protocols write
// requests (https://smithy.io/2.0/aws/protocols/aws-query-protocol.html, …/aws-ec2-query-protocol.html).
// Pure.
#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "aws/http/message.h"
#include "aws/shape.h"
#include "base/result.h"
#include "base/rng.h"

namespace relight::aws::codec {

// kEc2: names capitalised or taken from queryName, every list flattened, empty lists left out.
enum class ParamStyle { kQuery, kEc2 };

using Params = std::map<std::string, std::string, std::less<>>;

// "Action=…&Version=…&…" from a request's structure; unset idempotency tokens get rng.uuid().
std::string encode_params(ParamStyle style, std::string_view action, std::string_view version,
                          const Shape& input, const void* value, Rng& rng);
// The parameters of a form body (POST) or of the query string (GET). Limits: 8 MiB, 20,000 parameters, names
// of 1,000 bytes; Error "MalformedQueryString".
Result<Params> request_params(const http::Request& r);
// Fills the structure; parameters that it does not know are ignored, as AWS does. Error
// "SerializationException" with the parameter's name in Error::resource.
Result<> decode_params(ParamStyle style, const Params& params, const Shape& input, void* value);

// Action -> operation; Version must be the model's. Errors "MissingAction", "InvalidAction".
Result<const Operation*> route_params(const ServiceModel& s, const http::Request& r);

}  // namespace relight::aws::codec
