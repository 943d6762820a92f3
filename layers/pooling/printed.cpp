#include "printed.h"

namespace cuttle {

std::string short_form(Pair pair) {
  return short_form(OutputSize(pair.height, pair.width));
}

std::string short_form(const OutputSize& size) {
  const auto text = [](std::optional<int64_t> side) {
    return side ? std::to_string(*side) : "None";
  };
  if (size.height == size.width) return text(size.height);
  return "(" + text(size.height) + ", " + text(size.width) + ")";
}

}  // namespace cuttle
