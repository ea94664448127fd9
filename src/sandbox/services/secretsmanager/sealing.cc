// Encryption at rest ("Secret encryption and decryption in AWS Secrets Manager"): by the secret's own KMS
// key, with its ARN and version as the encryption context.
#include <algorithm>

#include "aws/gen/kms.h"
#include "sandbox/services/secretsmanager/service.h"

namespace relight::sandbox {
using namespace secrets;

namespace {

// A sealed row holds ciphertext in SecretBinary, and says in VersionStages, which rows do not use, what it
// was.
constexpr const char* kSealedText = "sealed text";
constexpr const char* kSealedBytes = "sealed bytes";
constexpr size_t kPiece =
    4095;  // KMS encrypts 4096 bytes at once, and nothing empty: each piece has a byte in front

std::map<std::string, std::string> sealing_context(const Value& v) {
  return {{"SecretARN", v.ARN.value_or("")}, {"SecretVersionId", v.VersionId.value_or("")}};
}

bool is_sealed(const Value& v) {
  return v.VersionStages &&
         (*v.VersionStages == Stages{kSealedText} || *v.VersionStages == Stages{kSealedBytes});
}

std::unexpected<Error> cannot_open() {
  return aws_error("DecryptionFailure",
                   "Secrets Manager can't decrypt the protected secret text using the provided KMS key.");
}

}  // namespace

Result<Value> SecretsManagerService::sealed(Region r, const Secret& s, Value v) {
  if (!s.KmsKeyId) return v;
  std::string plain = v.SecretString ? *v.SecretString : v.SecretBinary->bytes, out;
  for (size_t at = 0, pieces = plain.size() / kPiece + 1; pieces-- > 0; at += kPiece) {
    aws::kms::EncryptRequest in;
    in.KeyId = s.KmsKeyId;
    in.Plaintext = aws::Blob{"=" + plain.substr(at, kPiece)};
    in.EncryptionContext = sealing_context(v);
    auto piece = world_.call<aws::kms::op::Encrypt>(r, in);
    if (!piece)
      return aws_error(
          "EncryptionFailure",
          "Secrets Manager can't encrypt the protected secret text using the provided KMS key. Check "
          "that the KMS key is available, enabled, and not in an invalid state.");
    size_t n = piece->CiphertextBlob->bytes.size();  // below 65536: two bytes hold it
    out += {static_cast<char>(n >> 8), static_cast<char>(n & 0xff)};
    out += piece->CiphertextBlob->bytes;
  }
  v.VersionStages = Stages{v.SecretString ? kSealedText : kSealedBytes};
  v.SecretString.reset();
  v.SecretBinary = aws::Blob{out};
  return v;
}

Result<Value> SecretsManagerService::opened(Region r, const Value& row) {
  Value v = row;
  v.VersionStages.reset();
  if (!is_sealed(row)) return v;
  std::string_view left = row.SecretBinary->bytes;
  std::string plain;
  while (left.size() >= 2) {
    size_t n = static_cast<unsigned char>(left[0]) * 256u + static_cast<unsigned char>(left[1]);
    aws::kms::DecryptRequest in;
    in.CiphertextBlob = aws::Blob{std::string(left.substr(2, n))};
    in.EncryptionContext = sealing_context(row);
    auto piece = world_.call<aws::kms::op::Decrypt>(r, in);
    if (!piece || piece->Plaintext->bytes.empty()) return cannot_open();
    plain += piece->Plaintext->bytes.substr(1);
    left.remove_prefix(std::min(left.size(), 2 + n));
  }
  v.SecretBinary.reset();
  if (*row.VersionStages == Stages{kSealedText})
    v.SecretString = plain;
  else
    v.SecretBinary = aws::Blob{plain};
  return v;
}

// "UpdateSecret": a new key takes over the versions that carry a label.
Result<> SecretsManagerService::rekey(Region r, Secret& s, const std::string& key) {
  Secret under = s;
  under.KmsKeyId = key;
  std::map<std::string, Value> moved;
  for (auto& [id, labels] : s.VersionIdsToStages.value_or(Versions{})) {
    std::string row = *s.Name + "|" + id;
    auto* v = labels.empty() ? nullptr : values_.find(r, row);
    if (!v) continue;
    TRY_ASSIGN(Value plain, opened(r, *v));
    TRY_ASSIGN(moved[row], sealed(r, under, std::move(plain)));
  }
  for (auto& [row, v] : moved) values_.put(r, row, std::move(v));
  s.KmsKeyId = key;
  return {};
}

}  // namespace relight::sandbox
