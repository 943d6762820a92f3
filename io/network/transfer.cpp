// transfer() on libcurl. CUTTLE_HAVE_CURL is defined where the build found it.
#include "transfer.h"

#include <memory>
#include <optional>
#include <string_view>

#include "../../core/text.h"
#include "progress.h"

#if CUTTLE_HAVE_CURL
#include <curl/curl.h>
#endif

namespace cuttle {

#if CUTTLE_HAVE_CURL
namespace {

struct FreeCurl {
  void operator()(CURL* curl) const { curl_easy_cleanup(curl); }
};
using Curl = std::unique_ptr<CURL, FreeCurl>;

// What curl's callbacks see of one transfer. They must not throw through C: an error waits in
// `problem`.
struct Transfer {
  CURL* curl;
  AtomicFile& file;
  const DownloadChecks& checks;
  Progress progress;
  uint64_t begin;                      // how much the file held; where the part is to begin
  std::optional<uint64_t> given = {};  // where the part begins, as the server says
  uint64_t bytes = 0;                  // of the file
  bool has_begun = false;
  std::string problem = {};
};

// At the first bytes: whether they are the part that was asked for, or the whole.
void begin(Transfer& transfer) {
  transfer.has_begun = true;
  transfer.bytes = transfer.begin;
  if (transfer.begin == 0) return;
  long status = 0;
  curl_easy_getinfo(transfer.curl, CURLINFO_RESPONSE_CODE, &status);
  constexpr long kPartialContent = 206;
  if (status == kPartialContent) {
    if (transfer.given != transfer.begin) fail("it gives another part than was asked for");
    return;
  }
  transfer.file.restart();
  transfer.bytes = 0;
}

size_t on_data(char* data, size_t, size_t bytes, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  try {
    if (!transfer.has_begun) begin(transfer);
    transfer.bytes += bytes;
    if (transfer.checks.expected_size && transfer.bytes > *transfer.checks.expected_size) {
      fail("it is larger than the ", *transfer.checks.expected_size, " bytes expected");
    }
    transfer.file.write(data, bytes);
    return bytes;
  } catch (const std::exception& error) {
    transfer.problem = error.what();
    return bytes + 1;  // anything but `bytes` ends the transfer
  }
}

// Each line of the header; that of a redirect comes before that of what it leads to.
size_t on_header(char* data, size_t, size_t bytes, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  std::string line(data, bytes);
  for (char& c : line) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  constexpr std::string_view kRange = "content-range: bytes ";
  if (line.starts_with("http/")) transfer.given.reset();
  if (!line.starts_with(kRange)) return bytes;
  uint64_t begin = 0;
  size_t digits = 0;
  for (size_t i = kRange.size(); i < line.size() && line[i] >= '0' && line[i] <= '9'; ++i) {
    begin = begin * 10 + static_cast<uint64_t>(line[i] - '0');
    ++digits;
  }
  if (digits > 0 && digits < 19) transfer.given = begin;
  return bytes;
}

int on_progress(void* user, curl_off_t total, curl_off_t, curl_off_t, curl_off_t) {
  auto& transfer = *static_cast<Transfer*>(user);
  const uint64_t expected = transfer.checks.expected_size.value_or(0);
  const uint64_t claimed = total > 0 ? static_cast<uint64_t>(total) + transfer.begin : 0;
  transfer.progress.update(transfer.bytes, expected > 0 ? expected : claimed);
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

void set_options(CURL* curl, const std::string& url, const DownloadOptions& options) {
  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl, CURLOPT_FAILONERROR, 1L);
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
  curl_easy_setopt(curl, CURLOPT_MAXREDIRS, 8L);
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_USERAGENT, "cuttle");
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT,
                   static_cast<long>(options.connect_timeout.count()));
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 100L);  // bytes a second
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, static_cast<long>(options.stall_timeout.count()));
  set_protocols(curl);
}

}  // namespace

void transfer(const std::string& url, AtomicFile& file, const DownloadChecks& checks,
              const DownloadOptions& options) {
  static const CURLcode kStarted = curl_global_init(CURL_GLOBAL_DEFAULT);
  const Curl curl(kStarted == CURLE_OK ? curl_easy_init() : nullptr);
  if (!curl) fail("libcurl does not start");
  if (url.starts_with("file:")) file.restart();  // nothing is gained by a part
  const uint64_t begin = file.size();
  Transfer transfer{
      .curl = curl.get(),
      .file = file,
      .checks = checks,
      .progress = Progress(url.substr(url.find_last_of('/') + 1), options.progress, begin),
      .begin = begin};
  std::string reason(CURL_ERROR_SIZE, '\0');
  curl_easy_setopt(curl.get(), CURLOPT_ERRORBUFFER, reason.data());
  set_options(curl.get(), url, options);
  const std::string range = std::to_string(begin) + "-";
  if (begin > 0) curl_easy_setopt(curl.get(), CURLOPT_RANGE, range.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, on_data);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &transfer);
  curl_easy_setopt(curl.get(), CURLOPT_HEADERFUNCTION, on_header);
  curl_easy_setopt(curl.get(), CURLOPT_HEADERDATA, &transfer);
  curl_easy_setopt(curl.get(), CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(curl.get(), CURLOPT_XFERINFOFUNCTION, on_progress);
  curl_easy_setopt(curl.get(), CURLOPT_XFERINFODATA, &transfer);

  const CURLcode code = curl_easy_perform(curl.get());
  transfer.progress.finish();
  if (!transfer.problem.empty()) throw WrongContents(transfer.problem);
  if (code == CURLE_OK) return;
  // The reason may quote the server.
  const std::string words =
      printable(reason[0] != '\0' ? reason.c_str() : curl_easy_strerror(code), reason.size());
  long status = 0;
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &status);
  constexpr long kNoSuchPart = 416;  // the server has a shorter file
  if (status == kNoSuchPart) throw WrongContents(words);
  fail(words);
}

#else

void transfer(const std::string&, AtomicFile&, const DownloadChecks&, const DownloadOptions&) {
  fail("this build has no libcurl (install libcurl4-openssl-dev and configure again)");
}

#endif

}  // namespace cuttle
