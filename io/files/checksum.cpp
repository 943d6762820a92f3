// Checksums by OpenSSL's EVP interface.
#include "checksum.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <vector>

#include "../../kernels/error.h"
#include "file.h"

namespace cuttle {

struct Checksum::Context {
  struct Free {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };
  std::unique_ptr<EVP_MD_CTX, Free> digest{EVP_MD_CTX_new()};
};

Checksum::Checksum(ChecksumKind kind) : context_(std::make_unique<Context>()) {
  const EVP_MD* algorithm = kind == ChecksumKind::md5 ? EVP_md5() : EVP_sha256();
  if (!context_->digest || EVP_DigestInit_ex(context_->digest.get(), algorithm, nullptr) != 1) {
    fail("checksum: this OpenSSL does not offer ", kind == ChecksumKind::md5 ? "MD5" : "SHA-256");
  }
}

Checksum::~Checksum() = default;
Checksum::Checksum(Checksum&&) noexcept = default;
Checksum& Checksum::operator=(Checksum&&) noexcept = default;

void Checksum::update(const void* data, size_t bytes) {
  if (EVP_DigestUpdate(context_->digest.get(), data, bytes) != 1) fail("checksum: OpenSSL failed");
}

std::string Checksum::finish() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  unsigned int size = 0;
  if (EVP_DigestFinal_ex(context_->digest.get(), bytes.data(), &size) != 1) {
    fail("checksum: OpenSSL failed");
  }
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (unsigned int i = 0; i < size; ++i) {
    text += kDigits[bytes[i] >> 4];
    text += kDigits[bytes[i] & 15];
  }
  return text;
}

std::string file_checksum(const std::filesystem::path& path, ChecksumKind kind) {
  const File file = File::open_for_reading(path);
  Checksum checksum(kind);
  std::vector<char> piece(1 << 20);
  const uint64_t size = file.size();
  for (uint64_t offset = 0; offset < size; offset += piece.size()) {
    const size_t bytes = std::min<uint64_t>(piece.size(), size - offset);
    file.read_at(offset, piece.data(), bytes);
    checksum.update(piece.data(), bytes);
  }
  return checksum.finish();
}

}  // namespace cuttle
