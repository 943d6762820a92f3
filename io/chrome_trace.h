// A profiler's trace as a file.
#pragma once

#include <filesystem>

#include "../core/profiler/profiler.h"

namespace cuttle {

/// torch.profiler.profile.export_chrome_trace: writes Profiler::chrome_trace(), which ends the
/// recording. The file appears whole or not at all. Throws Error if it cannot be written.
void export_chrome_trace(Profiler& profiler, const std::filesystem::path& path);

}  // namespace cuttle
