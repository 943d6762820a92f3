// Reductions over some or all dimensions: the table, and the methods that run its rows.
#include "reduce.h"

#include "../autograd/record.h"
#include "../creation.h"
#include "../dispatch.h"
#include "arithmetic.h"
#include "binary.h"
#include "reduction.h"

namespace cuttle {
namespace {

using kernels::ReduceOp;
using Types = Reduction::Types;
using Result = Reduction::Result;
using Empty = Reduction::Empty;
using Keeps = Reduction::Keeps;

// name, kernel, dtypes taken, dtype given, slices without elements, what the gradient reads, and it
constexpr Reduction kSum = {"sum",          ReduceOp::sum,  Types::any,  Result::sum,
                            Empty::allowed, Keeps::nothing, sum_gradient};
constexpr Reduction kNansum = {"nansum",       ReduceOp::nansum, Types::floating, Result::same,
                               Empty::allowed, Keeps::input,     nansum_gradient};
constexpr Reduction kProd = {"prod",         ReduceOp::prod, Types::any,   Result::sum,
                             Empty::allowed, Keeps::input,   prod_gradient};
constexpr Reduction kMean = {"mean",         ReduceOp::mean, Types::floating, Result::same,
                             Empty::allowed, Keeps::nothing, mean_gradient};
constexpr Reduction kVar = {"var",          ReduceOp::var, Types::floating,  Result::same,
                            Empty::allowed, Keeps::input,  variance_gradient};
// Together, by the same kernel.
constexpr Reduction kVarOfBoth = {"var_mean",     ReduceOp::var, Types::floating,  Result::same,
                                  Empty::allowed, Keeps::input,  variance_gradient};
constexpr Reduction kStdOfBoth = {"std_mean",     ReduceOp::std, Types::floating,   Result::same,
                                  Empty::allowed, Keeps::both,   deviation_gradient};
constexpr Reduction kMeanOfVar = {"var_mean",     ReduceOp::var,  Types::floating, Result::same,
                                  Empty::allowed, Keeps::nothing, mean_gradient};
constexpr Reduction kStd = {"std",          ReduceOp::std, Types::floating,   Result::same,
                            Empty::allowed, Keeps::both,   deviation_gradient};
constexpr Reduction kMeanOfStd = {"std_mean",     ReduceOp::std,  Types::floating, Result::same,
                                  Empty::allowed, Keeps::nothing, mean_gradient};
constexpr Reduction kAmax = {"amax",         ReduceOp::amax, Types::any,      Result::same,
                             Empty::refused, Keeps::both,    extreme_gradient};
constexpr Reduction kAmin = {"amin",         ReduceOp::amin, Types::any,      Result::same,
                             Empty::refused, Keeps::both,    extreme_gradient};
constexpr Reduction kMax = {"max",          ReduceOp::amax, Types::any,      Result::same,
                            Empty::refused, Keeps::both,    extreme_gradient};
constexpr Reduction kMin = {"min",          ReduceOp::amin, Types::any,      Result::same,
                            Empty::refused, Keeps::both,    extreme_gradient};
// With their places; extreme_along() records them.
constexpr Reduction kMaxFound = {"max", ReduceOp::argmax, Types::any, Result::same, Empty::refused};
constexpr Reduction kMinFound = {"min", ReduceOp::argmin, Types::any, Result::same, Empty::refused};
constexpr Reduction kArgmax = {"argmax", ReduceOp::argmax, Types::no_bool, Result::integer,
                               Empty::refused};
constexpr Reduction kArgmin = {"argmin", ReduceOp::argmin, Types::no_bool, Result::integer,
                               Empty::refused};
constexpr Reduction kAny = {"any", ReduceOp::any, Types::any, Result::truth};
constexpr Reduction kAll = {"all", ReduceOp::all, Types::any, Result::truth};
constexpr Reduction kCount = {"count_nonzero", ReduceOp::count_nonzero, Types::any,
                              Result::integer};
constexpr Reduction kNorm = {"norm",         ReduceOp::norm, Types::floating, Result::same,
                             Empty::allowed, Keeps::both,    norm_gradient};
constexpr Reduction kLogsumexp = {"logsumexp",       ReduceOp::logsumexp, Types::floating,
                                  Result::same,      Empty::allowed,      Keeps::both,
                                  logsumexp_gradient};

Tensor converted(std::string_view op, const Tensor& x, std::optional<DType> dtype) {
  check_defined(op, x);
  return dtype ? x.to(*dtype) : x;
}

// The result in the dtype that was asked for: of integers, which are summed in int64.
Tensor in_dtype(const Tensor& result, std::optional<DType> dtype) {
  return dtype ? result.to(*dtype) : result;
}

ValuesIndices extreme_along(const Reduction& values, const Reduction& indices, const Tensor& x,
                            int64_t dim, bool keepdim) {
  auto [found, places] = reduce_to_two(values, indices, x, {dim}, keepdim);
  const Slices slices(values.name, x, {dim});
  const int d = wrap_dim(values.name, dim, x.dim());
  found = record(values.name, found, {x},
                 [slices, d, at = save(places)](const Tensor& gradient,
                                                const NeededInputs&) -> std::vector<Tensor> {
                   const Tensor g = gradient.reshape(slices.with_ones);
                   if (slices.shape.empty()) return {g};
                   Shape along = Shape::filled(slices.shape.size(), 1);
                   along[d] = slices.shape[d];
                   const Tensor all = arange(along[d], {.dtype = int64, .device = g.device()});
                   const Tensor here = all.view(along) == at.get().reshape(slices.with_ones);
                   return {masked(g.expand(slices.shape), here)};
                 });
  return {found, places};
}

// How many are not 0, in x's dtype: constant wherever it has a derivative.
Tensor norm_0(const Tensor& x, const Dims& dims, bool keepdim) {
  const Tensor y = reduce(kCount, x, dims, keepdim).to(x.dtype());
  return record(
      "norm", y, {x},
      [shape = x.shape()](const Tensor& gradient, const NeededInputs&) -> std::vector<Tensor> {
        const Tensor none = zeros({}, {.dtype = gradient.dtype(), .device = gradient.device()});
        return {none.expand(shape)};
      },
      Saves::nothing);
}

}  // namespace

Tensor ReductionMethods::sum(const Dims& dims, bool keepdim, std::optional<DType> dtype) const {
  const Tensor x = converted("sum", self(*this), dtype);
  return in_dtype(reduce(kSum, x, dims, keepdim), dtype);
}

Tensor ReductionMethods::nansum(const Dims& dims, bool keepdim, std::optional<DType> dtype) const {
  const Tensor x = converted("nansum", self(*this), dtype);
  return in_dtype(reduce(is_floating_point(x.dtype()) ? kNansum : kSum, x, dims, keepdim), dtype);
}

Tensor ReductionMethods::prod(const Dims& dims, bool keepdim, std::optional<DType> dtype) const {
  const Tensor x = converted("prod", self(*this), dtype);
  return in_dtype(reduce(kProd, x, dims, keepdim), dtype);
}

Tensor ReductionMethods::mean(const Dims& dims, bool keepdim, std::optional<DType> dtype) const {
  const Tensor x = converted("mean", self(*this), dtype);
  const auto count = static_cast<double>(Slices("mean", x, dims).count);
  return reduce(kMean, x, dims, keepdim, count);
}

Tensor ReductionMethods::nanmean(const Dims& dims, bool keepdim, std::optional<DType> dtype) const {
  const Tensor x = converted("nanmean", self(*this), dtype);
  if (!is_floating_point(x.dtype()))
    fail("nanmean: expected a floating dtype, got ", x.dtype(),
         "; convert first, with .to(float32) for example");
  Slices("nanmean", x, dims);
  return x.nansum(dims, keepdim) / (x == x).sum(dims, keepdim);
}

Tensor ReductionMethods::var(const Dims& dims, double correction, bool keepdim) const {
  return reduce(kVar, self(*this), dims, keepdim, correction);
}

Tensor ReductionMethods::std(const Dims& dims, double correction, bool keepdim) const {
  return reduce(kStd, self(*this), dims, keepdim, correction);
}

Tensor ReductionMethods::amax(const Dims& dims, bool keepdim) const {
  return reduce(kAmax, self(*this), dims, keepdim);
}

Tensor ReductionMethods::amin(const Dims& dims, bool keepdim) const {
  return reduce(kAmin, self(*this), dims, keepdim);
}

Tensor ReductionMethods::max() const {
  return reduce(kMax, self(*this), {}, false);
}

Tensor ReductionMethods::min() const {
  return reduce(kMin, self(*this), {}, false);
}

ValuesIndices ReductionMethods::max(int64_t dim, bool keepdim) const {
  return extreme_along(kMaxFound, kArgmax, self(*this), dim, keepdim);
}

ValuesIndices ReductionMethods::min(int64_t dim, bool keepdim) const {
  return extreme_along(kMinFound, kArgmin, self(*this), dim, keepdim);
}

Tensor ReductionMethods::argmax(std::optional<int64_t> dim, bool keepdim) const {
  return reduce(kArgmax, self(*this), dim ? Dims(*dim) : Dims(), keepdim);
}

Tensor ReductionMethods::argmin(std::optional<int64_t> dim, bool keepdim) const {
  return reduce(kArgmin, self(*this), dim ? Dims(*dim) : Dims(), keepdim);
}

Tensor ReductionMethods::any(const Dims& dims, bool keepdim) const {
  return reduce(kAny, self(*this), dims, keepdim);
}

Tensor ReductionMethods::all(const Dims& dims, bool keepdim) const {
  return reduce(kAll, self(*this), dims, keepdim);
}

Tensor ReductionMethods::count_nonzero(const Dims& dims) const {
  return reduce(kCount, self(*this), dims, false);
}

Tensor ReductionMethods::norm(Scalar p, const Dims& dims, bool keepdim,
                              std::optional<DType> dtype) const {
  const Tensor x = converted("norm", self(*this), dtype);
  const auto power = p.to<double>();
  if (power == 0 && is_floating_point(x.dtype())) return norm_0(x, dims, keepdim);
  return reduce(kNorm, x, dims, keepdim, power);
}

Tensor ReductionMethods::logsumexp(const Dims& dims, bool keepdim) const {
  return reduce(kLogsumexp, self(*this), dims, keepdim);
}

VarAndMean var_mean(const Tensor& x, const Dims& dims, double correction, bool keepdim) {
  auto [var, mean] = reduce_to_two(kVarOfBoth, kMeanOfVar, x, dims, keepdim, correction);
  return {var, mean};
}

StdAndMean std_mean(const Tensor& x, const Dims& dims, double correction, bool keepdim) {
  auto [std, mean] = reduce_to_two(kStdOfBoth, kMeanOfStd, x, dims, keepdim, correction);
  return {std, mean};
}

Tensor sum(const Tensor& x, const Dims& dims, bool keepdim, std::optional<DType> dtype) {
  return x.sum(dims, keepdim, dtype);
}
Tensor nansum(const Tensor& x, const Dims& dims, bool keepdim, std::optional<DType> dtype) {
  return x.nansum(dims, keepdim, dtype);
}
Tensor prod(const Tensor& x, const Dims& dims, bool keepdim, std::optional<DType> dtype) {
  return x.prod(dims, keepdim, dtype);
}
Tensor mean(const Tensor& x, const Dims& dims, bool keepdim, std::optional<DType> dtype) {
  return x.mean(dims, keepdim, dtype);
}
Tensor nanmean(const Tensor& x, const Dims& dims, bool keepdim, std::optional<DType> dtype) {
  return x.nanmean(dims, keepdim, dtype);
}
Tensor var(const Tensor& x, const Dims& dims, double correction, bool keepdim) {
  return x.var(dims, correction, keepdim);
}
Tensor std(const Tensor& x, const Dims& dims, double correction, bool keepdim) {
  return x.std(dims, correction, keepdim);
}
Tensor amax(const Tensor& x, const Dims& dims, bool keepdim) {
  return x.amax(dims, keepdim);
}
Tensor amin(const Tensor& x, const Dims& dims, bool keepdim) {
  return x.amin(dims, keepdim);
}
Tensor max(const Tensor& x) {
  return x.max();
}
Tensor min(const Tensor& x) {
  return x.min();
}
ValuesIndices max(const Tensor& x, int64_t dim, bool keepdim) {
  return x.max(dim, keepdim);
}
ValuesIndices min(const Tensor& x, int64_t dim, bool keepdim) {
  return x.min(dim, keepdim);
}
Tensor argmax(const Tensor& x, std::optional<int64_t> dim, bool keepdim) {
  return x.argmax(dim, keepdim);
}
Tensor argmin(const Tensor& x, std::optional<int64_t> dim, bool keepdim) {
  return x.argmin(dim, keepdim);
}
Tensor any(const Tensor& x, const Dims& dims, bool keepdim) {
  return x.any(dims, keepdim);
}
Tensor all(const Tensor& x, const Dims& dims, bool keepdim) {
  return x.all(dims, keepdim);
}
Tensor count_nonzero(const Tensor& x, const Dims& dims) {
  return x.count_nonzero(dims);
}
Tensor norm(const Tensor& x, Scalar p, const Dims& dims, bool keepdim, std::optional<DType> dtype) {
  return x.norm(p, dims, keepdim, dtype);
}
Tensor logsumexp(const Tensor& x, const Dims& dims, bool keepdim) {
  return x.logsumexp(dims, keepdim);
}

}  // namespace cuttle
