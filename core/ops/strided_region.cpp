#include "strided_region.h"

#include <algorithm>
#include <array>

#include "../creation.h"
#include "../tensor_impl.h"
#include "arithmetic.h"
#include "view.h"

namespace cuttle {
namespace {

// The place of each element, counted from the region's offset.
Tensor places_of(const Region& region, const Device& device) {
  Tensor places = zeros({1}, {.dtype = int64, .device = device});
  for (int d = 0; d < region.shape.size(); ++d) {
    const Tensor steps = arange(region.shape[d], {.dtype = int64, .device = device});
    places = places.unsqueeze(-1) + steps * region.strides[d];
    places = places.reshape({-1});
  }
  return places;
}

}  // namespace

Region region_of(const Tensor& tensor) {
  return {tensor.shape(), tensor.strides(), tensor.impl().offset};
}

int64_t end_of(const Region& region) {
  int64_t last = region.offset;
  for (int d = 0; d < region.shape.size(); ++d) {
    if (region.shape[d] == 0) return region.offset;
    last += (region.shape[d] - 1) * region.strides[d];
  }
  return last + 1;
}

// From the smallest stride up, each must step over all that the ones before reach.
bool may_overlap(const Region& region) {
  std::array<int, kMaxRank> order{};
  size_t rank = 0;
  for (int d = 0; d < region.shape.size(); ++d) {
    if (region.shape[d] == 0) return false;
    if (region.shape[d] == 1) continue;
    size_t at = rank++;
    for (; at > 0 && region.strides[order[at - 1]] > region.strides[d]; --at)
      order[at] = order[at - 1];
    order[at] = d;
  }
  int64_t reach = 0;
  for (size_t i = 0; i < rank; ++i) {
    const int d = order[i];
    if (region.strides[d] <= reach) return true;
    reach += (region.shape[d] - 1) * region.strides[d];
  }
  return false;
}

Tensor spread(const Tensor& values, const Region& from, const Region& to) {
  const int64_t start = std::min(from.offset, to.offset);
  const Shape span{std::max(end_of(from), end_of(to)) - start};
  Tensor memory;
  if (may_overlap(from)) {
    memory = zeros(span, {.dtype = values.dtype(), .device = values.device()})
                 .index_add(0, places_of(from, values.device()) + (from.offset - start),
                            values.reshape({-1}));
  } else {
    memory = embed(values, span, [=](const Tensor& whole) {
      const Tensor dense = whole.contiguous();
      return dense.as_strided(from.shape, from.strides, dense.impl().offset + from.offset - start);
    });
  }
  return memory.as_strided(to.shape, to.strides, to.offset - start);
}

}  // namespace cuttle
