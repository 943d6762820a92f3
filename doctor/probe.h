// Asks the machine. Never throws for what is missing: that is what the facts say.
#pragma once

#include <filesystem>
#include <string>

#include "facts.h"

namespace cuttle::doctor {

/// Everything there is to know.
Facts probe();

/// The parts of it, of libraries by the names that the loader is asked for, and with /proc and /sys
/// below `root`: tests name others.
Driver probe_driver(const std::string& library, const std::filesystem::path& root = "/");
Host probe_host(const std::string& onednn, const std::filesystem::path& root = "/");
void probe_cudnn(const std::string& library, Facts& facts);
void probe_cublas(const std::string& library, Facts& facts);
/// nvcc, where CMake and tools/build.sh look for it.
void probe_toolkit(Facts& facts);

}  // namespace cuttle::doctor
