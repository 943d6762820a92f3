// How tensors are printed.
#pragma once

#include <cstdint>
#include <optional>

namespace cuttle {

/// torch.set_printoptions, with its names and defaults: set_printoptions({.precision = 2}).
struct PrintOptions {
  /// Digits behind the point.
  int precision = 4;
  /// Tensors of more elements are shortened; INT64_MAX: none is.
  int64_t threshold = 1000;
  /// Elements shown at each end of a dimension that is shortened.
  int64_t edgeitems = 3;
  /// Characters after which a line is broken.
  int64_t linewidth = 80;
  /// Whether numbers of floating types have exponents; unset: where their sizes ask for them.
  std::optional<bool> sci_mode = {};
};

/// From now on, in all threads. Throws Error for a negative precision and for fewer than one item
/// or character.
void set_printoptions(const PrintOptions& options);
PrintOptions get_printoptions();

}  // namespace cuttle
