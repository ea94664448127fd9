// JSON pointers (RFC 6901) in which '*' stands for every element of a list or an object.
#pragma once
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace relight::dr {

// nullptr where there is nothing. No '*' here.
nlohmann::json* at(nlohmann::json& j, std::string_view pointer);
void each_at(nlohmann::json& j, std::string_view pointer, const std::function<void(nlohmann::json&)>& f);
void remove_at(nlohmann::json& j, std::string_view pointer);
// A member's text, "" if there is none; a member's elements, none if it is no list.
std::string member_text(const nlohmann::json& j, const char* member);
const nlohmann::json& member_list(const nlohmann::json& j, const char* member);
// A further page of the same answer: lists grow, everything else is the newer page's.
void merge_page(nlohmann::json& all, nlohmann::json page);

}  // namespace relight::dr
