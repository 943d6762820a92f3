// Operations whose elements are moved by a map of each dimension's indices. For core/ops alone.
#pragma once

#include <array>
#include <string_view>

#include "../../kernels/remap.h"
#include "../scalar.h"
#include "../tensor.h"

namespace cuttle {

/// What becomes of a tensor's dimensions (kernels/remap.h). A new plan changes nothing.
struct RemapPlan {
  struct Dim {
    kernels::IndexMap map = kernels::IndexMap::window;
    int64_t offset = 0;
  };

  RemapPlan(std::string_view name, const Tensor& x)
      : op(name), shape(x.shape()), out_shape(shape) {}

  std::string_view op;  // a literal
  Shape shape, out_shape;
  std::array<Dim, kMaxRank> dims;
  Scalar value = 0;  // of elements without a source
  int row = -1, column = -1;
  int64_t low = 0, high = 0;  // of column − row, where there is a band
};

/// The result, laid out as x where the shape stays or x is channels-last. Recorded; its backward is
/// its adjoint, whose backward is the operation itself with 0 in place of `value`.
Tensor remapped(const RemapPlan& plan, const Tensor& x);
/// The same, not recorded.
Tensor remapped_values(const RemapPlan& plan, const Tensor& x);

}  // namespace cuttle
