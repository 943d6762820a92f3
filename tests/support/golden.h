// Golden files in JSON.
#pragma once

#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>

#include "golden_path.h"

namespace cuttle::test {

/// The file's content.
inline nlohmann::json load_golden(const std::string& name) {
  const std::filesystem::path path = golden_path(name);
  std::ifstream file(path);
  if (!file) throw std::runtime_error("cannot open " + path.string());
  return nlohmann::json::parse(file);
}

}  // namespace cuttle::test
