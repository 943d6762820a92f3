// tunable::results() to a file and back.
#include "tunable.h"

#include <string>

#include "../core/cuda.h"
#include "../core/text.h"
#include "../kernels/error.h"
#include "files/atomic_file.h"

namespace cuttle::cuda::tunable {

void write_file(const std::filesystem::path& path) {
  AtomicFile file(path);
  file.write(results());
  file.commit();
}

void read_file(const std::filesystem::path& path) {
  constexpr uint64_t kMostBytes = uint64_t{16} << 20;
  const File file = File::open_for_reading(path);
  if (file.size() > kMostBytes)
    fail(path.string(), ": ", file.size(), " bytes are too many for a file of tunable::results()");
  std::string text(file.size(), '\0');
  file.read_at(0, text.data(), text.size());
  try {
    set_results(text);
  } catch (const Error& error) {
    fail(path.string(), ": ", error.what());
  }
}

}  // namespace cuttle::cuda::tunable
