#include "reduction.h"

#include <algorithm>

#include "../autocast.h"
#include "../autograd/record.h"
#include "../creation.h"
#include "../dispatch.h"
#include "../strided_loop.h"

namespace cuttle {
namespace {

using Types = Reduction::Types;
using Result = Reduction::Result;
using Keeps = Reduction::Keeps;

void check_dtype(const Reduction& reduction, const Tensor& x) {
  if (reduction.types == Types::floating && !is_floating_point(x.dtype()))
    fail(reduction.name, ": expected a floating dtype, got ", x.dtype(),
         "; convert first, with .to(float32) for example");
  if (reduction.types == Types::no_bool && x.dtype() == boolean)
    fail(reduction.name, ": not defined for bool; convert first, with .to(float32) for example");
}

void check_elements(const Reduction& reduction, const Slices& slices, const Dims& dims) {
  if (reduction.empty == Reduction::Empty::allowed || slices.count > 0) return;
  if (dims.empty())
    fail(reduction.name, ": a tensor of shape ", slices.shape,
         " has no elements, and so no result; give a dimension that is not empty");
  for (const int64_t dim : dims) {
    const int d = wrap_dim(reduction.name, dim, slices.shape.size());
    if (slices.shape[d] == 0)
      fail(reduction.name, ": dimension ", dim, " of shape ", slices.shape,
           " is empty and has no result; reduce over one that is not");
  }
}

DType result_dtype(Result result, DType input) {
  switch (result) {
    case Result::truth:
      return boolean;
    case Result::integer:
      return int64;
    case Result::sum:
      return is_floating_point(input) ? input : int64;
    case Result::same:
      break;
  }
  return input;
}

// Kept dimensions make the outer loop, reduced ones the inner. The result: dense, without reduced
// dims. Where positions count the inner loop stays in logical order, else it is sorted by x's
// strides.
kernels::ReduceLoop reduce_loop(const Tensor& x, const Slices& slices, bool positions_count) {
  Shape inner;
  Strides kept_strides, inner_strides;
  for (int d = 0; d < x.dim(); ++d) {
    const bool is_reduced = slices.reduced[static_cast<size_t>(d)];
    if (is_reduced) inner.push_back(x.shape()[d]);
    (is_reduced ? inner_strides : kept_strides).push_back(x.strides()[d]);
  }
  kernels::ReduceLoop loop;
  loop.outer = make_loop(slices.kept, {kept_strides, dense_strides(slices.kept)});
  if (!positions_count) {
    loop.inner = make_loop(inner, {inner_strides});
  } else {  // sorted by the logical order instead, which then numbers the elements
    const auto both = make_loop(inner, {inner_strides, dense_strides(inner)});
    loop.inner.rank = both.rank;
    std::copy_n(both.sizes, kMaxRank, loop.inner.sizes);
    std::copy_n(both.strides[0], kMaxRank, loop.inner.strides[0]);
  }
  return loop;
}

// The result's memory; nothing of the row that is left out.
Tensor allocate(const Reduction* reduction, const Tensor& x, const Slices& slices) {
  if (reduction == nullptr) return {};
  return empty(slices.kept,
               {.dtype = result_dtype(reduction->result, x.dtype()), .device = x.device()});
}

Tensor record_reduction(const Reduction& reduction, const Tensor& result, const Tensor& x,
                        const Slices& slices, bool keepdim, double parameter) {
  const Tensor y = keepdim ? result.view(slices.with_ones) : result;
  if (reduction.gradient == nullptr) return y;
  const Keeps keeps = needs_recording({x}) ? reduction.keeps : Keeps::nothing;
  const bool keeps_input = keeps == Keeps::input || keeps == Keeps::both;
  const bool keeps_output = keeps == Keeps::output || keeps == Keeps::both;
  return record(
      reduction.name, y, {x},
      [slices, parameter, differentiate = reduction.gradient,
       input = keeps_input ? save(x) : SavedTensor(),
       output = keeps_output ? save_output(y) : SavedTensor()](
          const Tensor& gradient, const NeededInputs&) -> std::vector<Tensor> {
        const ReductionHistory history{slices, parameter, input, output};
        const Tensor dx = differentiate(history, gradient.reshape(slices.with_ones));
        return {dx.shape() == slices.shape ? dx : dx.expand(slices.shape)};
      },
      keeps == Keeps::nothing ? Saves::nothing : Saves::tensors);
}

TwoTensors run(const Reduction* first, const Reduction* second, const Tensor& x, const Dims& dims,
               bool keepdim, double parameter) {
  const Reduction& reduction = first != nullptr ? *first : *second;
  check_defined(reduction.name, x);
  check_dtype(reduction, x);
  const Slices slices(reduction.name, x, dims);
  check_elements(reduction, slices, dims);
  TwoTensors out = {allocate(first, x, slices), allocate(second, x, slices)};
  const bool positions_count = second != nullptr && second->result == Result::integer;
  const auto loop = reduce_loop(x, slices, positions_count);
  const kernels::ReduceResults to = {out.first.defined() ? out.first.raw_data() : nullptr,
                                     out.second.defined() ? out.second.raw_data() : nullptr};
  dispatch_all(x.dtype(), [&]<class T>() {
    on_device(x.device(), [&](auto stream) {
      kernels::reduce(stream, reduction.op, parameter, loop, x.data<T>(), to);
    });
  });
  if (first) out.first = record_reduction(*first, out.first, x, slices, keepdim, parameter);
  if (second) out.second = record_reduction(*second, out.second, x, slices, keepdim, parameter);
  return out;
}

}  // namespace

Slices::Slices(std::string_view op, const Tensor& x, const Dims& dims) : shape(x.shape()) {
  if (dims.empty()) reduced.fill(true);  // as in PyTorch, no dimension means all
  for (const int64_t dim : dims) {
    const auto d = static_cast<size_t>(wrap_dim(op, dim, x.dim()));
    if (reduced[d]) fail(op, ": dimension ", dim, " of shape ", shape, " is given twice");
    reduced[d] = true;
  }
  for (int d = 0; d < shape.size(); ++d) {
    const bool is_reduced = reduced[static_cast<size_t>(d)];
    if (is_reduced)
      count *= shape[d];
    else
      kept.push_back(shape[d]);
    with_ones.push_back(is_reduced ? 1 : shape[d]);
  }
}

Tensor reduce(const Reduction& reduction, const Tensor& x, const Dims& dims, bool keepdim,
              double parameter) {
  using kernels::ReduceOp;
  const bool raised = reduction.op == ReduceOp::sum || reduction.op == ReduceOp::prod ||
                      reduction.op == ReduceOp::norm;
  if (raised && autocast_raises({&x}))
    return reduce(reduction, autocast_raised(x), dims, keepdim, parameter);
  // A position alone is the second result of an operation with two.
  const bool position = reduction.op == ReduceOp::argmax || reduction.op == ReduceOp::argmin;
  if (position) return run(nullptr, &reduction, x, dims, keepdim, parameter).second;
  return run(&reduction, nullptr, x, dims, keepdim, parameter).first;
}

TwoTensors reduce_to_two(const Reduction& first, const Reduction& second, const Tensor& x,
                         const Dims& dims, bool keepdim, double parameter) {
  return run(&first, &second, x, dims, keepdim, parameter);
}

}  // namespace cuttle
