#include "index_map.h"

#include <algorithm>

#include "../autograd/record.h"
#include "../creation.h"
#include "../dispatch.h"
#include "../strided_loop.h"
#include "../tensor_impl.h"

namespace cuttle {
namespace {

using kernels::IndexedDims;
using kernels::IndexWrite;

bool is_index_dim(const IndexMap& map, int d) {
  return d >= map.first && d < map.first + map.count;
}

// The index tensors, for a tensor with these strides.
IndexedDims indexed_dims(const IndexMap& map, const Strides& strides) {
  IndexedDims dims;
  dims.op = map.op.data();
  dims.from_back = map.from_back;
  for (size_t k = 0; k < map.index.size(); ++k) {
    dims.index[k] = map.index[k].data<int64_t>();
    dims.dim[k] = map.dims[k];
    dims.size[k] = map.source[map.dims[k]];
    dims.stride[k] = strides[map.dims[k]];
  }
  dims.count = static_cast<int>(map.index.size());
  return dims;
}

// How x moves along the result's dimensions, but for what the indices add.
Strides walk_strides(const IndexMap& map, const Strides& strides) {
  Strides walk = Strides::filled(map.shape.size(), 0);
  for (int d = 0; d < map.shape.size(); ++d) {
    const int to = map.walks[static_cast<size_t>(d)];
    if (to >= 0) walk[d] = strides[to];
  }
  return walk;
}

Strides index_strides(const IndexMap& map) {
  Strides strides = Strides::filled(map.shape.size(), 0);
  if (map.index.empty()) return strides;
  for (int d = 0; d < map.count; ++d) strides[map.first + d] = map.index[0].strides()[d];
  return strides;
}

// A loop over `shape` in row-major order; make_loop would sort it by memory.
template <int N>
kernels::StridedLoop<N> loop_in_order(const Shape& shape, const Strides (&strides)[N]) {
  kernels::StridedLoop<N> loop;
  for (int d = 0; d < shape.size(); ++d) {
    if (shape[d] == 1) continue;
    const int last = loop.rank - 1;
    bool merges = loop.rank > 0;
    for (int p = 0; merges && p < N; ++p)
      merges = loop.strides[p][last] == strides[p][d] * shape[d];
    const int at = merges ? last : loop.rank++;
    loop.sizes[at] = merges ? loop.sizes[at] * shape[d] : shape[d];
    for (int p = 0; p < N; ++p) loop.strides[p][at] = strides[p][d];
  }
  return loop;
}

// A write cut up for the kernels: destinations are numbered in row-major order of the dimensions of
// the tensor that indices, or walks beside them, choose from.
struct WritePlan {
  int64_t elements = 1, destinations = 1;
  kernels::StridedLoop<2> keys;  // (number, index)
  Strides key_strides;           // of the tensor's dimensions, in numbers
  kernels::IndexWriteLoops loops;
};

WritePlan plan_write(const IndexMap& map, const Tensor& value, const Tensor& x) {
  std::array<bool, kMaxRank> chosen{};
  for (const int d : map.dims) chosen[static_cast<size_t>(d)] = true;
  Shape elements, rest;
  Strides value_strides, rest_value, rest_x, key_walk;
  std::array<int, kMaxRank> element_walks{};
  for (int d = 0; d < map.shape.size(); ++d) {
    const int to = map.walks[static_cast<size_t>(d)];
    if (is_index_dim(map, d)) {
      if (to >= 0) chosen[static_cast<size_t>(to)] = true;
      element_walks[static_cast<size_t>(elements.size())] = to;
      elements.push_back(map.shape[d]);
      value_strides.push_back(value.strides()[d]);
    } else {
      rest.push_back(map.shape[d]);
      rest_value.push_back(value.strides()[d]);
      rest_x.push_back(x.strides()[to]);
    }
  }
  WritePlan plan;
  plan.elements = elements.numel();
  Shape sizes;
  Strides strides;
  plan.key_strides = Strides::filled(map.source.size(), 0);
  for (int d = map.source.size() - 1; d >= 0; --d) {
    if (!chosen[static_cast<size_t>(d)]) continue;
    plan.key_strides[d] = plan.destinations;
    plan.destinations *= map.source[d];
    sizes.insert(0, map.source[d]);
    strides.insert(0, x.strides()[d]);
  }
  for (int d = 0; d < elements.size(); ++d) {
    const int to = element_walks[static_cast<size_t>(d)];
    key_walk.push_back(to >= 0 ? plan.key_strides[to] : 0);
  }
  const Strides of_index =
      map.index.empty() ? Strides::filled(elements.size(), 0) : map.index[0].strides();
  plan.keys = loop_in_order(elements, {key_walk, of_index});
  plan.loops.destination = loop_in_order(sizes, {strides});
  plan.loops.value = loop_in_order(elements, {value_strides});
  plan.loops.rest = make_loop(rest, {rest_value, rest_x});
  return plan;
}

// The write itself. value has map.shape and x's dtype and device.
void write_elements(const IndexMap& map, IndexWrite op, const Tensor& value, const Tensor& x) {
  if (map.shape.numel() == 0) return;
  const WritePlan plan = plan_write(map, value, x);
  const TensorOptions whole{.dtype = int64, .device = x.device()};
  const Tensor keys = empty({plan.elements}, whole);
  const Tensor order = map.unique ? Tensor() : empty({plan.elements}, whole);
  int64_t* const key = keys.data<int64_t>();
  int64_t* const place = map.unique ? nullptr : order.data<int64_t>();
  const IndexedDims dims = indexed_dims(map, plan.key_strides);
  dispatch_all(x.dtype(), [&]<class T>() {
    on_device(x.device(), [&](auto stream) {
      kernels::index_keys(stream, plan.keys, dims, plan.destinations, key);
      if (place != nullptr)
        kernels::index_sort(stream, plan.elements, plan.destinations, key, place);
      kernels::index_write(stream, op, plan.loops, plan.elements, plan.destinations, key, place,
                           value.data<T>(), x.data<T>());
    });
  });
}

void check_source(std::string_view op, const Tensor& x, const Tensor& source) {
  check_defined(op, source);
  check_same_device(op, {&x, &source});
  check_same_dtype(op, {&x, &source});
}

}  // namespace

Tensor checked_index(std::string_view op, const Tensor& x, const Tensor& index) {
  check_defined(op, x);
  check_defined(op, index);
  check_same_device(op, {&x, &index});
  if (is_floating_point(index.dtype()) || index.dtype() == boolean)
    fail(op, ": an index must be int64 or a narrower integer, got ", index.dtype(), " of shape ",
         index.shape(), "; convert it with .to(int64)");
  return index.to(int64);
}

IndexMap along_dim(std::string_view op, const Tensor& x, int dim, const Tensor& index) {
  // Without dimensions a tensor counts as one element in a row.
  const Shape source = x.dim() == 0 ? Shape{1} : x.shape();
  const Shape shape = index.dim() == 0 ? Shape{1} : index.shape();
  if (source.size() != shape.size())
    fail(op, ": the index (shape ", index.shape(), ") must have as many dimensions as the tensor ",
         "(shape ", x.shape(), ")");
  IndexMap map;
  map.op = op;
  map.source = source;
  map.shape = shape;
  map.count = shape.size();
  for (int d = 0; d < shape.size(); ++d) {
    map.walks[static_cast<size_t>(d)] = d == dim ? -1 : d;
    if (d != dim && shape[d] > source[d])
      fail(op, ": the index of shape ", index.shape(), " is larger than the tensor of shape ",
           x.shape(), " in dimension ", d, "; only along dimension ", dim, " may it be");
  }
  map.index = {index.dim() == 0 ? index.reshape({1}) : index};
  map.dims = {dim};
  return map;
}

IndexMap in_place_of_dim(std::string_view op, const Tensor& x, int64_t dim, const Tensor& index) {
  const Tensor list = checked_index(op, x, index);
  if (list.dim() > 1)
    fail(op, ": the index must have one dimension, got shape ", list.shape(),
         "; use gather or x.index({...}) for several");
  const int d = wrap_dim(op, dim, x.dim());
  IndexMap map;
  map.op = op;
  map.source = map.shape = x.dim() == 0 ? Shape{1} : x.shape();
  map.first = d;
  map.count = 1;
  map.shape[d] = list.numel();
  for (int i = 0; i < map.shape.size(); ++i) map.walks[static_cast<size_t>(i)] = i == d ? -1 : i;
  map.index = {list.dim() == 0 ? list.reshape({1}) : list};
  map.dims = {d};
  return map;
}

Tensor source_within(const IndexMap& map, const Tensor& x, const Tensor& index,
                     const Tensor& source) {
  check_source(map.op, x, source);
  Tensor part = source.dim() == 0 ? source.reshape({1}) : source;
  if (part.dim() != map.shape.size())
    fail(map.op, ": the source (shape ", source.shape(),
         ") must have as many dimensions as the index (shape ", index.shape(), ")");
  for (int d = 0; d < part.dim(); ++d) {
    if (part.size(d) < map.shape[d])
      fail(map.op, ": the source of shape ", source.shape(), " is smaller than the index of shape ",
           index.shape(), " in dimension ", d);
    part = part.size(d) == map.shape[d] ? part : part.narrow(d, 0, map.shape[d]);
  }
  return part;
}

Tensor slices_for(const IndexMap& map, const Tensor& x, const Tensor& source) {
  check_source(map.op, x, source);
  const Tensor slices = source.dim() == 0 ? source.reshape({1}) : source;
  if (slices.shape() != map.shape)
    fail(map.op, ": expected a source of shape ", map.shape, " for ", map.shape[map.first],
         " indices into dimension ", map.first, " of shape ", x.shape(), ", got ", source.shape());
  return slices;
}

Tensor pick(const Tensor& x, const IndexMap& map) {
  const Tensor from = x.shape() == map.source ? x : x.reshape(map.source);
  Tensor out = empty(map.shape, {.dtype = x.dtype(), .device = x.device()});
  const auto loop =
      make_loop(map.shape, {walk_strides(map, from.strides()), index_strides(map), out.strides()});
  const IndexedDims dims = indexed_dims(map, from.strides());
  dispatch_all(x.dtype(), [&]<class T>() {
    on_device(x.device(), [&](auto stream) {
      kernels::index_read(stream, loop, dims, from.data<T>(), out.data<T>());
    });
  });
  return record(
      map.op, out, {from},
      [map](const Tensor& gradient, const NeededInputs&) -> std::vector<Tensor> {
        Tensor sum = zeros(map.source, {.dtype = gradient.dtype(), .device = gradient.device()});
        write_to(sum, map, IndexWrite::add, gradient);
        return {sum};
      },
      Saves::nothing);
}

void write_to(Tensor& x, const IndexMap& map, IndexWrite op, const Tensor& value) {
  check_in_place(map.op, x, {value});
  if (op == IndexWrite::multiply && needs_recording({x, value}))
    fail(map.op,
         ": the derivative of multiplying by index is not defined here; use "
         "x.index_select or x.gather, multiply, and write the products back");
  const Tensor before = x;  // names the history as it is before the write
  Tensor source = value.detach();
  if (source.impl().storage == x.impl().storage) source = source.clone();  // the two may overlap
  Tensor whole = x.detach();
  if (whole.shape() != map.source)
    whole = make_tensor(x.impl().storage, map.source, Strides::filled(map.source.size(), 1),
                        x.impl().offset, x.dtype());
  write_elements(map, op, source, whole);
  record_in_place(
      map.op, x, {before, value},
      [map, op, shape = x.shape()](const Tensor& gradient,
                                   const NeededInputs& needed) -> std::vector<Tensor> {
        Tensor d_self = gradient, d_value;
        if (needed[1]) d_value = pick(gradient, map);
        if (needed[0] && op == IndexWrite::assign) {
          d_self = gradient.clone();
          write_to(d_self, map, op,
                   zeros({}, {.dtype = gradient.dtype(), .device = gradient.device()})
                       .expand(map.shape));
        }
        return {d_self, d_value};
      },
      Saves::nothing);
}

}  // namespace cuttle
