// Golden files: tests/golden/*.json, made by the generate_*.py scripts beside them.
#pragma once

#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>

namespace cuttle::test {

/// The file's content. CUTTLE_GOLDEN_DIR is defined by the test program's CMakeLists.txt.
inline nlohmann::json load_golden(const std::string& name) {
  const std::string path = std::string(CUTTLE_GOLDEN_DIR) + "/" + name;
  std::ifstream file(path);
  if (!file) throw std::runtime_error("cannot open " + path);
  return nlohmann::json::parse(file);
}

}  // namespace cuttle::test
