#include "chrome_trace.h"

#include "files/atomic_file.h"

namespace cuttle {

void export_chrome_trace(Profiler& profiler, const std::filesystem::path& path) {
  const std::string trace = profiler.chrome_trace();
  AtomicFile file(path);
  file.write(trace);
  file.commit();
}

}  // namespace cuttle
