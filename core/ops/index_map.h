// The one mechanism behind gather, scatter, index_select, x[i, j] and their kin: a map from the
// elements of a result to elements of a tensor, read through (pick) and written through (write_to).
// Each is the other's derivative.
#pragma once

#include <array>
#include <vector>

#include "../../kernels/index.h"
#include "../tensor.h"

namespace cuttle {

/// Which element of a tensor of shape `source` belongs to each element of `shape`. Along dimension
/// d of `shape` it walks along dimension walks[d] of the tensor (-1: along none), and in the
/// dimensions `dims` it stands where the index tensors say.
struct IndexMap {
  std::string_view op;  // a literal
  Shape source, shape;
  int first = 0, count = 0;  // the dimensions of `shape` along which index tensors vary
  std::array<int, kMaxRank> walks{};
  std::vector<Tensor> index;  // int64, all of one shape, shape[first … first + count), and strides
  std::vector<int> dims;      // which dimension of the tensor each picks from
  bool from_back = false;     // negative indices count from the back
  bool unique = false;        // no element is picked twice
};

/// The map of gather and scatter: shape is the index's, and walks along every dimension but `dim`.
IndexMap along_dim(std::string_view op, const Tensor& x, int dim, const Tensor& index);
/// The map of index_select and index_add: index, of one dimension or none, takes the place of
/// `dim`.
IndexMap in_place_of_dim(std::string_view op, const Tensor& x, int64_t dim, const Tensor& index);

/// `source` of a scatter, of x's dtype and device and at least the index's sizes, cut to the map.
Tensor source_within(const IndexMap& map, const Tensor& x, const Tensor& index,
                     const Tensor& source);
/// `source` of index_add and its kin, of x's dtype and device and the map's shape.
Tensor slices_for(const IndexMap& map, const Tensor& x, const Tensor& source);

/// `index` as int64, after checking that its dtype can hold indices and its device is x's.
Tensor checked_index(std::string_view op, const Tensor& x, const Tensor& index);

/// The elements that the map picks from x, of shape map.shape. Recorded. Its derivative adds each
/// gradient to the element that was picked.
Tensor pick(const Tensor& x, const IndexMap& map);

/// Writes `value`, of map.shape, to the picked elements of `x` in place. Recorded; `multiply` is
/// not differentiable and refused where it would have to be. Where elements are picked several
/// times and assigned, the last one counts, and each gets the gradient, as in PyTorch.
void write_to(Tensor& x, const IndexMap& map, kernels::IndexWrite op, const Tensor& value);

}  // namespace cuttle
