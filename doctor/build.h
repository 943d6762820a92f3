// What CMake wrote down of this build (build.cpp.in).
#pragma once

#include "facts.h"

namespace cuttle::doctor {

Build this_build();

/// What the loader is asked for when a program of this build starts: "libcudnn.so.9". Empty where
/// the library is no part of the build, or part of the programs.
struct LibraryNames {
  std::string cudnn = {}, cublas = {}, onednn = {};
};
LibraryNames linked_libraries();

}  // namespace cuttle::doctor
