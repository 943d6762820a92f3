// A tensor cut along a dimension into views: split, chunk, unbind.
#include "../creation.h"
#include "../dispatch.h"
#include "view.h"

namespace cuttle {
namespace {

int dim_to_cut(std::string_view op, const Tensor& x, int64_t dim) {
  if (x.dim() == 0) fail(op, ": a tensor without dimensions cannot be cut");
  return wrap_dim(op, dim, x.dim());
}

// The parts between neighbouring places, which may lie beyond the end.
std::vector<Tensor> cut_at(const Tensor& x, int d, const std::vector<int64_t>& places) {
  std::vector<Tensor> parts;
  for (size_t i = 0; i + 1 < places.size(); ++i)
    parts.push_back(x.slice(d, places[i], std::max(places[i], places[i + 1])));
  return parts;
}

}  // namespace

std::vector<Tensor> ViewMethods::split(int64_t split_size, int64_t dim) const {
  const Tensor& x = check_defined("split", self(*this));
  const int d = dim_to_cut("split", x, dim);
  const int64_t size = x.shape()[d];
  if (split_size < 0 || (split_size == 0 && size != 0))
    fail("split: parts of size ", split_size, " cannot make up size ", size, " of dimension ", d,
         " in shape ", x.shape());
  std::vector<Tensor> parts;
  for (int64_t at = 0; at < size || parts.empty(); at += split_size)
    parts.push_back(x.narrow(d, at, std::min(split_size, size - at)));
  return parts;
}

std::vector<Tensor> ViewMethods::split(const std::vector<int64_t>& sizes, int64_t dim) const {
  const Tensor& x = check_defined("split", self(*this));
  const int d = dim_to_cut("split", x, dim);
  int64_t sum = 0;
  for (const int64_t size : sizes) {
    if (size < 0) fail("split: sizes must not be negative, got ", size);
    sum += size;
  }
  if (sum != x.shape()[d])
    fail("split: the sizes add up to ", sum, ", dimension ", d, " of shape ", x.shape(), " is ",
         x.shape()[d]);
  std::vector<Tensor> parts;
  int64_t at = 0;
  for (const int64_t size : sizes) {
    parts.push_back(x.narrow(d, at, size));
    at += size;
  }
  return parts;
}

std::vector<Tensor> ViewMethods::chunk(int64_t chunks, int64_t dim) const {
  const Tensor& x = check_defined("chunk", self(*this));
  const int d = dim_to_cut("chunk", x, dim);
  if (chunks < 1) fail("chunk: the number of chunks must be at least 1, got ", chunks);
  const int64_t size = x.shape()[d], each = (size + chunks - 1) / chunks;
  if (each == 0) return std::vector<Tensor>(static_cast<size_t>(chunks), x.narrow(d, 0, 0));
  return split(each, d);
}

std::vector<Tensor> ViewMethods::tensor_split(int64_t sections, int64_t dim) const {
  const Tensor& x = check_defined("tensor_split", self(*this));
  const int d = dim_to_cut("tensor_split", x, dim);
  if (sections < 1) fail("tensor_split: the number of sections must be at least 1, got ", sections);
  const int64_t size = x.shape()[d], longer = size % sections;
  std::vector<int64_t> places{0};
  for (int64_t i = 0; i < sections; ++i)
    places.push_back(places.back() + size / sections + (i < longer ? 1 : 0));
  return cut_at(x, d, places);
}

std::vector<Tensor> ViewMethods::tensor_split(const std::vector<int64_t>& indices,
                                              int64_t dim) const {
  const Tensor& x = check_defined("tensor_split", self(*this));
  const int d = dim_to_cut("tensor_split", x, dim);
  const int64_t size = x.shape()[d];
  std::vector<Tensor> parts;
  int64_t start = 0;
  for (size_t i = 0; i <= indices.size(); ++i) {
    const int64_t end = i < indices.size() ? indices[i] : size;
    parts.push_back(x.slice(d, start, end));
    start = end;
  }
  return parts;
}

std::vector<Tensor> ViewMethods::unbind(int64_t dim) const {
  const Tensor& x = check_defined("unbind", self(*this));
  const int d = dim_to_cut("unbind", x, dim);
  std::vector<Tensor> parts;
  for (int64_t i = 0; i < x.shape()[d]; ++i) parts.push_back(x.select(d, i));
  return parts;
}

std::vector<Tensor> broadcast_tensors(const std::vector<Tensor>& tensors) {
  Shape shape;
  for (const Tensor& tensor : tensors)
    shape = broadcast_shapes("broadcast_tensors", shape,
                             check_defined("broadcast_tensors", tensor).shape());
  std::vector<Tensor> out;
  for (const Tensor& tensor : tensors) out.push_back(tensor.expand(shape));
  return out;
}

}  // namespace cuttle
