#include "sandbox/services/sqs/message_attributes.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <regex>

#include "base/bytes.h"
#include "sandbox/gateway/service.h"

namespace relight::sandbox::queues {
namespace {

constexpr size_t kMessageAttributes = 10;

void put_length(std::string& out, std::string_view text) {
  auto n = static_cast<uint32_t>(text.size());
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>((n >> shift) & 0xff);
  out += text;
}

bool is_binary_type(std::string_view type) { return type == "Binary" || type.starts_with("Binary."); }

std::string_view attribute_bytes(const aws::sqs::MessageAttributeValue& v) {
  if (v.BinaryValue) return v.BinaryValue->bytes;
  return v.StringValue ? std::string_view(*v.StringValue) : std::string_view{};
}

bool good_attribute_name(std::string name) {
  if (name.empty() || name.size() > 256 || name.front() == '.' || name.back() == '.' ||
      name.find("..") != name.npos)
    return false;
  bool letters = std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return std::isalnum(c) || c == '_' || c == '-' || c == '.';
  });
  for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return letters && !name.starts_with("aws.") && !name.starts_with("amazon.");
}

std::unexpected<Error> bad_attribute(std::string_view text) {
  return aws_error("InvalidParameterValue", text, 400);
}

Result<> check_one_attribute(const std::string& name, const aws::sqs::MessageAttributeValue& v) {
  if (!good_attribute_name(name))
    return bad_attribute(fmt::format(
        "The message attribute name '{}' is invalid. Attribute names can contain A-Z, a-z, 0-9, underscore "
        "(_), hyphen (-), and period (.) characters.",
        name));
  std::string type = v.DataType.value_or("");
  std::string kind = type.substr(0, type.find('.'));
  if (kind != "String" && kind != "Number" && kind != "Binary")
    return bad_attribute(fmt::format(
        "The message attribute '{}' has an invalid message attribute type, the set of supported type "
        "prefixes is Binary, Number, and String.",
        name));
  bool fits = kind == "Binary" ? v.BinaryValue.has_value() : v.StringValue.has_value();
  if (!fits || attribute_bytes(v).empty())
    return bad_attribute(
        fmt::format("The message attribute '{}' must contain a non-empty message attribute value for message "
                    "attribute type '{}'.",
                    name, type));
  if (v.BinaryValue && v.StringValue)
    return bad_attribute(
        fmt::format("The message attribute '{}' has more than one value.", name));  // wording unverified
  static const std::regex kNumber(R"([+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?)");
  if (kind == "Number" && (v.StringValue->size() > 128 || !std::regex_match(*v.StringValue, kNumber)))
    return bad_attribute(
        fmt::format("Can't cast the value of message (user) attribute '{}' to a number.", name));
  if (kind != "Binary" && !legal_text(*v.StringValue))
    return aws_error("InvalidMessageContents", "The message contains characters outside the allowed set.",
                     400);
  return {};
}

}  // namespace

Result<> check_message_attributes(const MessageAttributes& all) {
  if (all.size() > kMessageAttributes)
    return bad_attribute(fmt::format("Number of message attributes [{}] exceeds the allowed maximum [{}].",
                                     all.size(), kMessageAttributes));
  for (auto& [name, v] : all) TRY(check_one_attribute(name, v));
  return {};
}

size_t size_of(const MessageAttributes& all) {
  size_t n = 0;
  for (auto& [name, v] : all) n += name.size() + v.DataType.value_or("").size() + attribute_bytes(v).size();
  return n;
}

std::optional<std::string> md5_of(const MessageAttributes& all) {
  if (all.empty()) return std::nullopt;
  std::string bytes;
  for (auto& [name, v] : all) {  // a map: in the order of their names
    put_length(bytes, name);
    put_length(bytes, v.DataType.value_or(""));
    bytes += is_binary_type(v.DataType.value_or("")) ? '\2' : '\1';
    put_length(bytes, attribute_bytes(v));
  }
  return hex(md5(bytes));
}

MessageAttributes chosen(const MessageAttributes& all, const std::vector<std::string>& names) {
  MessageAttributes out;
  for (auto& [name, v] : all)
    for (auto& wanted : names)
      if (wanted == "All" || wanted == ".*" || wanted == name ||
          (wanted.ends_with(".*") && name.starts_with(std::string_view(wanted).substr(0, wanted.size() - 1))))
        out.emplace(name, v);
  return out;
}

bool legal_text(std::string_view s) {
  for (size_t i = 0; i < s.size();) {
    auto c = static_cast<unsigned char>(s[i]);
    size_t n = c < 0x80                ? 1
               : c >= 0xc2 && c < 0xe0 ? 2
               : c >= 0xe0 && c < 0xf0 ? 3
               : c >= 0xf0 && c < 0xf5 ? 4
                                       : 0;
    if (n == 0 || i + n > s.size()) return false;
    uint32_t code = n == 1 ? c : c & (0xffu >> (n + 1));
    for (size_t k = 1; k < n; ++k) {
      auto next = static_cast<unsigned char>(s[i + k]);
      if ((next & 0xc0) != 0x80) return false;
      code = (code << 6) | (next & 0x3f);
    }
    bool longer = (n == 3 && code < 0x800) || (n == 4 && code < 0x10000);
    bool legal = code == 9 || code == 10 || code == 13 || (code >= 0x20 && code <= 0xd7ff) ||
                 (code >= 0xe000 && code <= 0xfffd) || (code >= 0x10000 && code <= 0x10ffff);
    if (longer || !legal) return false;
    i += n;
  }
  return true;
}

}  // namespace relight::sandbox::queues
