// download() on libcurl. CUTTLE_HAVE_CURL is defined where the build found it.
#include "download.h"

#include <algorithm>

#include "../core/text.h"
#include "atomic_file.h"
#include "checksum.h"
#include "progress.h"

#if CUTTLE_HAVE_CURL
#include <curl/curl.h>
#endif

namespace cuttle {
namespace {

namespace fs = std::filesystem;

#if CUTTLE_HAVE_CURL

// What curl's callbacks see of one transfer. They must not throw through C: an error waits in
// `problem`.
struct Transfer {
  AtomicFile& file;
  const DownloadChecks& checks;
  Progress& progress;
  Checksum sha256{ChecksumKind::sha256};
  Checksum md5{ChecksumKind::md5};
  uint64_t bytes = 0;
  std::string problem = {};
};

struct FreeCurl {
  void operator()(CURL* curl) const { curl_easy_cleanup(curl); }
};
using Curl = std::unique_ptr<CURL, FreeCurl>;

size_t on_data(char* data, size_t, size_t bytes, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  try {
    transfer.bytes += bytes;
    if (transfer.checks.expected_size && transfer.bytes > *transfer.checks.expected_size) {
      fail("it is larger than the ", *transfer.checks.expected_size, " bytes expected");
    }
    transfer.file.write(data, bytes);
    if (!transfer.checks.sha256.empty()) transfer.sha256.update(data, bytes);
    if (!transfer.checks.md5.empty()) transfer.md5.update(data, bytes);
    return bytes;
  } catch (const std::exception& error) {
    transfer.problem = error.what();
    return bytes + 1;  // anything but `bytes` ends the transfer
  }
}

int on_progress(void* user, curl_off_t total, curl_off_t, curl_off_t, curl_off_t) {
  auto& transfer = *static_cast<Transfer*>(user);
  transfer.progress.update(transfer.bytes, total > 0 ? static_cast<uint64_t>(total)
                                                     : transfer.checks.expected_size.value_or(0));
  return 0;
}

void set_protocols(CURL* curl) {
#if LIBCURL_VERSION_NUM >= 0x075500
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https,file");
  curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
#else
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS,
                   long{CURLPROTO_HTTP | CURLPROTO_HTTPS | CURLPROTO_FILE});
  curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS, long{CURLPROTO_HTTP | CURLPROTO_HTTPS});
#endif
}

void check(const char* what, const std::string& expected, Checksum& computed) {
  if (expected.empty()) return;
  const std::string actual = computed.finish();
  if (actual != expected) fail("its ", what, " is ", actual, ", not ", expected);
}

// One attempt; throws Error without the URL.
void fetch(const std::string& url, Transfer& transfer, const DownloadOptions& options) {
  static const CURLcode kStarted = curl_global_init(CURL_GLOBAL_DEFAULT);
  const Curl curl(kStarted == CURLE_OK ? curl_easy_init() : nullptr);
  if (!curl) fail("libcurl does not start");
  std::string reason(CURL_ERROR_SIZE, '\0');
  curl_easy_setopt(curl.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_ERRORBUFFER, reason.data());
  curl_easy_setopt(curl.get(), CURLOPT_FAILONERROR, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_FOLLOWLOCATION, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_MAXREDIRS, 8L);
  curl_easy_setopt(curl.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_USERAGENT, "cuttle");
  curl_easy_setopt(curl.get(), CURLOPT_CONNECTTIMEOUT,
                   static_cast<long>(options.connect_timeout.count()));
  curl_easy_setopt(curl.get(), CURLOPT_LOW_SPEED_LIMIT, 100L);  // bytes a second
  curl_easy_setopt(curl.get(), CURLOPT_LOW_SPEED_TIME,
                   static_cast<long>(options.stall_timeout.count()));
  curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, on_data);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &transfer);
  curl_easy_setopt(curl.get(), CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(curl.get(), CURLOPT_XFERINFOFUNCTION, on_progress);
  curl_easy_setopt(curl.get(), CURLOPT_XFERINFODATA, &transfer);
  set_protocols(curl.get());

  const CURLcode code = curl_easy_perform(curl.get());
  transfer.progress.finish();
  if (!transfer.problem.empty()) fail(transfer.problem);
  if (code != CURLE_OK) {  // the reason may quote the server
    fail(printable(reason[0] != '\0' ? reason.c_str() : curl_easy_strerror(code), reason.size()));
  }
  if (transfer.checks.expected_size && transfer.bytes != *transfer.checks.expected_size) {
    fail("it has ", transfer.bytes, " bytes, not the ", *transfer.checks.expected_size,
         " expected");
  }
  check("SHA-256", transfer.checks.sha256, transfer.sha256);
  check("MD5", transfer.checks.md5, transfer.md5);
}

// False, with the reason added to `reasons`, if this URL does not give the file.
bool try_fetch(const std::string& url, AtomicFile& file, const DownloadChecks& checks,
               const DownloadOptions& options, std::string& reasons) {
  Progress progress(url.substr(url.find_last_of('/') + 1), options.progress);
  Transfer transfer{.file = file, .checks = checks, .progress = progress};
  try {
    fetch(url, transfer, options);
    return true;
  } catch (const Error& error) {
    reasons += "; " + url + ": " + error.what();
    file.restart();
    return false;
  }
}

#endif

std::string lower_case(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return text;
}

}  // namespace

void download(const std::vector<std::string>& urls, const fs::path& path,
              const DownloadChecks& checks, const DownloadOptions& options) {
  const DownloadChecks wanted{.expected_size = checks.expected_size,
                              .sha256 = lower_case(checks.sha256),
                              .md5 = lower_case(checks.md5)};
  std::string reasons;
#if CUTTLE_HAVE_CURL
  try {
    AtomicFile file(path);
    for (const std::string& url : urls) {
      if (try_fetch(url, file, wanted, options, reasons)) return file.commit();
    }
  } catch (const Error& error) {
    reasons += std::string("; ") + error.what();
  }
  if (urls.empty()) reasons = "; no URL was given";
#else
  static_cast<void>(options);
  static_cast<void>(urls);
  reasons = "; this build has no libcurl (install libcurl4-openssl-dev and configure again)";
#endif
  throw DownloadError("download: cannot fetch " + path.string() + reasons);
}

}  // namespace cuttle
