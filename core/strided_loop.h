// From tensors to the loop nests that kernels walk: dimensions sorted, neighbours merged.
#pragma once

#include "shape.h"

namespace cuttle {

/// The loop over `shape` with one set of strides an operand, outermost dimension first in the last
/// operand's memory order (the output's). Dimensions that are contiguous for all operands become
/// one.
template <int N>
kernels::StridedLoop<N> make_loop(const Shape& shape, const Strides (&strides)[N]);

extern template kernels::StridedLoop<1> make_loop(const Shape&, const Strides (&)[1]);
extern template kernels::StridedLoop<2> make_loop(const Shape&, const Strides (&)[2]);
extern template kernels::StridedLoop<3> make_loop(const Shape&, const Strides (&)[3]);
extern template kernels::StridedLoop<4> make_loop(const Shape&, const Strides (&)[4]);
extern template kernels::StridedLoop<5> make_loop(const Shape&, const Strides (&)[5]);

/// The strides with which a tensor of shape `from` is read as one of shape `to` that it broadcasts
/// to: 0 along repeated dimensions.
Strides broadcast_strides(const Shape& from, const Strides& strides, const Shape& to);

}  // namespace cuttle
