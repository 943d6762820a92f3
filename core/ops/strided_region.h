// Places in a memory: which elements two views of it share, and how gradients pass from one to the
// other.
#pragma once

#include "../tensor.h"

namespace cuttle {

/// What strides address, from `offset` on, in a memory that is not said.
struct Region {
  Shape shape;
  Strides strides;
  int64_t offset = 0;
};

Region region_of(const Tensor& tensor);

/// One past the last element; `offset` where there is none.
int64_t end_of(const Region& region);

/// True if two elements of the region may be one place in memory.
bool may_overlap(const Region& region);

/// Adds up, at each place of the memory, the elements of `values`, which lie as `from` says, and
/// reads the sums as `to` does; places where there are none hold 0. The gradient of a tensor that
/// lies as `to`, from the gradient of a view that lies as `from`. Recorded.
Tensor spread(const Tensor& values, const Region& from, const Region& to);

}  // namespace cuttle
