// scatter_reduce and index_reduce: all that goes to one element becomes one number. See
// core/methods/indexing.h.
#include <limits>

#include "../autograd/grad_mode.h"
#include "../autograd/record.h"
#include "../creation.h"
#include "../dispatch.h"
#include "../values_indices.h"
#include "along.h"
#include "arithmetic.h"
#include "binary.h"
#include "index_map.h"
#include "overwrite.h"
#include "recurrence.h"

namespace cuttle {
namespace {

using kernels::IndexWrite;

enum class Combine { sum, prod, mean, amax, amin };

Combine combine_of(std::string_view op, std::string_view name, bool takes_sum) {
  if (name == "sum" && takes_sum) return Combine::sum;
  if (name == "prod") return Combine::prod;
  if (name == "mean") return Combine::mean;
  if (name == "amax") return Combine::amax;
  if (name == "amin") return Combine::amin;
  fail(op, ": reduce must be ", takes_sum ? "\"sum\", " : "",
       "\"prod\", \"mean\", \"amax\" or \"amin\", got \"", name, "\"");
}

// What changes nothing when it is combined with another.
Scalar neutral(Combine how, DType dtype) {
  if (how == Combine::prod) return 1;
  if (how != Combine::amax && how != Combine::amin) return 0;
  return dispatch_all(dtype, [&]<class T>() -> Scalar {
    if (is_floating_point(dtype))
      return how == Combine::amax ? -std::numeric_limits<double>::infinity()
                                  : std::numeric_limits<double>::infinity();
    using Limits = std::numeric_limits<T>;
    return static_cast<int64_t>(how == Combine::amax ? Limits::lowest() : Limits::max());
  });
}

Tensor number_at(const IndexMap& map, Scalar value, DType dtype, const Device& device) {
  return full({}, value, {.dtype = dtype, .device = device}).expand(map.shape);
}

// The result alone.
Tensor written(const Tensor& base, const IndexMap& map, IndexWrite how, const Tensor& source) {
  const NoGradGuard no_grad;
  Tensor out = base.detach().clone();
  write_to(out, map, how, source.detach());
  return out;
}

Tensor mean_of(const IndexMap& map, const Tensor& sum, bool include_self) {
  Tensor counts = full(sum.shape(), include_self ? 1 : 0, {.dtype = int64, .device = sum.device()});
  write_to(counts, map, IndexWrite::add, number_at(map, 1, int64, sum.device()));
  counts.clamp_min_(1);
  return is_floating_point(sum.dtype()) ? sum / counts : sum.floor_divide(counts).to(sum.dtype());
}

// True where a value is the extreme; a NaN is wherever there is one.
Tensor is_extreme(const Tensor& values, const Tensor& extreme) {
  return (values == extreme) + (values != values);
}

// The gradient is shared evenly among those that equal the extreme.
Tensor extreme_of(IndexWrite how, const Tensor& base, const IndexMap& map, const Tensor& source,
                  bool include_self) {
  const Tensor out = written(base, map, how, source);
  return record(
      map.op, out, {base, source},
      [map, include_self, base = save(base), source = save(source), out = save_output(out)](
          const Tensor& gradient, const NeededInputs&) -> std::vector<Tensor> {
        const Tensor extreme = out.get().detach();
        Tensor own = is_extreme(base.get().detach(), extreme);
        if (!include_self)
          write_to(own, map, IndexWrite::assign, number_at(map, false, boolean, own.device()));
        const Tensor theirs = is_extreme(source.get().detach(), pick(extreme, map));
        Tensor holders = own.to(gradient.dtype());
        write_to(holders, map, IndexWrite::add, theirs.to(gradient.dtype()));
        const Tensor share = gradient / holders;
        return {masked(share, own), masked(pick(share, map), theirs)};
      });
}

// Of each element of a vector the product of the others that have its key: of those before it and
// behind it in sorted order, which are recurrences that begin again with each key. Nothing is
// divided by, so that zeros are right, and the derivatives of this.
Tensor product_of_others(const Tensor& elements, const Tensor& keys) {
  const int64_t n = keys.size(0);
  if (n == 0) return elements;
  const auto [runs, order] = keys.sort();
  const Tensor x = take_along(elements, 0, order);
  const Tensor no = zeros({1}, {.dtype = boolean, .device = keys.device()});
  const Tensor inner = runs.narrow(0, 1, n - 1) == runs.narrow(0, 0, n - 1);
  const Tensor goes_on = cat({no, inner}), is_followed = cat({inner, no});
  const Tensor one_before = cat({x.narrow(0, 0, 1), x.narrow(0, 0, n - 1)});
  const Tensor before =
      linear_recurrence(masked(one_before, goes_on), goes_on.logical_not().to(x.dtype()), 0, false);
  const Tensor behind =
      linear_recurrence(masked(x, goes_on), is_followed.logical_not().to(x.dtype()), 0, true);
  return put_along(before * behind, 0, order, n);
}

Tensor product_of(const Tensor& base, const IndexMap& map, const Tensor& source) {
  const Tensor out = written(base, map, IndexWrite::multiply, source);
  return record(
      map.op, out, {base, source},
      [map, base = save(base), source = save(source)](const Tensor& gradient,
                                                      const NeededInputs&) -> std::vector<Tensor> {
        const Tensor own = base.get(), theirs = source.get();
        const int64_t n = own.numel();
        const Tensor places = arange(n, {.dtype = int64, .device = own.device()});
        const Tensor keys = cat({places, pick(places.view(map.source), map).reshape({-1})});
        const Tensor elements = cat({own.reshape({-1}), theirs.reshape({-1})});
        const Tensor all =
            gradient.reshape({-1}).index_select(0, keys) * product_of_others(elements, keys);
        return {all.narrow(0, 0, n).reshape(own.shape()),
                all.narrow(0, n, theirs.numel()).reshape(theirs.shape())};
      });
}

Tensor combined(Combine how, const Tensor& x, const IndexMap& map, const Tensor& source,
                bool include_self) {
  if (how == Combine::mean && x.dtype() == boolean)
    fail(map.op, ": a mean is not defined for bool; convert first, with .to(float32) for example");
  Tensor base = x;
  if (!include_self) {
    base = x.clone();
    write_to(base, map, IndexWrite::assign,
             number_at(map, neutral(how, x.dtype()), x.dtype(), x.device()));
  }
  switch (how) {
    case Combine::amax:
      return extreme_of(IndexWrite::maximum, base, map, source, include_self);
    case Combine::amin:
      return extreme_of(IndexWrite::minimum, base, map, source, include_self);
    case Combine::prod:
      return product_of(base, map, source);
    default:
      break;
  }
  Tensor sum = base.clone();
  write_to(sum, map, IndexWrite::add, source);
  return how == Combine::sum ? sum : mean_of(map, sum, include_self);
}

}  // namespace

Tensor IndexingMethods::scatter_reduce(int64_t dim, const Tensor& index, const Tensor& source,
                                       std::string_view reduce, bool include_self) const {
  constexpr std::string_view kOp = "scatter_reduce";
  const Tensor& x = self(*this);
  const Tensor places = checked_index(kOp, x, index);
  const IndexMap map = along_dim(kOp, x, wrap_dim(kOp, dim, x.dim()), places);
  const Combine how = combine_of(kOp, reduce, /*takes_sum=*/true);
  return combined(how, x, map, source_within(map, x, index, source), include_self);
}

Tensor IndexingMethods::index_reduce(int64_t dim, const Tensor& index, const Tensor& source,
                                     std::string_view reduce, bool include_self) const {
  constexpr std::string_view kOp = "index_reduce";
  const Tensor& x = self(*this);
  const IndexMap map = in_place_of_dim(kOp, x, dim, index);
  const Combine how = combine_of(kOp, reduce, /*takes_sum=*/false);
  return combined(how, x, map, slices_for(map, x, source), include_self);
}

Tensor& IndexingMethods::scatter_reduce_(int64_t dim, const Tensor& index, const Tensor& source,
                                         std::string_view reduce, bool include_self) {
  Tensor& x = self(*this);
  const Tensor before = check_defined("scatter_reduce_", x).clone();  // the backward may need it
  return overwrite("scatter_reduce_", x,
                   before.scatter_reduce(dim, index, source, reduce, include_self));
}
Tensor& IndexingMethods::index_reduce_(int64_t dim, const Tensor& index, const Tensor& source,
                                       std::string_view reduce, bool include_self) {
  Tensor& x = self(*this);
  const Tensor before = check_defined("index_reduce_", x).clone();  // the backward may need it
  return overwrite("index_reduce_", x,
                   before.index_reduce(dim, index, source, reduce, include_self));
}

}  // namespace cuttle
