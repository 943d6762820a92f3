// download(): which URL is tried when, from which byte on, and what is believed. The transfers are
// transfer.cpp's.
#include "download.h"

#include <algorithm>

#include "../files/atomic_file.h"
#include "../files/checksum.h"
#include "transfer.h"

namespace cuttle {
namespace {

namespace fs = std::filesystem;

std::string lower_case(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return text;
}

bool has_checksum(const DownloadChecks& checks) {
  return !checks.sha256.empty() || !checks.md5.empty();
}

// Throws WrongContents if the file is not what it must be.
void verify(const fs::path& path, const DownloadChecks& checks) {
  const uint64_t bytes = fs::file_size(path);
  if (checks.expected_size && bytes != *checks.expected_size) {
    throw WrongContents("it has " + std::to_string(bytes) + " bytes, not the " +
                        std::to_string(*checks.expected_size) + " expected");
  }
  const auto compare = [&](const char* what, ChecksumKind kind, const std::string& expected) {
    if (expected.empty()) return;
    const std::string actual = file_checksum(path, kind);
    if (actual != expected) {
      throw WrongContents(std::string("its ") + what + " is " + actual + ", not " + expected);
    }
  };
  compare("SHA-256", ChecksumKind::sha256, checks.sha256);
  compare("MD5", ChecksumKind::md5, checks.md5);
}

bool is_whole(const fs::path& path, const DownloadChecks& checks) {
  if (!has_checksum(checks) || !fs::is_regular_file(path)) return false;
  try {
    verify(path, checks);
    return true;
  } catch (const Error&) {
    return false;
  }
}

// True if the file is whole; else `reason` says why this URL does not give it, and the file holds
// what may be continued.
bool fetch_from(const std::string& url, AtomicFile& file, const DownloadChecks& checks,
                const DownloadOptions& options, std::string& reason) {
  for (int attempt = 0; attempt < std::max(options.attempts, 1); ++attempt) {
    uint64_t before = file.size();
    try {
      if (checks.expected_size && before > *checks.expected_size) {
        file.restart();
        before = 0;
      }
      if (before == 0 || before != checks.expected_size) transfer(url, file, checks, options);
      verify(file.side(), checks);
      return true;
    } catch (const WrongContents& error) {
      reason = error.what();
      file.restart();
      if (before == 0) return false;  // else the beginning may be another file's
    } catch (const Error& error) {
      reason = error.what();
      if (!has_checksum(checks)) file.restart();
      if (file.size() <= before) return false;
    }
  }
  return false;
}

// What can be done where nothing can be fetched.
std::string advice(const std::vector<std::string>& urls, const fs::path& path,
                   const DownloadChecks& checks, uint64_t kept) {
  std::string words;
  if (kept > 0) {
    words += "; " + std::to_string(kept) + " bytes of it are kept in " + path.string() +
             ".partial, and the next try goes on from there";
  }
  if (!urls.empty() && has_checksum(checks)) {
    words += "; where there is no network, fetch " + urls.front() +
             " on another machine and put it here as " + path.string();
  }
  return words;
}

}  // namespace

bool download(const std::vector<std::string>& urls, const fs::path& path,
              const DownloadChecks& checks, const DownloadOptions& options) {
  const DownloadChecks wanted{.expected_size = checks.expected_size,
                              .sha256 = lower_case(checks.sha256),
                              .md5 = lower_case(checks.md5)};
  std::string reasons;
  uint64_t kept = 0;
  try {
    if (is_whole(path, wanted)) return false;
    AtomicFile file(path, has_checksum(wanted) ? AtomicFile::Side::kept : AtomicFile::Side::own);
    for (const std::string& url : urls) {
      std::string reason;
      if (fetch_from(url, file, wanted, options, reason)) {
        file.commit();
        return true;
      }
      reasons += "; " + url + ": " + reason;
    }
    kept = file.size();
  } catch (const std::exception& error) {
    reasons += std::string("; ") + error.what();
  }
  if (urls.empty()) reasons += "; no URL was given";
  throw DownloadError("download: cannot fetch " + path.string() + reasons +
                      advice(urls, path, wanted, kept));
}

}  // namespace cuttle
