// gather, scatter and their kin: index tensors along one dimension.
#include "../autocast.h"
#include "../creation.h"
#include "../dispatch.h"
#include "../tensor_impl.h"
#include "arithmetic.h"
#include "index_map.h"

namespace cuttle {
namespace {

using kernels::IndexWrite;

IndexMap map_along(std::string_view op, const Tensor& x, int64_t dim, const Tensor& index) {
  return along_dim(op, x, wrap_dim(op, dim, x.dim()), checked_index(op, x, index));
}

IndexWrite reduction_of(std::string_view reduce) {
  if (reduce == "add") return IndexWrite::add;
  if (reduce == "multiply") return IndexWrite::multiply;
  fail("scatter: reduce must be \"add\" or \"multiply\", got \"", reduce, "\"");
}

void scatter_tensor(std::string_view op, IndexWrite how, Tensor& x, int64_t dim,
                    const Tensor& index, const Tensor& source) {
  const IndexMap map = map_along(op, x, dim, index);
  write_to(x, map, how, source_within(map, x, index, source));
}

void scatter_scalar(std::string_view op, IndexWrite how, Tensor& x, int64_t dim,
                    const Tensor& index, Scalar value) {
  const IndexMap map = map_along(op, x, dim, index);
  write_to(x, map, how,
           full({}, value, {.dtype = x.dtype(), .device = x.device()}).expand(map.shape));
}

}  // namespace

Tensor IndexingMethods::gather(int64_t dim, const Tensor& index) const {
  const Tensor& x = check_defined("gather", self(*this));
  const Tensor out = pick(x, map_along("gather", x, dim, index));
  return index.dim() == 0 ? out.reshape(Shape{}) : out;
}

Tensor& IndexingMethods::scatter_(int64_t dim, const Tensor& index, const Tensor& source) {
  scatter_tensor("scatter", IndexWrite::assign, self(*this), dim, index, source);
  return self(*this);
}
Tensor& IndexingMethods::scatter_(int64_t dim, const Tensor& index, Scalar value) {
  scatter_scalar("scatter", IndexWrite::assign, self(*this), dim, index, value);
  return self(*this);
}
Tensor& IndexingMethods::scatter_(int64_t dim, const Tensor& index, const Tensor& source,
                                  std::string_view reduce) {
  scatter_tensor("scatter", reduction_of(reduce), self(*this), dim, index, source);
  return self(*this);
}
Tensor& IndexingMethods::scatter_(int64_t dim, const Tensor& index, Scalar value,
                                  std::string_view reduce) {
  scatter_scalar("scatter", reduction_of(reduce), self(*this), dim, index, value);
  return self(*this);
}
Tensor& IndexingMethods::scatter_add_(int64_t dim, const Tensor& index, const Tensor& source) {
  scatter_tensor("scatter_add", IndexWrite::add, self(*this), dim, index, source);
  return self(*this);
}

Tensor IndexingMethods::scatter(int64_t dim, const Tensor& index, const Tensor& source) const {
  Tensor out = check_defined("scatter", self(*this)).clone();
  return out.scatter_(dim, index, source);
}
Tensor IndexingMethods::scatter(int64_t dim, const Tensor& index, Scalar value) const {
  Tensor out = check_defined("scatter", self(*this)).clone();
  return out.scatter_(dim, index, value);
}
Tensor IndexingMethods::scatter(int64_t dim, const Tensor& index, const Tensor& source,
                                std::string_view reduce) const {
  Tensor out = check_defined("scatter", self(*this)).clone();
  return out.scatter_(dim, index, source, reduce);
}
Tensor IndexingMethods::scatter(int64_t dim, const Tensor& index, Scalar value,
                                std::string_view reduce) const {
  Tensor out = check_defined("scatter", self(*this)).clone();
  return out.scatter_(dim, index, value, reduce);
}
Tensor IndexingMethods::scatter_add(int64_t dim, const Tensor& index, const Tensor& source) const {
  const auto wide = autocast_widest({&check_defined("scatter_add", self(*this)), &source});
  Tensor out = (wide ? self(*this).to(*wide) : self(*this)).clone();
  return out.scatter_add_(dim, index, wide ? source.to(*wide) : source);
}

Tensor IndexingMethods::index_select(int64_t dim, const Tensor& index) const {
  const Tensor& x = check_defined("index_select", self(*this));
  const Tensor out = pick(x, in_place_of_dim("index_select", x, dim, index));
  return x.dim() == 0 ? out.reshape(Shape{}) : out;
}

Tensor& IndexingMethods::index_add_(int64_t dim, const Tensor& index, const Tensor& source,
                                    Scalar alpha) {
  Tensor& x = self(*this);
  check_defined("index_add", x);
  const IndexMap map = in_place_of_dim("index_add", x, dim, index);
  const Tensor slices = slices_for(map, x, source);
  write_to(x, map, IndexWrite::add, alpha.to<double>() == 1 ? slices : slices * alpha);
  return x;
}
Tensor IndexingMethods::index_add(int64_t dim, const Tensor& index, const Tensor& source,
                                  Scalar alpha) const {
  Tensor out = check_defined("index_add", self(*this)).clone();
  return out.index_add_(dim, index, source, alpha);
}

}  // namespace cuttle
