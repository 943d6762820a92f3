// Slices, masked elements and flat positions, written: index_copy, index_fill, masked_fill,
// masked_scatter, take, put, take_along_dim.
#include "../../kernels/index.h"

#include "../autograd/record.h"
#include "../creation.h"
#include "../dispatch.h"
#include "../strided_loop.h"
#include "../tensor_impl.h"
#include "along.h"
#include "arithmetic.h"
#include "binary.h"
#include "index_map.h"

namespace cuttle {

using kernels::IndexWrite;

namespace {

void check_mask(std::string_view op, const Tensor& x, const Tensor& mask) {
  check_defined(op, mask);
  check_same_device(op, {&x, &mask});
  if (mask.dtype() != boolean)
    fail(op, ": the mask must be bool, got ", mask.dtype(), "; compare it, with != 0 for example");
  if (broadcast_shapes(op, x.shape(), mask.shape()) != x.shape())
    fail(op, ": the mask of shape ", mask.shape(), " does not broadcast to the tensor's ",
         x.shape());
}

Tensor number(const Tensor& x, Scalar value) {
  return full({}, value, {.dtype = x.dtype(), .device = x.device()});
}

// Positions in the row-major order of a tensor of shape `source`, as a map from one dimension.
IndexMap flat_map(std::string_view op, const Tensor& x, const Tensor& index) {
  const Tensor places = checked_index(op, x, index);
  IndexMap map;
  map.op = op;
  map.source = {x.numel()};
  map.shape = {places.numel()};
  map.count = 1;
  map.walks[0] = -1;
  map.index = {places.reshape({-1})};
  map.dims = {0};
  map.from_back = true;
  return map;
}

}  // namespace

Tensor& IndexingMethods::index_copy_(int64_t dim, const Tensor& index, const Tensor& source) {
  Tensor& x = self(*this);
  const IndexMap map = in_place_of_dim("index_copy", x, dim, index);
  write_to(x, map, IndexWrite::assign, slices_for(map, x, source));
  return x;
}

Tensor& IndexingMethods::index_fill_(int64_t dim, const Tensor& index, const Tensor& value) {
  Tensor& x = self(*this);
  check_defined("index_fill", value);
  if (value.dim() != 0)
    fail("index_fill: the value must be a number or a tensor without dimensions, got shape ",
         value.shape());
  const IndexMap map = in_place_of_dim("index_fill", x, dim, index);
  write_to(x, map, IndexWrite::assign, value.to(x.device(), x.dtype()).expand(map.shape));
  return x;
}
Tensor& IndexingMethods::index_fill_(int64_t dim, const Tensor& index, Scalar value) {
  return index_fill_(dim, index, number(self(*this), value));
}

Tensor& IndexingMethods::masked_fill_(const Tensor& mask, const Tensor& value) {
  Tensor& x = self(*this);
  check_defined("masked_fill", x);
  check_mask("masked_fill", x, mask);
  check_defined("masked_fill", value);
  if (value.dim() != 0)
    fail("masked_fill: the value must be a number or a tensor without dimensions, got shape ",
         value.shape());
  const Tensor filling = value.to(x.device(), x.dtype());
  check_in_place("masked_fill", x, {filling});
  const Tensor before = x;
  Tensor set = mask.expand(x.shape());
  if (mask.impl().storage == x.impl().storage) set = set.clone();  // the two may overlap
  const auto loop = make_loop(x.shape(), {set.strides(), Strides::filled(x.dim(), 0), x.strides()});
  dispatch_all(x.dtype(), [&]<class T>() {
    on_device(x.device(), [&](auto stream) {
      kernels::mask_write(stream, loop, set.data<bool>(), filling.data<T>(), x.data<T>());
    });
  });
  record_in_place(
      "masked_fill", x, {before, filling},
      [set = save(set)](const Tensor& gradient, const NeededInputs& needed) -> std::vector<Tensor> {
        Tensor d_self, d_value;
        if (needed[0]) d_self = masked(gradient, set.get() == false);
        if (needed[1]) d_value = masked(gradient, set.get()).sum();
        return {d_self, d_value};
      });
  return x;
}
Tensor& IndexingMethods::masked_fill_(const Tensor& mask, Scalar value) {
  return masked_fill_(mask, number(self(*this), value));
}

Tensor& IndexingMethods::masked_scatter_(const Tensor& mask, const Tensor& source) {
  Tensor& x = self(*this);
  check_defined("masked_scatter", x);
  check_mask("masked_scatter", x, mask);
  check_defined("masked_scatter", source);
  check_same_device("masked_scatter", {&x, &source});
  check_same_dtype("masked_scatter", {&x, &source});
  IndexMap map;
  map.op = "masked_scatter";
  map.unique = true;
  map.count = 1;
  map.walks[0] = -1;
  map.source = x.dim() == 0 ? Shape{1} : x.shape();
  const Tensor places = places_of("masked_scatter", mask.expand(x.shape()).reshape(map.source));
  for (int d = 0; d < map.source.size(); ++d) {
    map.index.push_back(places.select(1, d));
    map.dims.push_back(d);
  }
  const int64_t count = places.size(0);
  map.shape = {count};
  if (source.numel() < count)
    fail("masked_scatter: the mask has ", count, " elements set, the source of shape ",
         source.shape(), " only ", source.numel(), " elements");
  write_to(x, map, IndexWrite::assign, source.reshape({-1}).narrow(0, 0, count));
  return x;
}

Tensor IndexingMethods::take(const Tensor& index) const {
  const Tensor& x = check_defined("take", self(*this));
  return pick(x.reshape({-1}), flat_map("take", x, index)).reshape(index.shape());
}

Tensor& IndexingMethods::put_(const Tensor& index, const Tensor& source, bool accumulate) {
  Tensor& x = self(*this);
  IndexMap map = flat_map("put", x, index);
  check_defined("put", source);
  check_same_device("put", {&x, &source});
  check_same_dtype("put", {&x, &source});
  if (source.numel() != index.numel())
    fail("put: ", index.numel(), " indices (shape ", index.shape(), ") for ", source.numel(),
         " values (shape ", source.shape(), "); there must be as many");
  Tensor flat = x.dim() == 1 ? x : x.view({-1});
  write_to(flat, map, accumulate ? IndexWrite::add : IndexWrite::assign, source.reshape({-1}));
  return x;
}

Tensor IndexingMethods::take_along_dim(const Tensor& indices, std::optional<int64_t> dim) const {
  const Tensor& x = check_defined("take_along_dim", self(*this));
  check_defined("take_along_dim", indices);
  if (!dim) return x.reshape({-1}).gather(0, indices.reshape({-1}));
  const int d = wrap_dim("take_along_dim", *dim, x.dim());
  if (x.dim() != indices.dim())
    fail("take_along_dim: the indices (shape ", indices.shape(),
         ") must have as many dimensions as the tensor (shape ", x.shape(), ")");
  Shape of_x = x.shape(), of_index = indices.shape();
  of_x[d] = of_index[d] = 1;
  Shape common = broadcast_shapes("take_along_dim", of_x, of_index);
  common[d] = x.shape()[d];
  const Tensor wide = x.expand(common);
  common[d] = indices.shape()[d];
  return wide.gather(d, indices.expand(common));
}

Tensor IndexingMethods::index_copy(int64_t dim, const Tensor& index, const Tensor& source) const {
  Tensor out = check_defined("index_copy", self(*this)).clone();
  return out.index_copy_(dim, index, source);
}
Tensor IndexingMethods::index_fill(int64_t dim, const Tensor& index, const Tensor& value) const {
  Tensor out = check_defined("index_fill", self(*this)).clone();
  return out.index_fill_(dim, index, value);
}
Tensor IndexingMethods::index_fill(int64_t dim, const Tensor& index, Scalar value) const {
  Tensor out = check_defined("index_fill", self(*this)).clone();
  return out.index_fill_(dim, index, value);
}
Tensor IndexingMethods::masked_fill(const Tensor& mask, const Tensor& value) const {
  const Tensor& x = check_defined("masked_fill", self(*this));
  check_defined("masked_fill", mask);
  Tensor out = x.expand(broadcast_shapes("masked_fill", x.shape(), mask.shape())).clone();
  return out.masked_fill_(mask, value);
}
Tensor IndexingMethods::masked_fill(const Tensor& mask, Scalar value) const {
  return masked_fill(mask, number(check_defined("masked_fill", self(*this)), value));
}
Tensor IndexingMethods::masked_scatter(const Tensor& mask, const Tensor& source) const {
  const Tensor& x = check_defined("masked_scatter", self(*this));
  check_defined("masked_scatter", mask);
  Tensor out = x.expand(broadcast_shapes("masked_scatter", x.shape(), mask.shape())).clone();
  return out.masked_scatter_(mask, source);
}
Tensor IndexingMethods::put(const Tensor& index, const Tensor& source, bool accumulate) const {
  const Tensor& x = check_defined("put", self(*this));
  Tensor out = x.is_contiguous() ? x.clone() : x.contiguous();  // put_ needs a flat view
  return out.put_(index, source, accumulate);
}

}  // namespace cuttle
