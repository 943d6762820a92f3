// Fetching files over the network, so that a name on disk always stands for a whole, verified file.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "../kernels/error.h"

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
  bool progress =
      true;  // on stderr: one line that changes on a terminal, one line a tenth elsewhere
  std::chrono::seconds connect_timeout{20};
  std::chrono::seconds stall_timeout{30};  // give up when almost nothing arrives for so long
};

/// Fetches the first of `urls` (http, https, file) that gives a file which passes the checks, to
/// `path`. It is written beside and renamed when whole; redirects are followed; proxies are taken
/// from the environment (https_proxy). Throws DownloadError, also in a build without libcurl.
void download(const std::vector<std::string>& urls, const std::filesystem::path& path,
              const DownloadChecks& checks = {}, const DownloadOptions& options = {});

}  // namespace cuttle
