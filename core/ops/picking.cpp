// Elements picked and written by index, as functions.
#include "picking.h"

#include "../indexing.h"

namespace cuttle {

Tensor gather(const Tensor& x, int64_t dim, const Tensor& index) {
  return x.gather(dim, index);
}
Tensor scatter(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& source) {
  return x.scatter(dim, index, source);
}
Tensor scatter(const Tensor& x, int64_t dim, const Tensor& index, Scalar value) {
  return x.scatter(dim, index, value);
}
Tensor scatter(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& source,
               std::string_view reduce) {
  return x.scatter(dim, index, source, reduce);
}
Tensor scatter(const Tensor& x, int64_t dim, const Tensor& index, Scalar value,
               std::string_view reduce) {
  return x.scatter(dim, index, value, reduce);
}
Tensor scatter_add(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& source) {
  return x.scatter_add(dim, index, source);
}
Tensor scatter_reduce(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& source,
                      std::string_view reduce, bool include_self) {
  return x.scatter_reduce(dim, index, source, reduce, include_self);
}
Tensor index_select(const Tensor& x, int64_t dim, const Tensor& index) {
  return x.index_select(dim, index);
}
Tensor index_add(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& source,
                 Scalar alpha) {
  return x.index_add(dim, index, source, alpha);
}
Tensor index_copy(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& source) {
  return x.index_copy(dim, index, source);
}
Tensor index_fill(const Tensor& x, int64_t dim, const Tensor& index, Scalar value) {
  return x.index_fill(dim, index, value);
}
Tensor index_fill(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& value) {
  return x.index_fill(dim, index, value);
}
Tensor index_reduce(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& source,
                    std::string_view reduce, bool include_self) {
  return x.index_reduce(dim, index, source, reduce, include_self);
}
Tensor index_put(const Tensor& x, const std::vector<TensorIndex>& indices, const Tensor& values,
                 bool accumulate) {
  return x.index_put(indices, values, accumulate);
}
Tensor masked_fill(const Tensor& x, const Tensor& mask, Scalar value) {
  return x.masked_fill(mask, value);
}
Tensor masked_fill(const Tensor& x, const Tensor& mask, const Tensor& value) {
  return x.masked_fill(mask, value);
}
Tensor masked_scatter(const Tensor& x, const Tensor& mask, const Tensor& source) {
  return x.masked_scatter(mask, source);
}
Tensor take(const Tensor& x, const Tensor& index) {
  return x.take(index);
}
Tensor put(const Tensor& x, const Tensor& index, const Tensor& source, bool accumulate) {
  return x.put(index, source, accumulate);
}
Tensor take_along_dim(const Tensor& x, const Tensor& indices, std::optional<int64_t> dim) {
  return x.take_along_dim(indices, dim);
}

}  // namespace cuttle
