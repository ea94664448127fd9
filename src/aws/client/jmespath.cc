#include "aws/client/jmespath.h"

#include <cctype>
#include <charconv>
#include <nlohmann/json.hpp>
#include <string>

namespace relight::aws {
namespace {

using nlohmann::json;

bool truthy(const json& v) {
  if (v.is_null()) return false;
  if (v.is_boolean()) return v.get<bool>();
  if (v.is_string()) return !v.get_ref<const std::string&>().empty();
  if (v.is_array() || v.is_object()) return !v.empty();
  return true;
}

json flatten(const json& v) {
  if (!v.is_array()) return nullptr;
  json out = json::array();
  for (auto& e : v) {
    if (e.is_array())
      for (auto& inner : e) out.push_back(inner);
    else
      out.push_back(e);
  }
  return out;
}

// Parses and evaluates in one pass. A projection evaluates its right-hand side once an element, from the same
// place in the text. The expressions are the models' own, short and trusted; depth is bounded all the same.
class Evaluator {
 public:
  explicit Evaluator(std::string_view text) : text_(text) {}

  json run(const json& v) {
    json out = either(v);
    if (peek() != '\0') bad_ = true;
    return out;
  }
  bool bad() const { return bad_; }

 private:
  static constexpr int kDepth = 32;

  char peek() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  bool eat(std::string_view token) {
    peek();
    if (!text_.substr(at_).starts_with(token)) return false;
    at_ += token.size();
    return true;
  }
  void need(std::string_view token) {
    if (!eat(token)) bad_ = true;
  }

  json either(const json& v) {
    json left = both(v);
    while (!bad_ && eat("||")) {
      json right = both(v);
      if (!truthy(left)) left = std::move(right);
    }
    return left;
  }
  json both(const json& v) {
    json left = comparison(v);
    while (!bad_ && eat("&&")) {
      json right = comparison(v);
      if (truthy(left)) left = std::move(right);
    }
    return left;
  }
  json comparison(const json& v) {
    json left = unary(v);
    for (std::string_view op : {"==", "!=", "<=", ">=", "<", ">"}) {
      if (!eat(op)) continue;
      json right = unary(v);
      if (op == "==") return left == right;
      if (op == "!=") return left != right;
      if (!left.is_number() || !right.is_number()) return nullptr;
      if (op == "<") return left < right;
      if (op == "<=") return left <= right;
      return op == ">" ? left > right : left >= right;
    }
    return left;
  }
  json unary(const json& v) {
    if (++depth_ > kDepth) bad_ = true;
    json out = !bad_ && eat("!") ? json(!truthy(unary(v))) : bad_ ? json() : postfix(primary(v));
    --depth_;
    return out;
  }

  json primary(const json& v) {
    char c = peek();
    if (c == '(') {
      eat("(");
      json out = either(v);
      need(")");
      return out;
    }
    if (c == '`' || c == '\'') return literal(c);
    if (c == '@') return eat("@"), v;
    if (c == '[') return v;  // a bare "[]" or "[?…]": postfix takes it
    std::string name = identifier();
    if (name == "length" && eat("(")) {
      json of = either(v);
      need(")");
      if (of.is_string()) return of.get_ref<const std::string&>().size();
      return of.is_array() || of.is_object() ? json(of.size()) : json();
    }
    return member(v, name);
  }
  json literal(char quote) {
    size_t end = text_.find(quote, at_ + 1);
    if (end == text_.npos) return bad_ = true, json();
    std::string_view body = text_.substr(at_ + 1, end - at_ - 1);
    at_ = end + 1;
    if (quote == '\'') return std::string(body);
    json out = json::parse(body, nullptr, false);
    if (out.is_discarded()) bad_ = true;
    return bad_ ? json() : out;
  }
  std::string identifier() {
    peek();
    size_t from = at_;
    while (at_ < text_.size() && (std::isalnum(static_cast<unsigned char>(text_[at_])) || text_[at_] == '_'))
      ++at_;
    if (at_ == from) {
      bad_ = true;
      at_ = text_.size();
    }
    return std::string(text_.substr(from, at_ - from));
  }
  static json member(const json& v, const std::string& name) {
    return v.is_object() && v.contains(name) ? v[name] : json();
  }

  // .name  [0]  []  [?…], left to right; after a projection the rest applies to each element.
  json postfix(json v) {
    while (!bad_) {
      if (eat(".")) {
        v = member(v, identifier());
      } else if (eat("[?")) {
        return project(filter(v));
      } else if (eat("[]")) {
        return project(flatten(v));
      } else if (eat("[*]")) {
        return project(v.is_array() ? std::move(v) : json());
      } else if (eat("[")) {
        v = index(v);
      } else {
        break;
      }
    }
    return v;
  }
  json index(const json& v) {
    size_t end = text_.find(']', at_);
    long n = 0;
    if (end == text_.npos || std::from_chars(text_.data() + at_, text_.data() + end, n).ec != std::errc())
      return bad_ = true, json();
    at_ = end + 1;
    if (!v.is_array()) return nullptr;
    if (n < 0) n += static_cast<long>(v.size());
    return n < 0 || n >= static_cast<long>(v.size()) ? json() : v[static_cast<size_t>(n)];
  }
  json filter(const json& v) {
    size_t from = at_;
    json out = json::array();
    if (!v.is_array() || v.empty()) {
      either(json());  // only to find its end
    } else {
      for (auto& e : v) {
        at_ = from;
        if (truthy(either(e))) out.push_back(e);
      }
    }
    need("]");
    return v.is_array() ? out : json();
  }
  // The rest of the postfix chain over every element; nulls fall out. A further [] flattens what came so far.
  json project(json v) {
    size_t from = at_;
    if (!v.is_array() || v.empty()) {
      skip_chain();
      return v.is_array() ? v : json();
    }
    json out = json::array();
    for (auto& e : v) {
      at_ = from;
      json each = chain(e);
      if (!each.is_null()) out.push_back(std::move(each));
    }
    if (eat("[]")) return project(flatten(out));
    return out;
  }
  json chain(json v) {
    while (!bad_) {
      if (eat(".")) {
        v = member(v, identifier());
      } else if (peek() == '[' && !text_.substr(at_).starts_with("[]") &&
                 !text_.substr(at_).starts_with("[?")) {
        eat("[");
        v = index(v);
      } else {
        break;
      }
    }
    return v;
  }
  void skip_chain() {
    chain(json());
    if (eat("[]")) skip_chain();
  }

  std::string_view text_;
  size_t at_ = 0;
  int depth_ = 0;
  bool bad_ = false;
};

}  // namespace

Result<json> jmespath(std::string_view expression, const json& value) {
  Evaluator e(expression);
  json out = e.run(value);
  if (e.bad()) return fail("JmesPath.Syntax", "not in the subset: " + std::string(expression));
  return out;
}

}  // namespace relight::aws
