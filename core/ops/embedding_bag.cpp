// Bags of rows of a table: one kernel forward, and backward one that adds up by the rows' order.
#include "../../kernels/embedding_bag.h"

#include "../../kernels/index.h"
#include "../autograd/grad_mode.h"
#include "../autograd/record.h"
#include "../creation.h"
#include "../dispatch.h"
#include "arithmetic.h"
#include "embedding_parts.h"
#include "index_map.h"

namespace cuttle {
namespace {

using kernels::BagReduction;
using kernels::BagShape;

constexpr std::string_view kOp = "embedding_bag";

/// Where bags lie; `offsets` (int64) are undefined where all bags have as many elements.
struct Bags {
  BagShape shape;
  Tensor offsets;
};

Bags bags_of(const Tensor& indices, const Tensor& offsets, bool include_last_offset) {
  Bags bags;
  bags.shape.elements = indices.numel();
  if (indices.dim() == 2) {
    if (offsets.defined())
      fail(kOp, ": indices of shape ", indices.shape(),
           " are bags already; offsets go with a vector of indices");
    bags.shape.bags = indices.size(0), bags.shape.each = indices.size(1);
    return bags;
  }
  if (indices.dim() != 1)
    fail(kOp, ": expected indices of one or two dimensions, got shape ", indices.shape());
  if (!offsets.defined() || offsets.dim() != 1 || is_floating_point(offsets.dtype()) ||
      (include_last_offset && offsets.numel() == 0))
    fail(kOp,
         ": a vector of indices wants offsets, a vector of integers that says where each bag "
         "begins, got ",
         offsets.defined() ? "shape " + offsets.shape().str() : std::string("none"));
  check_same_device(kOp, {&indices, &offsets});
  bags.offsets = offsets.to(int64).contiguous();
  bags.shape.bags = offsets.numel() - (include_last_offset ? 1 : 0);
  bags.shape.has_end = include_last_offset;
  return bags;
}

void check_bag_weights(const Tensor& indices, BagMode mode, const Tensor& weights) {
  if (!weights.defined()) return;
  if (mode != BagMode::sum)
    fail(kOp, ": per_sample_weights are defined for sums alone; use BagMode::sum");
  if (weights.shape() != indices.shape())
    fail(kOp, ": expected per_sample_weights of the indices' shape ", indices.shape(), ", got ",
         weights.shape());
  check_same_device(kOp, {&indices, &weights});
}

BagReduction reduction_of(BagMode mode) {
  switch (mode) {
    case BagMode::sum:
      return BagReduction::sum;
    case BagMode::mean:
      return BagReduction::mean;
    case BagMode::max:
      break;
  }
  return BagReduction::max;
}

template <class T>
T* data_or_null(const Tensor& x) {
  return x.defined() ? x.data<T>() : nullptr;
}

/// The derivative with respect to the table and the samples.
struct BagBackward {
  BagShape shape;
  bool by_frequency;
  SavedTensor flat, offsets, samples;
  SavedTensor weight;  // where samples need a gradient
  Tensor found;        // of embedding_bag_forward

  std::vector<Tensor> operator()(const Tensor& gradient, const NeededInputs& needed) const {
    const Tensor index = flat.get(), starts = offsets.get();
    BagShape s = shape;
    s.offsets = data_or_null<int64_t>(starts);
    const TensorOptions like{.dtype = int64, .device = index.device()};
    const Tensor keys = empty({s.elements}, like), bags = empty({s.elements}, like);
    on_device(index.device(), [&](auto stream) {
      kernels::embedding_bag_elements(stream, s, index.data<int64_t>(), keys.data<int64_t>(),
                                      bags.data<int64_t>());
    });
    if (is_grad_enabled()) return recorded(gradient, needed, keys, bags);
    const Tensor dy = gradient.contiguous();
    return {needed[0] ? of_table(s, dy, keys, bags) : Tensor(),
            needed[1] ? of_samples(s, dy, keys, bags) : Tensor()};
  }

 private:
  Tensor of_samples(const BagShape& s, const Tensor& dy, const Tensor& keys,
                    const Tensor& bags) const {
    const Tensor table = weight.get().contiguous();
    Tensor dsamples = empty({s.elements}, {.dtype = dy.dtype(), .device = dy.device()});
    dispatch_floating(kOp, dy.dtype(), [&]<class T>() {
      on_device(dy.device(), [&](auto stream) {
        kernels::embedding_bag_backward_samples<T>(stream, s, keys.data<int64_t>(),
                                                   bags.data<int64_t>(), table.data<T>(),
                                                   dy.data<T>(), dsamples.data<T>());
      });
    });
    return dsamples;
  }

