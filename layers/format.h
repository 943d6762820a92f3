// How layers write a height and width in errors and when printed. For this folder alone.
#pragma once

#include <string>

#include "../core/ops/conv2d.h"

namespace cuttle {

/// "(5, 3)".
inline std::string format_pair(Pair pair) {
  return "(" + std::to_string(pair.height) + ", " + std::to_string(pair.width) + ")";
}

/// "5" where both are equal, else "(5, 3)".
inline std::string format_short(Pair pair) {
  return pair.height == pair.width ? std::to_string(pair.height) : format_pair(pair);
}

}  // namespace cuttle
