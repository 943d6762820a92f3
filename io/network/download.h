// Fetching files over the network, so that a name on disk always stands for a whole, verified file.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "../../kernels/error.h"

namespace cuttle {

/// No URL could be fetched; says why for each.
class DownloadError : public Error {
 public:
  using Error::Error;
};

/// What the file must be; empty members are not checked.
struct DownloadChecks {
  std::optional<uint64_t> expected_size = {};  // in bytes
  std::string sha256 = {};                     // hexadecimal digits, lower case
  std::string md5 = {};
};

struct DownloadOptions {
  bool progress = true;  // on stderr: a bar that grows on a terminal, one line a tenth elsewhere
  std::chrono::seconds connect_timeout{20};
  std::chrono::seconds stall_timeout{30};  // give up when almost nothing arrives for so long
  int attempts = 5;                        // from each URL, as long as each brings the file further
};

/// Fetches the first of `urls` (http, https, file) that gives a file which passes the checks, to
/// `path`, and says whether it had to: a file that is there and passes a checksum is taken as it
/// is. It is written beside and renamed when whole; redirects are followed; proxies are taken from
/// the environment (https_proxy). With a checksum, what arrived of a transfer that broke off stays
/// in "<path>.partial", and the next attempt, from any URL, in this call or a later one, asks for
/// the rest; if the whole then fails the checks, or the server gives no parts, it begins anew.
/// Throws DownloadError, also in a build without libcurl.
bool download(const std::vector<std::string>& urls, const std::filesystem::path& path,
              const DownloadChecks& checks = {}, const DownloadOptions& options = {});

}  // namespace cuttle
