// KMS's ciphertext: AES-256-GCM under a key's material, the encryption context as authenticated data, the
// key's id in front. Pure but for the nonce, which is given.
#pragma once
#include <map>
#include <string>
#include <string_view>

#include "base/result.h"

namespace relight::sandbox::kms {

using Context = std::map<std::string, std::string>;

// material: 32 bytes; nonce: 12 bytes, never used twice with one key. Error "Kms.Cipher" when OpenSSL fails.
Result<std::string> seal(std::string_view key_id, std::string_view material, std::string_view nonce,
                         std::string_view plaintext, const Context& context);

// The id of the key that a blob was made with; "InvalidCiphertextException" when it is no blob of ours.
Result<std::string> key_of(std::string_view blob);

// "InvalidCiphertextException": the blob or the context is not what was sealed, or the material is another's.
Result<std::string> open(std::string_view material, std::string_view blob, const Context& context);

}  // namespace relight::sandbox::kms
