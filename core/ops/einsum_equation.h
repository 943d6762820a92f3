// einsum's equation, read. For core/ops alone.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "../../kernels/error.h"
#include "../shape.h"

namespace cuttle {

/// A dimension's name: a letter (A … Z, then a … z, in the order of implicit outputs), or its place
/// from the right within "...", from kEllipsis on.
using Labels = std::vector<int>;
inline constexpr int kEllipsis = 52;
inline constexpr int kLabels = kEllipsis + kMaxRank;

/// "'i'", for sentences.
std::string name_of(int label);

/// The letters of one operand or of the output, and where among them "..." stands (−1: nowhere).
struct Terms {
  Labels letters;
  int ellipsis = -1;

  /// All labels, with "..." standing for so many dimensions.
  Labels labels(int ellipsis_rank) const;
};

struct Equation {
  std::string_view text;
  std::vector<Terms> operands;
  std::optional<Terms> output;

  /// Throws Error: the equation, then the parts.
  template <class... Parts>
  [[noreturn]] void refuse(const Parts&... parts) const {
    fail("einsum: \"", text, "\": ", parts...);
  }
};

/// Throws Error where the equation is malformed or names another number of operands.
Equation read_equation(std::string_view text, size_t operands);

}  // namespace cuttle
