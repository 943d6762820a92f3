// What all reductions share: which dimensions they go over, the launch, the place on the tape. A
// reduction is a row of the table in reduce.cpp and, if it has one, a gradient in
// reduce_gradients.cpp.
#pragma once

#include <array>
#include <string_view>

#include "../../kernels/reduce.h"
#include "../autograd/saved_tensor.h"
#include "../tensor.h"

namespace cuttle {

/// The elements of x that are reduced to one, for each element of the result.
struct Slices {
  /// Throws Error if a dimension is out of range or given twice.
  Slices(std::string_view op, const Tensor& x, const Dims& dims);

  std::array<bool, kMaxRank> reduced{};
  Shape shape;      // of x
  Shape kept;       // without the reduced dimensions
  Shape with_ones;  // the reduced dimensions have size 1
  int64_t count = 1;
};

/// What a reduction's gradient is made from. Tensors of the result's shape come with the reduced
/// dimensions as 1, so that they broadcast against x.
struct ReductionHistory {
  const Slices& slices;
  double parameter;
  const SavedTensor& input;
  const SavedTensor& output;

  Tensor x() const { return input.get(); }
  Tensor y() const { return output.get().reshape(slices.with_ones); }
};
/// From the result's gradient, its reduced dimensions 1, to that of x, which broadcasts to x.
using ReductionGradient = Tensor (*)(const ReductionHistory& history, const Tensor& gradient);

/// A row of the table.
struct Reduction {
  enum class Types { any, no_bool, floating };
  enum class Result { same, sum, integer, truth };    // sum: int64 for integers
  enum class Empty { allowed, refused };              // a slice without elements
  enum class Keeps { nothing, input, output, both };  // what the gradient reads

  std::string_view name;
  kernels::ReduceOp op;
  Types types = Types::any;
  Result result = Result::same;
  Empty empty = Empty::allowed;
  Keeps keeps = Keeps::nothing;
  ReductionGradient gradient = nullptr;  // none: the result is not on the tape
};

/// Runs and records the reduction. Throws Error naming it for dtypes, dimensions and empty slices
/// that it does not take.
Tensor reduce(const Reduction& reduction, const Tensor& x, const Dims& dims, bool keepdim,
              double parameter = 0);
/// The results of an operation with two; `second` has the row of the second one, with the same op.
struct TwoTensors {
  Tensor first, second;
};
TwoTensors reduce_to_two(const Reduction& first, const Reduction& second, const Tensor& x,
                         const Dims& dims, bool keepdim, double parameter = 0);

// The gradients of the table (reduce_gradients.cpp), formulas beside their definitions.
Tensor sum_gradient(const ReductionHistory&, const Tensor& gradient);
Tensor nansum_gradient(const ReductionHistory&, const Tensor& gradient);
Tensor mean_gradient(const ReductionHistory&, const Tensor& gradient);
Tensor prod_gradient(const ReductionHistory&, const Tensor& gradient);
Tensor extreme_gradient(const ReductionHistory&, const Tensor& gradient);
Tensor variance_gradient(const ReductionHistory&, const Tensor& gradient);
Tensor deviation_gradient(const ReductionHistory&, const Tensor& gradient);
Tensor norm_gradient(const ReductionHistory&, const Tensor& gradient);
Tensor logsumexp_gradient(const ReductionHistory&, const Tensor& gradient);

}  // namespace cuttle