  Tensor of_table(const BagShape& s, const Tensor& dy, const Tensor& keys,
                  const Tensor& bags) const {
    const Tensor sorted = keys.clone(), order = empty_like(keys);
    const Tensor own = samples.get();
    Tensor dweight = zeros({s.rows, s.features}, {.dtype = dy.dtype(), .device = dy.device()});
    dispatch_floating(kOp, dy.dtype(), [&]<class T>() {
      on_device(dy.device(), [&](auto stream) {
        kernels::index_sort(stream, s.elements, s.rows, sorted.data<int64_t>(),
                            order.data<int64_t>());
        const kernels::BagGradient<T> g{.keys = sorted.data<int64_t>(),
                                        .order = order.data<int64_t>(),
                                        .bags = bags.data<int64_t>(),
                                        .samples = data_or_null<T>(own),
                                        .found = data_or_null<int64_t>(found),
                                        .by_frequency = by_frequency,
                                        .dy = dy.data<T>()};
        kernels::embedding_bag_backward<T>(stream, s, g, dweight.data<T>());
      });
    });
    return dweight;
  }

  // The same of recorded operations, on a row for each element.
  std::vector<Tensor> recorded(const Tensor& gradient, const NeededInputs& needed,
                               const Tensor& keys, const Tensor& bags) const {
    if (shape.bags == 0 || shape.elements == 0)
      return {gradient.new_zeros({shape.rows, shape.features}),
              gradient.new_zeros({shape.elements})};
    Tensor rows = gradient.index_select(0, bags);
    if (shape.reduction == BagReduction::mean)
      rows = rows / found.clamp_min(1).to(rows.dtype()).index_select(0, bags).unsqueeze(1);
    Tensor missing = (keys == shape.rows).unsqueeze(1);
    if (shape.reduction == BagReduction::max) {
      const Tensor element = arange(shape.elements, {.dtype = int64, .device = keys.device()});
      missing = missing | (found.index_select(0, bags) != element.unsqueeze(1));
    }
    rows = rows.masked_fill(missing, 0);
    Tensor dsamples;
    if (needed[1]) dsamples = (rows * weight.get().index_select(0, flat.get())).sum(1);
    if (const Tensor own = samples.get(); own.defined()) rows = rows * own.unsqueeze(1);
    const TableGradient table{kOp, {shape.rows, shape.features}, {}, by_frequency, flat};
    return {table(rows, needed)[0], dsamples};
  }
};

}  // namespace

Tensor embedding_bag(const Tensor& indices, const Tensor& weight, const Tensor& offsets,
                     const EmbeddingBagOptions& options, const Tensor& per_sample_weights) {
  check_table(kOp, indices, weight);
  check_bag_weights(indices, options.mode, per_sample_weights);
  auto [s, starts] = bags_of(indices, offsets, options.include_last_offset);
  s.reduction = reduction_of(options.mode);
  s.rows = weight.size(0), s.features = weight.size(1);
  s.padding = row_of_padding(kOp, options.padding_idx, weight).value_or(-1);
  s.offsets = data_or_null<int64_t>(starts);
  const Tensor flat = checked_index(kOp, weight, indices).reshape({-1}).contiguous();
  if (options.max_norm) renormalise(flat, weight, *options.max_norm, options.norm_type);
  Tensor samples;
  if (per_sample_weights.defined())
    samples = per_sample_weights.reshape({-1}).to(weight.dtype()).contiguous();
  const Tensor table = weight.contiguous();
  Tensor y = empty({s.bags, s.features}, {.dtype = weight.dtype(), .device = weight.device()});
  Tensor found;
  if (s.reduction != BagReduction::sum)
    found = empty(s.reduction == BagReduction::max ? y.shape() : Shape{s.bags},
                  {.dtype = int64, .device = weight.device()});
  dispatch_floating(kOp, weight.dtype(), [&]<class T>() {
    on_device(weight.device(), [&](auto stream) {
      kernels::embedding_bag_forward<T>(stream, s, flat.data<int64_t>(), data_or_null<T>(samples),
                                        table.data<T>(), y.data<T>(), data_or_null<int64_t>(found));
    });
  });
  const bool needs_weight = samples.defined() && samples.requires_grad();
  return record(kOp, y, {weight, samples},
                BagBackward{s, options.scale_grad_by_freq, save(flat), save(starts), save(samples),
                            save(needs_weight ? weight : Tensor()), found});
}

}  // namespace cuttle
