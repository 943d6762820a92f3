// Views as functions.
#include "views.h"

namespace cuttle {

Tensor reshape(const Tensor& x, const Shape& shape) {
  return x.reshape(shape);
}
Tensor flatten(const Tensor& x, int64_t start_dim, int64_t end_dim) {
  return x.flatten(start_dim, end_dim);
}
Tensor ravel(const Tensor& x) {
  return x.ravel();
}
Tensor unflatten(const Tensor& x, int64_t dim, const Shape& sizes) {
  return x.unflatten(dim, sizes);
}
Tensor t(const Tensor& x) {
  return x.t();
}
Tensor transpose(const Tensor& x, int64_t dim0, int64_t dim1) {
  return x.transpose(dim0, dim1);
}
Tensor swapaxes(const Tensor& x, int64_t axis0, int64_t axis1) {
  return x.swapaxes(axis0, axis1);
}
Tensor swapdims(const Tensor& x, int64_t dim0, int64_t dim1) {
  return x.swapdims(dim0, dim1);
}
Tensor permute(const Tensor& x, const std::vector<int64_t>& dims) {
  return x.permute(dims);
}
Tensor movedim(const Tensor& x, const Dims& source, const Dims& destination) {
  return x.movedim(source, destination);
}
Tensor moveaxis(const Tensor& x, const Dims& source, const Dims& destination) {
  return x.moveaxis(source, destination);
}
Tensor squeeze(const Tensor& x, const Dims& dims) {
  return x.squeeze(dims);
}
Tensor unsqueeze(const Tensor& x, int64_t dim) {
  return x.unsqueeze(dim);
}
Tensor broadcast_to(const Tensor& x, const Shape& shape) {
  return x.broadcast_to(shape);
}
Tensor atleast_1d(const Tensor& x) {
  return x.atleast_1d();
}
Tensor atleast_2d(const Tensor& x) {
  return x.atleast_2d();
}
Tensor atleast_3d(const Tensor& x) {
  return x.atleast_3d();
}
Tensor select(const Tensor& x, int64_t dim, int64_t index) {
  return x.select(dim, index);
}
Tensor narrow(const Tensor& x, int64_t dim, int64_t start, int64_t length) {
  return x.narrow(dim, start, length);
}
std::vector<Tensor> split(const Tensor& x, int64_t split_size, int64_t dim) {
  return x.split(split_size, dim);
}
std::vector<Tensor> split(const Tensor& x, const std::vector<int64_t>& sizes, int64_t dim) {
  return x.split(sizes, dim);
}
std::vector<Tensor> chunk(const Tensor& x, int64_t chunks, int64_t dim) {
  return x.chunk(chunks, dim);
}
std::vector<Tensor> tensor_split(const Tensor& x, int64_t sections, int64_t dim) {
  return x.tensor_split(sections, dim);
}
std::vector<Tensor> tensor_split(const Tensor& x, const std::vector<int64_t>& indices,
                                 int64_t dim) {
  return x.tensor_split(indices, dim);
}
std::vector<Tensor> unbind(const Tensor& x, int64_t dim) {
  return x.unbind(dim);
}
Tensor diagonal(const Tensor& x, int64_t offset, int64_t dim1, int64_t dim2) {
  return x.diagonal(offset, dim1, dim2);
}
Tensor diag_embed(const Tensor& x, int64_t offset, int64_t dim1, int64_t dim2) {
  return x.diag_embed(offset, dim1, dim2);
}
Tensor diag(const Tensor& x, int64_t diagonal) {
  return x.diag(diagonal);
}
Tensor as_strided(const Tensor& x, const Shape& size, const Strides& stride,
                  std::optional<int64_t> storage_offset) {
  return x.as_strided(size, stride, storage_offset);
}

}  // namespace cuttle
