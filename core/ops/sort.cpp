// Sorting along a dimension, and what is read off sorted rows: the first k, the k-th, the middle.
#include "../../kernels/sort.h"

#include "../autograd/record.h"
#include "../creation.h"
#include "../dispatch.h"
#include "along.h"
#include "arithmetic.h"
#include "binary.h"
#include "ordering.h"
#include "rearrange.h"

namespace cuttle {
namespace {

constexpr int64_t kMostSorted = (int64_t{1} << 31) - 1;

// The last dimension of a dense tensor, not recorded.
ValuesIndices sorted_rows(std::string_view op, const Tensor& x, bool descending) {
  const int64_t length = x.size(-1);
  if (length > kMostSorted)
    fail(op, ": at most ", kMostSorted, " elements can be sorted together, got ", length);
  Tensor values = empty(x.shape(), {.dtype = x.dtype(), .device = x.device()});
  Tensor indices = empty(x.shape(), {.dtype = int64, .device = x.device()});
  dispatch_all(x.dtype(), [&]<class T>() {
    on_device(x.device(), [&](auto stream) {
      kernels::sort_rows(stream, descending, length == 0 ? 0 : x.numel() / length, length,
                         x.data<T>(), values.data<T>(), indices.data<int64_t>());
    });
  });
  return {values, indices};
}

// Calls pick(rows, sorted) with the dimension last and sorted; it returns the values and indices
// that it wants of each row. The values are recorded, and both are turned back. A tensor without
// dimensions is a row of one.
template <class Pick>
ValuesIndices pick_sorted(std::string_view op, const Tensor& x, int64_t dim, bool descending,
                          const Pick& pick) {
  check_defined(op, x);
  const int d = wrap_dim(op, dim, x.dim());
  const Tensor rows = (x.dim() == 0 ? x.reshape({1}) : x.transpose(d, -1)).contiguous();
  const ValuesIndices picked = pick(rows.detach(), sorted_rows(op, rows, descending));
  const Tensor indices = picked.indices.contiguous();
  const Tensor values =
      record(op, picked.values.contiguous(), {rows},
             [length = rows.size(-1), indices = save(indices)](
                 const Tensor& gradient, const NeededInputs&) -> std::vector<Tensor> {
               return {put_along(gradient, gradient.dim() - 1, indices.get(), length)};
             });
  if (x.dim() == 0) return {values.reshape({}), indices.reshape({})};
  return {values.transpose(d, -1), indices.transpose(d, -1)};
}

// `count` neighbours of each sorted row.
ValuesIndices part_of(const ValuesIndices& sorted, int64_t first, int64_t count) {
  return {sorted.values.narrow(-1, first, count), sorted.indices.narrow(-1, first, count)};
}

ValuesIndices without_dim(const ValuesIndices& picked, int64_t dim, bool keepdim) {
  if (keepdim || picked.values.dim() == 0) return picked;
  return {picked.values.squeeze(dim), picked.indices.squeeze(dim)};
}

// How many NaN each row ends with: (…, 1).
Tensor nan_counts(const Tensor& rows) {
  return (rows != rows).sum(-1, /*keepdim=*/true);
}

// The place in a sorted row, rising, of its median: (…, 1). NaN are the last.
Tensor place_of_median(const Tensor& rows, bool ignore_nan) {
  const int64_t length = rows.size(-1), middle = (length - 1) / 2;
  Shape shape = rows.shape();
  shape[rows.dim() - 1] = 1;
  if (!is_floating_point(rows.dtype()))
    return full(shape, middle, {.dtype = int64, .device = rows.device()});
  const Tensor nans = nan_counts(rows);
  if (ignore_nan) return maximum(length - 1 - nans, zeros_like(nans)).floor_divide(2);
  return middle + (nans > 0).to(int64) * (length - middle - nans);  // the first NaN, if any
}

// The place in a sorted row of the last of its longest run of equals, of several runs the first:
// (…, 1).
Tensor place_of_mode(const Tensor& rows) {
  const int64_t length = rows.size(-1);
  const Tensor places = arange(length, {.dtype = int64, .device = rows.device()});
  const Tensor begins = rows.narrow(-1, 1, length - 1) != rows.narrow(-1, 0, length - 1);
  const Tensor starts = pad(where(begins, places.narrow(0, 1, length - 1), 0), {1, 0});
  return (places - starts.cummax(-1).values).argmax(-1, /*keepdim=*/true);
}

void check_not_empty(std::string_view op, const Tensor& x, int64_t dim) {
  check_defined(op, x);
  if (x.dim() > 0 && x.size(wrap_dim(op, dim, x.dim())) == 0)
    fail(op, ": dimension ", dim, " of shape ", x.shape(), " is empty and has no ",
         op == "mode" ? "mode" : "median");
}

// The elements at one place of each sorted row.
ValuesIndices picked_at(const ValuesIndices& sorted, const Tensor& place) {
  const int last = place.dim() - 1;
  return {take_along(sorted.values, last, place), take_along(sorted.indices, last, place)};
}

ValuesIndices median_along(std::string_view op, const Tensor& x, int64_t dim, bool keepdim,
                           bool ignore_nan) {
  check_defined(op, x);
  if (x.dtype() == boolean)
    fail(op, ": not defined for bool; convert first, with .to(float32) for example");
  check_not_empty(op, x, dim);
  const auto picked = pick_sorted(op, x, dim, /*descending=*/false,
                                  [&](const Tensor& rows, const ValuesIndices& sorted) {
                                    return picked_at(sorted, place_of_median(rows, ignore_nan));
                                  });
  return without_dim(picked, dim, keepdim);
}

// Of all elements. Those that equal the median share its gradient evenly, as in PyTorch.
Tensor median_of_all(std::string_view op, const Tensor& x, bool ignore_nan) {
  check_defined(op, x);
  const TensorOptions options{.dtype = x.dtype(), .device = x.device()};
  if (x.numel() == 0 && is_floating_point(x.dtype()))
    return record(
        op, full({}, NAN, options), {x},
        [shape = x.shape()](const Tensor& gradient, const NeededInputs&) -> std::vector<Tensor> {
          return {zeros(shape, {.dtype = gradient.dtype(), .device = gradient.device()})};
        },
        Saves::nothing);
  const Tensor flat = x.detach().reshape({x.numel()});
  const Tensor middle = median_along(op, flat, 0, /*keepdim=*/false, ignore_nan).values;
  return record(op, middle, {x},
                [x = save(x), saved = save_output(middle)](
                    const Tensor& gradient, const NeededInputs&) -> std::vector<Tensor> {
                  const Tensor all = x.get().detach(), result = saved.get().detach();
                  const Tensor equal =
                      (all == result) + (all != all) * (result != result);  // or, and
                  const Tensor share = gradient / equal.sum().to(gradient.dtype());
                  return {masked(share.expand(all.shape()), equal)};
                });
}

}  // namespace

ValuesIndices OrderingMethods::sort(int64_t dim, bool descending, bool) const {
  return pick_sorted("sort", self(*this), dim, descending,
                     [](const Tensor&, const ValuesIndices& sorted) { return sorted; });
}

Tensor OrderingMethods::argsort(int64_t dim, bool descending, bool) const {
  const Tensor& x = check_defined("argsort", self(*this));
  return pick_sorted("argsort", x.detach(), dim, descending,
                     [](const Tensor&, const ValuesIndices& sorted) { return sorted; })
      .indices;
}

ValuesIndices OrderingMethods::topk(int64_t k, int64_t dim, bool largest, bool) const {
  const Tensor& x = check_defined("topk", self(*this));
  return pick_sorted("topk", x, dim, largest, [&](const Tensor& rows, const ValuesIndices& sorted) {
    if (k < 0 || k > rows.size(-1))
      fail("topk: k must lie between 0 and ", rows.size(-1), ", the size of dimension ", dim,
           " of shape ", x.shape(), ", got ", k);
    return part_of(sorted, 0, k);
  });
}

ValuesIndices OrderingMethods::kthvalue(int64_t k, int64_t dim, bool keepdim) const {
  const Tensor& x = check_defined("kthvalue", self(*this));
  const auto picked =
      pick_sorted("kthvalue", x, dim, /*descending=*/false,
                  [&](const Tensor& rows, const ValuesIndices& sorted) {
                    if (k < 1 || k > rows.size(-1))
                      fail("kthvalue: k counts from 1 to ", rows.size(-1),
                           ", the size of dimension ", dim, " of shape ", x.shape(), ", got ", k);
                    return part_of(sorted, k - 1, 1);
                  });
  return without_dim(picked, dim, keepdim);
}

Tensor OrderingMethods::median() const {
  return median_of_all("median", self(*this), /*ignore_nan=*/false);
}
ValuesIndices OrderingMethods::median(int64_t dim, bool keepdim) const {
  return median_along("median", self(*this), dim, keepdim, /*ignore_nan=*/false);
}
Tensor OrderingMethods::nanmedian() const {
  return median_of_all("nanmedian", self(*this), /*ignore_nan=*/true);
}
ValuesIndices OrderingMethods::nanmedian(int64_t dim, bool keepdim) const {
  return median_along("nanmedian", self(*this), dim, keepdim, /*ignore_nan=*/true);
}

ValuesIndices OrderingMethods::mode(int64_t dim, bool keepdim) const {
  const Tensor& x = check_defined("mode", self(*this));
  check_not_empty("mode", x, dim);
  const auto picked = pick_sorted("mode", x, dim, /*descending=*/false,
                                  [](const Tensor&, const ValuesIndices& sorted) {
                                    return picked_at(sorted, place_of_mode(sorted.values));
                                  });
  return without_dim(picked, dim, keepdim);
}

ValuesIndices sort(const Tensor& x, int64_t dim, bool descending, bool stable) {
  return x.sort(dim, descending, stable);
}
Tensor argsort(const Tensor& x, int64_t dim, bool descending, bool stable) {
  return x.argsort(dim, descending, stable);
}
ValuesIndices topk(const Tensor& x, int64_t k, int64_t dim, bool largest, bool sorted) {
  return x.topk(k, dim, largest, sorted);
}
ValuesIndices kthvalue(const Tensor& x, int64_t k, int64_t dim, bool keepdim) {
  return x.kthvalue(k, dim, keepdim);
}
Tensor median(const Tensor& x) {
  return x.median();
}
ValuesIndices median(const Tensor& x, int64_t dim, bool keepdim) {
  return x.median(dim, keepdim);
}
Tensor nanmedian(const Tensor& x) {
  return x.nanmedian();
}
ValuesIndices nanmedian(const Tensor& x, int64_t dim, bool keepdim) {
  return x.nanmedian(dim, keepdim);
}
ValuesIndices mode(const Tensor& x, int64_t dim, bool keepdim) {
  return x.mode(dim, keepdim);
}

}  // namespace cuttle
