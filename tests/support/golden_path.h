// Where the golden files lie: tests/golden, made by the generate_*.py scripts there.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

namespace cuttle::test {

/// The path of one of them: in the folder of the environment variable CUTTLE_GOLDEN_DIR, for
/// programs that were carried to another machine, else in the sources (the macro of that name,
/// which the test program's CMakeLists.txt defines).
inline std::filesystem::path golden_path(const std::string& name) {
  const char* const folder = std::getenv("CUTTLE_GOLDEN_DIR");
  return std::filesystem::path(folder != nullptr ? folder : CUTTLE_GOLDEN_DIR) / name;
}

}  // namespace cuttle::test
