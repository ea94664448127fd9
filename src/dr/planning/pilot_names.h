// Names of the primary region as names of the recovery region.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace relight::dr {

struct NamePlaces {
  std::string primary, recovery;  // regions
  std::string primary_stack, stack;
};

// "lamp-primary-db" -> "lamp-pilot-db" where the name begins with the primary's stack; others stay.
std::string in_stack(const NamePlaces& p, std::string_view name);
// Bucket names are unique in the world: the primary's region in it becomes the recovery region, else the
// recovery region is appended; at most 63 characters, a digest of the whole in place of what is too long.
std::string bucket_name(const NamePlaces& p, std::string_view name);
// The region as a word of its own in ARNs, hosts and plain values: not within "assets-us-east-1".
// Calls `found` style: returns the positions.
std::vector<size_t> region_words(std::string_view text, std::string_view region);
// "arn:aws:dynamodb:us-east-1:1:table/notes", "x.use1.cache.amazonaws.com": the first thing of the text that
// stands in the region and that no kind of Relight's carries over; "" when there is none.
std::string not_carried_over(std::string_view text, std::string_view region);
// "lamp-primary-uploads-000000000000-us-east-1" -> "Uploads": letters and digits for a logical id, without
// the stack, account and region that every name of the stack bears.
std::string logical_word(const NamePlaces& p, std::string_view account, std::string_view name);
// "DB_PASSWORD" -> "DbPassword"
std::string camel(std::string_view name);
// Eight hexadecimal digits of FNV-1a: the same everywhere, for ids that must not move when others come and
// go.
std::string digest(std::string_view text);

}  // namespace relight::dr
