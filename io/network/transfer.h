// One transfer over the network. Internal to io.
#pragma once

#include <string>

#include "../files/atomic_file.h"
#include "download.h"

namespace cuttle {

/// What arrived is not what was wanted, and nothing of it is of use.
class WrongContents : public Error {
 public:
  using Error::Error;
};

/// Appends to `file` what `url` gives behind the bytes that it holds; the file begins anew if the
/// server gives the whole. Throws Error, without the URL, for a transfer that does not come to its
/// end, after which the file holds what arrived; WrongContents for more than the expected size and
/// for another part than was asked for. In a build without libcurl: Error.
void transfer(const std::string& url, AtomicFile& file, const DownloadChecks& checks,
              const DownloadOptions& options);

}  // namespace cuttle
