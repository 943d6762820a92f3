#include "remap.h"

#include <algorithm>
#include <bit>

#include "../autograd/record.h"
#include "../creation.h"
#include "../dispatch.h"
#include "../tensor_impl.h"

namespace cuttle {
namespace {

using kernels::IndexMap;
using kernels::Remap;
using kernels::RemapDim;

template <size_t bytes>
using Bits = std::conditional_t<
    bytes == 1, uint8_t,
    std::conditional_t<bytes == 2, uint16_t, std::conditional_t<bytes == 4, uint32_t, uint64_t>>>;

bool is_identity(const RemapDim& dim) {
  return dim.map == IndexMap::window && dim.offset == 0 && dim.size == dim.out_size;
}

// True if the inner dimension can be walked as part of the outer one, its neighbour.
bool merges(const RemapDim& outer, const RemapDim& inner) {
  return is_identity(outer) && is_identity(inner) && outer.stride == inner.stride * inner.size &&
         outer.out_stride == inner.out_stride * inner.out_size;
}

// The kernel's loop, in the memory order of what it writes: the result, or x's gradient.
Remap kernel_map(const RemapPlan& plan, const Strides& strides, const Strides& out_strides,
                 bool writes_result) {
  std::array<int, kMaxRank> order{};
  const int rank = plan.shape.size();
  const Strides& written = writes_result ? out_strides : strides;
  for (int d = 0; d < rank; ++d) {
    int at = d;
    const auto place = [&](int i) -> int& { return order[static_cast<size_t>(i)]; };
    for (; at > 0 && written[place(at - 1)] < written[d]; --at) place(at) = place(at - 1);
    place(at) = d;
  }
  Remap map;
  map.low = plan.low;
  map.high = plan.high;
  for (int i = 0; i < rank; ++i) {
    const int d = order[static_cast<size_t>(i)];
    const RemapPlan::Dim& own = plan.dims[static_cast<size_t>(d)];
    const RemapDim dim{own.map,    own.offset,        plan.shape[d],
                       strides[d], plan.out_shape[d], out_strides[d]};
    const bool in_band = d == plan.row || d == plan.column;
    if (dim.size == 1 && is_identity(dim) && !in_band) continue;
    const int last = map.rank - 1;
    if (last >= 0 && !in_band && last != map.row && last != map.column &&
        merges(map.dims[last], dim)) {
      map.dims[last].size *= dim.size;
      map.dims[last].out_size *= dim.out_size;
      map.dims[last].stride = dim.stride;
      map.dims[last].out_stride = dim.out_stride;
      continue;
    }
    if (d == plan.row) map.row = map.rank;
    if (d == plan.column) map.column = map.rank;
    map.dims[map.rank++] = dim;
  }
  if (map.rank == 0) map.dims[map.rank++] = RemapDim{};  // one element
  return map;
}

Tensor empty_remapped(const RemapPlan& plan, const Tensor& x) {
  if (plan.shape == plan.out_shape) return empty_like(x);
  const bool channels_last =
      x.dim() == 4 && !x.is_contiguous() && x.is_contiguous(MemoryFormat::channels_last);
  return empty(plan.out_shape, {.dtype = x.dtype(), .device = x.device()},
               channels_last ? MemoryFormat::channels_last : MemoryFormat::contiguous);
}

Tensor gradient_values(const RemapPlan& plan, const Tensor& gradient) {
  Tensor out = empty(plan.shape, {.dtype = gradient.dtype(), .device = gradient.device()});
  const Remap map = kernel_map(plan, out.strides(), gradient.strides(), false);
  dispatch_floating(plan.op, out.dtype(), [&]<class T>() {
    on_device(out.device(), [&](auto stream) {
      kernels::remap_backward(stream, map, gradient.data<T>(), out.data<T>());
    });
  });
  return out;
}

Tensor gradient_of(const RemapPlan& plan, const Tensor& gradient) {
  return record(
      plan.op, gradient_values(plan, gradient), {gradient},
      [plan](const Tensor& outer, const NeededInputs&) -> std::vector<Tensor> {
        RemapPlan linear = plan;
        linear.value = 0;
        return {remapped(linear, outer)};
      },
      Saves::nothing);
}

}  // namespace

Tensor remapped_values(const RemapPlan& plan, const Tensor& x) {
  Tensor out = empty_remapped(plan, x);
  const Remap map = kernel_map(plan, x.strides(), out.strides(), true);
  dispatch_all(x.dtype(), [&]<class T>() {
    using Word = Bits<sizeof(T)>;
    if (!plan.value.fits<T>())
      fail(plan.op, ": ", x.dtype(), " cannot hold the value ", plan.value);
    const Word value = std::bit_cast<Word>(plan.value.to<T>());
    on_device(out.device(), [&](auto stream) {
      kernels::remap(stream, map, reinterpret_cast<const Word*>(x.data<T>()), value,
                     reinterpret_cast<Word*>(out.data<T>()));
    });
  });
  return out;
}

Tensor remapped(const RemapPlan& plan, const Tensor& x) {
  return record(
      plan.op, remapped_values(plan, x), {x},
      [plan](const Tensor& gradient, const NeededInputs&) -> std::vector<Tensor> {
        return {gradient_of(plan, gradient)};
      },
      Saves::nothing);
}

}  // namespace cuttle
