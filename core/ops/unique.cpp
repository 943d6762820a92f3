// The different elements, or slices: runs of equals, once they are sorted.
#include "../creation.h"
#include "../dispatch.h"
#include "along.h"
#include "arithmetic.h"
#include "ordering.h"

namespace cuttle {
namespace {

// What is wanted beside the values.
struct Wanted {
  bool inverse, counts;
};

// The rows (n, m) of x in the order `order` (n).
Tensor rows_in_order(const Tensor& x, const Tensor& order) {
  return take_along(x, 0, order.view({order.size(0), 1}).expand({order.size(0), x.size(1)}));
}

// An order of the rows (n, m) that is lexicographic: sorted by the last column, then by those
// before it, each time keeping the order of equals.
Tensor lexicographic_order(const Tensor& x) {
  Tensor order;
  for (int64_t column = x.size(1) - 1; column >= 0; --column) {
    const Tensor keys = x.select(1, column);
    order = order.defined() ? take_along(order, 0, take_along(keys, 0, order).argsort(0))
                            : keys.argsort(0);
  }
  return order.defined() ? order : arange(x.size(0), {.device = x.device()});
}

// The first of each run of equal rows of x (n, m). `order`: where the rows were before they were
// sorted, undefined where they were not.
Uniques runs_of(std::string_view op, const Tensor& x, const Tensor& order, Wanted wanted) {
  const int64_t n = x.size(0);
  const TensorOptions bools{.dtype = boolean, .device = x.device()};
  const TensorOptions integers{.dtype = int64, .device = x.device()};
  Tensor begins = full({n}, true, bools);  // of a run
  if (n > 1) {
    const Tensor differs = x.narrow(0, 1, n - 1) != x.narrow(0, 0, n - 1);
    begins =
        cat({full({1}, true, bools), x.size(1) == 1 ? differs.view({n - 1}) : differs.sum(1) > 0});
  }
  const Tensor first = places_of(op, begins).view({-1});
  Uniques out{rows_in_order(x, first), {}, {}};
  if (wanted.inverse) {
    const Tensor run = begins.cumsum(0) - 1;
    out.inverse = order.defined() ? put_along(run, 0, order, n) : run;
  }
  if (wanted.counts) {
    const Tensor ends = cat({first, full({1}, n, integers)});
    out.counts = ends.narrow(0, 1, first.size(0)) - first;
  }
  return out;
}

// Of all elements, or of slices along a dimension.
Uniques uniques(std::string_view op, const Tensor& input, bool sorts, Wanted wanted,
                std::optional<int64_t> dim) {
  check_defined(op, input);
  const Tensor x = input.detach();
  if (!dim) {
    const Tensor flat = x.reshape({x.numel()});
    const ValuesIndices sorted = sorts ? flat.sort() : ValuesIndices{flat, {}};
    Uniques out = runs_of(op, sorted.values.view({x.numel(), 1}), sorted.indices, wanted);
    out.values = out.values.view({out.values.size(0)});
    if (wanted.inverse) out.inverse = out.inverse.view(x.shape());
    return out;
  }
  const int d = wrap_dim(op, *dim, x.dim());
  if (x.dim() == 0) fail(op, ": a tensor without dimensions has no slices; leave out dim");
  if (x.numel() == 0)
    fail(op, ": a tensor of shape ", x.shape(), " has no slices along dimension ", *dim,
         " that could be compared");
  const Tensor slices = x.transpose(0, d).contiguous();
  const Tensor rows = slices.view({slices.size(0), -1});
  const Tensor order = sorts ? lexicographic_order(rows) : Tensor();
  Uniques out = runs_of(op, sorts ? rows_in_order(rows, order) : rows, order, wanted);
  Shape shape = slices.shape();
  shape[0] = out.values.size(0);
  out.values = out.values.view(shape).transpose(0, d).contiguous();
  return out;
}

}  // namespace

Uniques OrderingMethods::unique(bool, bool return_inverse, bool return_counts,
                                std::optional<int64_t> dim) const {
  return uniques("unique", self(*this), /*sorts=*/true, {return_inverse, return_counts}, dim);
}
Uniques OrderingMethods::unique_consecutive(bool return_inverse, bool return_counts,
                                            std::optional<int64_t> dim) const {
  return uniques("unique_consecutive", self(*this), /*sorts=*/false,
                 {return_inverse, return_counts}, dim);
}

Uniques unique(const Tensor& x, bool sorted, bool return_inverse, bool return_counts,
               std::optional<int64_t> dim) {
  return x.unique(sorted, return_inverse, return_counts, dim);
}
Uniques unique_consecutive(const Tensor& x, bool return_inverse, bool return_counts,
                           std::optional<int64_t> dim) {
  return x.unique_consecutive(return_inverse, return_counts, dim);
}

}  // namespace cuttle
