// Mixed precision: within the scope of an Autocast, products and convolutions compute in 16 bits,
// and what loses too much by that in float32. All of it is a thread's own.
#pragma once

#include <initializer_list>
#include <optional>

#include "tensor.h"

namespace cuttle {

/// torch.autocast: `const Autocast autocast(bfloat16);` until the end of the scope. float32
/// parameters stay float32, and so do their gradients: each operation converts what it is given,
///   to the scope's dtype:  linear, matmul and its family, einsum, convolutions, attention,
///   recurrent
///                          layers, prelu
///   to float32:            pow, exp, log and their kin, softplus, reciprocal, rsqrt, tan, acos,
///   asin,
///                          cosh, sinh, erfinv, softmax, log_softmax, sum, prod, cumsum, cumprod,
///                          norm, normalisation of rows and groups, losses
///   to the wider of their operands' types:  dot, tensordot, scatter_add, index_put
/// and all others take what comes. float64 and integers are left alone, and so are operations in
/// place. A replay of the tape never converts: gradients have the types that the forward had.
///
/// A parameter is converted once in the outermost scope, and again when it was written to since;
/// with `cache` false at each use.
class [[nodiscard]] Autocast {
 public:
  /// Throws Error for another dtype than float16 and bfloat16. `enabled` false suspends an outer
  /// scope.
  [[nodiscard]] explicit Autocast(DType dtype, bool enabled = true, bool cache = true);
  ~Autocast();
  Autocast(const Autocast&) = delete;
  Autocast& operator=(const Autocast&) = delete;

  /// What a scope sets: to be taken up again later, as a checkpoint does.
  struct State {
    bool enabled = false;
    DType dtype = bfloat16;
    bool cache = true;
  };
  static State current() noexcept;
  [[nodiscard]] explicit Autocast(const State& state) noexcept;

 private:
  State previous_;
};

bool is_autocast_enabled() noexcept;
/// The dtype that products are computed in, within the scope of an Autocast.
DType get_autocast_dtype() noexcept;

// What an operation asks in its first line; all of them say no outside of an Autocast, and ignore
// undefined tensors:
//
//     if (autocast_lowers({&a, &b})) return mm(autocast_lowered(a), autocast_lowered(b));

/// Whether one of them is to be converted to the scope's dtype.
bool autocast_lowers(std::initializer_list<const Tensor*> tensors) noexcept;
/// x in the scope's dtype, recorded; x itself where it is none of a float's.
Tensor autocast_lowered(const Tensor& x);

/// Whether one of them is to be converted to float32.
bool autocast_raises(std::initializer_list<const Tensor*> tensors) noexcept;
Tensor autocast_raised(const Tensor& x);

/// The widest of their types, where they are floating-point and differ.
std::optional<DType> autocast_widest(std::initializer_list<const Tensor*> tensors) noexcept;

}  // namespace cuttle
