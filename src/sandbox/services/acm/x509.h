// What ACM knows of a certificate, read and made by OpenSSL.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace relight::sandbox::acm {

struct Parsed {
  std::string subject, issuer, serial;  // "CN=example.org", "01:ab:…"
  std::vector<std::string> names;       // the common name first, then the alternative names; each once
  Instant not_before{}, not_after{};
  std::string key_algorithm;        // "RSA_2048", "EC_prime256v1"
  std::string signature_algorithm;  // "SHA256WITHRSA" as OpenSSL names it
};

// PEM. Error "Acm.Certificate": it is none, or of a kind of key that ACM does not take.
Result<Parsed> parse_certificate(std::string_view pem);
// Whether the key (PEM, not encrypted) belongs to the certificate. Error "Acm.Key": it is none.
Result<bool> belongs(std::string_view key_pem, std::string_view certificate_pem);

struct Issued {
  std::string certificate, key;  // PEM
};
// Signed by itself, P-256, for these names. Error "Acm.Certificate".
Result<Issued> issue(const std::vector<std::string>& names, Instant from, Instant to);

}  // namespace relight::sandbox::acm
