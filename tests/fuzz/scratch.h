// A folder of a fuzzing program's own, gone when the program ends.
#pragma once

#include <cstdlib>

#include "input.h"

namespace cuttle::fuzz {

struct Scratch {
  Scratch() {
    std::string name = (std::filesystem::temp_directory_path() / "cuttle-fuzz-XXXXXX").string();
    require(::mkdtemp(name.data()) != nullptr, "there is a temporary folder");
    path = name;
  }
  ~Scratch() { std::filesystem::remove_all(path); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  std::filesystem::path path;
};

}  // namespace cuttle::fuzz
