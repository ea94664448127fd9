// GetRandomPassword (API Reference): which characters, and at least one of each kind unless told otherwise.
#include <algorithm>

#include "sandbox/services/secretsmanager/service.h"

namespace relight::sandbox {
using namespace secrets;
namespace op = aws::secretsmanager::op;

void SecretsManagerService::add_random() {
  on<op::GetRandomPassword>(
      [this](const Call&, const api::GetRandomPasswordRequest& in) -> Result<api::GetRandomPasswordResponse> {
        std::vector<std::string> kinds;
        auto add = [&](std::string characters, const std::optional<bool>& without) {
          if (without.value_or(false)) return;
          std::erase_if(characters, [&](char ch) {
            return in.ExcludeCharacters.value_or("").find(ch) != std::string::npos;
          });
          if (!characters.empty()) kinds.push_back(std::move(characters));
        };
        add("abcdefghijklmnopqrstuvwxyz", in.ExcludeLowercase);
        add("ABCDEFGHIJKLMNOPQRSTUVWXYZ", in.ExcludeUppercase);
        add("0123456789", in.ExcludeNumbers);
        add("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~", in.ExcludePunctuation);
        if (in.IncludeSpace.value_or(false)) add(" ", std::nullopt);
        std::string all, out;
        for (auto& k : kinds) all += k;
        size_t length = static_cast<size_t>(in.PasswordLength.value_or(32));
        if (all.empty())
          return aws_error("InvalidRequestException", "No characters are left to make a password of.");
        if (in.RequireEachIncludedType.value_or(true)) {
          if (length < kinds.size())
            return aws_error("InvalidParameterException",
                             "Password length is too short for the required character types.");
          for (auto& k : kinds) out += k[world_.rng.below(k.size())];
        }
        while (out.size() < length) out += all[world_.rng.below(all.size())];
        for (size_t i = out.size(); i > 1; --i) std::swap(out[i - 1], out[world_.rng.below(i)]);
        return api::GetRandomPasswordResponse{.RandomPassword = out};
      });
}

}  // namespace relight::sandbox
