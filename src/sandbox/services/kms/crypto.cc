// Encrypting and decrypting.
#include <algorithm>

#include "sandbox/services/kms/service.h"

namespace relight::sandbox {
using namespace kms;
namespace op = aws::kms::op;

namespace {

constexpr const char* kSymmetric = "SYMMETRIC_DEFAULT";

Result<> symmetric(const std::optional<std::string>& algorithm) {
  if (algorithm.value_or(kSymmetric) == kSymmetric) return {};
  return aws_error("InvalidKeyUsageException",
                   "Algorithm " + *algorithm + " is incompatible with key spec SYMMETRIC_DEFAULT.");
}

}  // namespace

Result<std::string> KmsService::encrypt(Region, const Key& k, const std::string& plaintext,
                                        const std::optional<Context>& context) {
  return seal(*k.v.KeyId, k.material, random(12), plaintext, context.value_or(Context{}));
}

Result<Key*> KmsService::key_of_blob(Region r, const std::string& blob,
                                     const std::optional<std::string>& wanted) {
  TRY_ASSIGN(std::string id, key_of(blob));
  if (wanted) {
    TRY_ASSIGN(auto* k, key_or_alias(r, wanted));
    if (*k->v.KeyId != id)
      return aws_error("IncorrectKeyException",
                       "The key ID in the request does not identify a CMK that can perform this operation.");
  }
  auto* k = keys_.find(r, id);
  if (!k)
    return aws_error(
        "AccessDeniedException",
        "The ciphertext refers to a customer master key that does not exist, does not exist in this "
        "region, or you are not allowed to access.");
  TRY(usable(*k));
  return k;
}

void KmsService::add_crypto() {
  on<op::Encrypt>([this](const Call& c, const api::EncryptRequest& in) -> Result<api::EncryptResponse> {
    TRY(symmetric(in.EncryptionAlgorithm));
    TRY_ASSIGN(auto* k, usable(c.region, in.KeyId));
    TRY_ASSIGN(std::string blob, encrypt(c.region, *k, in.Plaintext->bytes, in.EncryptionContext));
    return api::EncryptResponse{
        .CiphertextBlob = aws::Blob{blob}, .KeyId = k->v.Arn, .EncryptionAlgorithm = kSymmetric};
  });
  on<op::Decrypt>([this](const Call& c, const api::DecryptRequest& in) -> Result<api::DecryptResponse> {
    TRY(symmetric(in.EncryptionAlgorithm));
    TRY_ASSIGN(auto* k, key_of_blob(c.region, in.CiphertextBlob->bytes, in.KeyId));
    TRY_ASSIGN(std::string plain,
               kms::open(k->material, in.CiphertextBlob->bytes, in.EncryptionContext.value_or(Context{})));
    return api::DecryptResponse{
        .KeyId = k->v.Arn, .Plaintext = aws::Blob{plain}, .EncryptionAlgorithm = kSymmetric};
  });
}

void KmsService::add_reencrypt() {
  on<op::ReEncrypt>([this](const Call& c, const api::ReEncryptRequest& in) -> Result<api::ReEncryptResponse> {
    TRY(symmetric(in.SourceEncryptionAlgorithm));
    TRY(symmetric(in.DestinationEncryptionAlgorithm));
    TRY_ASSIGN(auto* from, key_of_blob(c.region, in.CiphertextBlob->bytes, in.SourceKeyId));
    TRY_ASSIGN(auto* to, usable(c.region, in.DestinationKeyId));
    TRY_ASSIGN(std::string plain, kms::open(from->material, in.CiphertextBlob->bytes,
                                            in.SourceEncryptionContext.value_or(Context{})));
    TRY_ASSIGN(std::string blob, encrypt(c.region, *to, plain, in.DestinationEncryptionContext));
    return api::ReEncryptResponse{.CiphertextBlob = aws::Blob{blob},
                                  .SourceKeyId = from->v.Arn,
                                  .KeyId = to->v.Arn,
                                  .SourceEncryptionAlgorithm = kSymmetric,
                                  .DestinationEncryptionAlgorithm = kSymmetric};
  });
}

Result<KmsService::DataKey> KmsService::data_key(Region r, const std::optional<std::string>& id,
                                                 const std::optional<std::string>& spec,
                                                 const std::optional<int32_t>& bytes,
                                                 const std::optional<Context>& context) {
  if (spec.has_value() == bytes.has_value())
    return aws_error("ValidationException", "Please specify either number of bytes or key spec.");
  DataKey out;
  TRY_ASSIGN(out.key, usable(r, id));
  out.plain = random(bytes ? static_cast<size_t>(*bytes) : *spec == "AES_128" ? 16 : 32);
  TRY_ASSIGN(out.sealed, encrypt(r, *out.key, out.plain, context));
  return out;
}

void KmsService::add_data_keys() {
  on<op::GenerateDataKey>(
      [this](const Call& c, const api::GenerateDataKeyRequest& in) -> Result<api::GenerateDataKeyResponse> {
        TRY_ASSIGN(auto d, data_key(c.region, in.KeyId, in.KeySpec, in.NumberOfBytes, in.EncryptionContext));
        return api::GenerateDataKeyResponse{
            .CiphertextBlob = aws::Blob{d.sealed}, .Plaintext = aws::Blob{d.plain}, .KeyId = d.key->v.Arn};
      });
  on<op::GenerateDataKeyWithoutPlaintext>(
      [this](const Call& c, const api::GenerateDataKeyWithoutPlaintextRequest& in)
          -> Result<api::GenerateDataKeyWithoutPlaintextResponse> {
        TRY_ASSIGN(auto d, data_key(c.region, in.KeyId, in.KeySpec, in.NumberOfBytes, in.EncryptionContext));
        return api::GenerateDataKeyWithoutPlaintextResponse{.CiphertextBlob = aws::Blob{d.sealed},
                                                            .KeyId = d.key->v.Arn};
      });
  on<op::GenerateRandom>(
      [this](const Call&, const api::GenerateRandomRequest& in) -> Result<api::GenerateRandomResponse> {
        if (!in.NumberOfBytes)
          return aws_error("ValidationException", "NumberOfBytes is required.");  // wording unverified
        return api::GenerateRandomResponse{.Plaintext =
                                               aws::Blob{random(static_cast<size_t>(*in.NumberOfBytes))}};
      });
}

}  // namespace relight::sandbox
