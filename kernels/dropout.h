// Dropout: elements, or whole slices, are dropped by random bits that are drawn where they are
// used.
#pragma once

#include "philox.h"
#include "stream.h"
#include "strided.h"

namespace cuttle::kernels {

/// y[i] = x[i] · scale + shift where element i is kept, else `fill`. Elements that have i / slice
/// in common (i counts in row-major order) are kept or dropped together: by Philox's 32 bits number
/// i / slice of the call, kept if they are below keep · 2³². These are the bits of Bernoulli
/// (distributions.h). No mask is stored: the gradient, linear in the result's, draws them again.
struct Dropout {
  PhiloxAt at;
  double keep = 1;
  double scale = 1, shift = 0, fill = 0;
  int64_t slice = 1;
};

/// Draws one number after the other; neighbours share a block of Philox.
class DropoutBits {
 public:
  CUTTLE_HOST_DEVICE explicit DropoutBits(const Dropout& call)
      : from_(call.at.resolved()), below_(call.keep * 0x1p32), slice_(call.slice) {}

  CUTTLE_HOST_DEVICE bool keeps(int64_t i) {
    const int64_t draw = slice_ == 1 ? i : i / slice_;
    if (draw / 4 != number_) {
      number_ = draw / 4;
      block_ = philox(from_.seed, from_.offset, static_cast<uint64_t>(number_));
    }
    return static_cast<double>(block_.at[draw % 4]) < below_;
  }

 private:
  PhiloxAt from_;
  double below_;
  int64_t slice_;
  int64_t number_ = -1;  // of the block that was drawn last
  PhiloxBlock block_ = {};
};

/// The loop's position is the row-major index; operand 0 is x's place in memory, operand 1 y's
/// (which may be x), operand 2 keeps the order: the strides of a dense tensor. The same bits on
/// every device. T: float, double, Half, BFloat16, computed in Compute<T> and rounded once.
template <class T>
void dropout(cpu::Stream, const Dropout& call, const StridedLoop<3>& loop, const T* x, T* y);
template <class T>
void dropout(cuda::Stream, const Dropout& call, const StridedLoop<3>& loop, const T* x, T* y);

}  // namespace cuttle::kernels
