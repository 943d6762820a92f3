#include "rearrange.h"

#include <algorithm>

#include "../creation.h"
#include "../dispatch.h"
#include "overwrite.h"
#include "remap.h"

namespace cuttle {
namespace {

using kernels::IndexMap;

// Far enough for every diagonal, and far from an overflow.
constexpr int64_t kEverything = int64_t{1} << 60;

// `x` with 0 where column − row lies outside of [low, high].
Tensor band(std::string_view op, const Tensor& x, int64_t low, int64_t high) {
  check_defined(op, x);
  if (x.dim() < 2) fail(op, ": expected a matrix or a batch of them, got shape ", x.shape());
  RemapPlan plan(op, x);
  plan.row = x.dim() - 2;
  plan.column = x.dim() - 1;
  plan.low = low;
  plan.high = high;
  return remapped(plan, x);
}

int64_t clamped(int64_t diagonal) {
  return std::clamp(diagonal, -kEverything, kEverything);
}

// The places (2, n) of a matrix where column − row lies in [low, high], row by row.
Tensor band_indices(std::string_view op, int64_t rows, int64_t columns, int64_t low, int64_t high,
                    const TensorOptions& options) {
  if (rows < 0 || columns < 0)
    fail(op, ": expected sizes of at least 0, got ", rows, " rows and ", columns, " columns");
  std::vector<int64_t> places, of_columns;
  for (int64_t i = 0; i < rows; ++i)
    for (int64_t j = std::max<int64_t>(0, i + low); j < std::min(columns, i + high + 1); ++j) {
      places.push_back(i);
      of_columns.push_back(j);
    }
  const auto n = static_cast<int64_t>(places.size());
  places.insert(places.end(), of_columns.begin(), of_columns.end());
  return tensor(places, {2, n}, {.dtype = options.dtype.value_or(int64), .device = options.device});
}

}  // namespace

Tensor RearrangingMethods::flip(const std::vector<int64_t>& dims) const {
  const Tensor& x = check_defined("flip", self(*this));
  RemapPlan plan("flip", x);
  for (const int64_t dim : dims) {
    const int d = wrap_dim("flip", dim, x.dim());
    RemapPlan::Dim& own = plan.dims[static_cast<size_t>(d)];
    if (own.map == IndexMap::reverse)
      fail("flip: dimension ", dim, " of shape ", x.shape(), " is given twice");
    own.map = IndexMap::reverse;
  }
  return remapped(plan, x);
}

Tensor RearrangingMethods::fliplr() const {
  const Tensor& x = check_defined("fliplr", self(*this));
  if (x.dim() < 2) fail("fliplr: expected at least two dimensions, got shape ", x.shape());
  return x.flip({1});
}

Tensor RearrangingMethods::flipud() const {
  const Tensor& x = check_defined("flipud", self(*this));
  if (x.dim() < 1) fail("flipud: expected at least one dimension, got shape ", x.shape());
  return x.flip({0});
}

Tensor RearrangingMethods::roll(const Dims& shifts, const Dims& dims) const {
  const Tensor& x = check_defined("roll", self(*this));
  if (dims.empty() && shifts.size() == 1 && x.dim() != 1)
    return x.flatten().roll(shifts, 0).reshape(x.shape());
  const Dims along = dims.empty() && shifts.size() == 1 ? Dims(0) : dims;
  if (shifts.size() != along.size() || shifts.empty())
    fail("roll: expected a shift for each dimension, got ", shifts.size(), " shifts and ",
         dims.size(), " dimensions");
  RemapPlan plan("roll", x);
  auto dim = along.begin();
  for (const int64_t shift : shifts) {
    const int d = wrap_dim("roll", *dim++, x.dim());
    const int64_t size = x.size(d);
    if (size == 0) continue;
    RemapPlan::Dim& own = plan.dims[static_cast<size_t>(d)];
    own = {IndexMap::wrap, (own.offset - shift % size) % size};
  }
  return remapped(plan, x);
}

Tensor RearrangingMethods::rot90(int64_t k, const std::vector<int64_t>& dims) const {
  const Tensor& x = check_defined("rot90", self(*this));
  if (dims.size() != 2) fail("rot90: expected two dimensions, got ", dims.size());
  if (x.dim() < 2) fail("rot90: expected at least two dimensions, got shape ", x.shape());
  const int a = wrap_dim("rot90", dims[0], x.dim()), b = wrap_dim("rot90", dims[1], x.dim());
  if (a == b) fail("rot90: the two dimensions must differ, got ", dims[0], " and ", dims[1]);
  switch ((k % 4 + 4) % 4) {
    case 1:
      return x.flip({b}).transpose(a, b);
    case 2:
      return x.flip({a, b});
    case 3:
      return x.flip({a}).transpose(a, b);
    default:
      return x.clone();
  }
}

Tensor RearrangingMethods::tril(int64_t diagonal) const {
  return band("tril", self(*this), -kEverything, clamped(diagonal));
}

Tensor RearrangingMethods::triu(int64_t diagonal) const {
  return band("triu", self(*this), clamped(diagonal), kEverything);
}

Tensor& RearrangingMethods::tril_(int64_t diagonal) {
  return overwrite("tril_", self(*this),
                   band("tril_", self(*this), -kEverything, clamped(diagonal)));
}

Tensor& RearrangingMethods::triu_(int64_t diagonal) {
  return overwrite("triu_", self(*this),
                   band("triu_", self(*this), clamped(diagonal), kEverything));
}

Tensor& RearrangingMethods::fill_diagonal_(Scalar value, bool wrap) {
  Tensor& x = self(*this);
  check_defined("fill_diagonal_", x);
  if (x.dim() < 2) fail("fill_diagonal_: expected at least two dimensions, got shape ", x.shape());
  if (x.dim() > 2 && x.shape() != Shape::filled(x.dim(), x.size(0)))
    fail("fill_diagonal_: beyond two dimensions all sizes must be equal, got shape ", x.shape());
  check_in_place("fill_diagonal_", x, {});
  if (x.numel() == 0) return x;
  if (x.dim() > 2) {
    int64_t step = 0;
    for (const int64_t stride : x.strides()) step += stride;
    x.as_strided({x.size(0)}, {step}).fill_(value);
    return x;
  }
  const int64_t rows = x.size(0), columns = x.size(1);
  for (int64_t first = 0; first < rows; first += columns + 1) {
    x.narrow(0, first, std::min(columns, rows - first)).diagonal().fill_(value);
    if (!wrap) break;
  }
  return x;
}

Tensor tril_indices(int64_t rows, int64_t columns, int64_t offset, const TensorOptions& options) {
  return band_indices("tril_indices", rows, columns, -kEverything, clamped(offset), options);
}

Tensor triu_indices(int64_t rows, int64_t columns, int64_t offset, const TensorOptions& options) {
  return band_indices("triu_indices", rows, columns, clamped(offset), kEverything, options);
}

Tensor flip(const Tensor& x, const std::vector<int64_t>& dims) {
  return x.flip(dims);
}
Tensor fliplr(const Tensor& x) {
  return x.fliplr();
}
Tensor flipud(const Tensor& x) {
  return x.flipud();
}
Tensor roll(const Tensor& x, const Dims& shifts, const Dims& dims) {
  return x.roll(shifts, dims);
}
Tensor rot90(const Tensor& x, int64_t k, const std::vector<int64_t>& dims) {
  return x.rot90(k, dims);
}
Tensor tril(const Tensor& x, int64_t diagonal) {
  return x.tril(diagonal);
}
Tensor triu(const Tensor& x, int64_t diagonal) {
  return x.triu(diagonal);
}

}  // namespace cuttle
