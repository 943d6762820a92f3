// Embeddings: a read by index whose adjoint is a deterministic write.
#include "embedding.h"

#include <limits>

#include "../autograd/grad_mode.h"
#include "../autograd/record.h"
#include "../creation.h"
#include "../dispatch.h"
#include "arithmetic.h"
#include "index_map.h"
#include "ordering.h"

namespace cuttle {
namespace {

void check(std::string_view op, const Tensor& indices, const Tensor& weight) {
  check_defined(op, indices);
  check_defined(op, weight);
  if (weight.dim() != 2 || !is_floating_point(weight.dtype()))
    fail(op, ": expected a weight (rows, features) of a floating dtype, got shape ", weight.shape(),
         " of ", weight.dtype());
}

std::optional<int64_t> row_of_padding(std::string_view op, std::optional<int64_t> padding,
                                      const Tensor& weight) {
  const int64_t rows = weight.size(0);
  if (!padding) return {};
  if (*padding < -rows || *padding >= rows)
    fail(op, ": padding_idx must lie between ", -rows, " and ", rows - 1,
         ", the rows of the weight, got ", *padding);
  return *padding < 0 ? *padding + rows : *padding;
}

// Scales the rows that are looked up to max_norm, in place. A row that comes twice is written twice
// with the same values.
void renormalise(const Tensor& flat, const Tensor& weight, double max_norm, double norm_type) {
  const NoGradGuard no_grad;
  const Tensor rows = weight.index_select(0, flat);
  const Tensor norms = rows.norm(norm_type, {1}, /*keepdim=*/true);
  const Tensor factor = where(norms > max_norm, max_norm / (norms + 1e-7), 1);
  Tensor table = weight;
  table.index_copy_(0, flat, rows * factor);
}

// The gradient of the table from those of the rows that were read.
struct TableGradient {
  std::string_view op;
  Shape table;
  std::optional<int64_t> padding;
  bool by_frequency;
  SavedTensor flat;

  std::vector<Tensor> operator()(const Tensor& gradient, const NeededInputs&) const {
    const Tensor index = flat.get();
    const TensorOptions like{.dtype = gradient.dtype(), .device = gradient.device()};
    Tensor rows = gradient;
    if (padding) rows = rows.masked_fill((index == *padding).unsqueeze(1), 0);
    if (by_frequency) {
      Tensor counts = zeros({table[0]}, like);
      counts.index_add_(0, index, ones({index.numel()}, like));
      rows = rows / counts.index_select(0, index).unsqueeze(1);
    }
    Tensor sum = zeros(table, like);
    write_to(sum, in_place_of_dim(op, sum, 0, index), kernels::IndexWrite::add, rows);
    return {sum};
  }
};

// (N, D) of N numbers.
Tensor look_up(std::string_view op, const Tensor& indices, const Tensor& weight,
               const EmbeddingOptions& options) {
  const auto padding = row_of_padding(op, options.padding_idx, weight);
  const Tensor flat = checked_index(op, weight, indices).reshape({-1});
  if (options.max_norm) renormalise(flat, weight, *options.max_norm, options.norm_type);
  Tensor rows;
  {
    const NoGradGuard no_grad;
    rows = pick(weight, in_place_of_dim(op, weight, 0, flat));
  }
  return record(op, rows, {weight},
                TableGradient{op, weight.shape(), padding, options.scale_grad_by_freq, save(flat)});
}

// Bags of elements that lie one after the other.
struct Bags {
  Tensor starts, ends;  // (B)
  Tensor bag_of;        // (N), the bag of each element
  int64_t count;
};

Bags bags_of(const Tensor& indices, const Tensor& offsets, bool include_last_offset) {
  const TensorOptions like{.dtype = int64, .device = indices.device()};
  const int64_t n = indices.numel();
  if (indices.dim() == 2) {
    if (offsets.defined())
      fail("embedding_bag: indices of shape ", indices.shape(),
           " are bags already; offsets go with a vector of indices");
    const int64_t bags = indices.size(0), each = indices.size(1);
    const Tensor starts = arange(bags, like) * each;
    return {starts, starts + each, arange(bags, like).repeat_interleave(each), bags};
  }
  if (indices.dim() != 1)
    fail("embedding_bag: expected indices of one or two dimensions, got shape ", indices.shape());
  if (!offsets.defined() || offsets.dim() != 1 || is_floating_point(offsets.dtype()) ||
      (include_last_offset && offsets.numel() == 0))
    fail(
        "embedding_bag: a vector of indices wants offsets, a vector of integers that says where "
        "each bag begins, got ",
        offsets.defined() ? "shape " + offsets.shape().str() : std::string("none"));
  check_same_device("embedding_bag", {&indices, &offsets});
  const Tensor all = offsets.to(int64);
  const int64_t bags = all.numel() - (include_last_offset ? 1 : 0);
  const Tensor ends =
      include_last_offset
          ? all.narrow(0, 1, bags)
          : cat({all.narrow(0, std::min<int64_t>(bags, 1), std::max<int64_t>(bags - 1, 0)),
                 full({std::min<int64_t>(bags, 1)}, n, like)});
  const Tensor starts = all.narrow(0, 0, bags);
  Tensor bag_of = zeros({n}, like);
  if (bags > 0)
    bag_of = searchsorted(starts.contiguous(), arange(n, like), false, /*right=*/true) - 1;
  return {starts, ends, bag_of, bags};
}

Tensor sum_of_bags(const Bags& bags, const Tensor& rows) {
  return zeros({bags.count, rows.size(1)}, {.dtype = rows.dtype(), .device = rows.device()})
      .index_add(0, bags.bag_of, rows);
}

// Every bag as long as the longest, with −∞ in what is not there.
Tensor maxima_of_bags(const Bags& bags, const Tensor& rows, const Tensor& counts) {
  const Tensor lengths = bags.ends - bags.starts;
  const int64_t longest = bags.count > 0 ? lengths.max().item<int64_t>() : 0;
  if (longest == 0)
    return zeros({bags.count, rows.size(1)}, {.dtype = rows.dtype(), .device = rows.device()});
  const Tensor step = arange(longest, {.dtype = int64, .device = rows.device()});
  const Tensor inside = step < lengths.unsqueeze(1);  // (B, longest)
  const Tensor place = (bags.starts.unsqueeze(1) + step).masked_fill(~inside, 0).reshape({-1});
  const Tensor missing = ~(inside & counts.index_select(0, place).reshape(inside.shape()));
  const Tensor filled =
      rows.index_select(0, place)
          .reshape({bags.count, longest, rows.size(1)})
          .masked_fill(missing.unsqueeze(2), -std::numeric_limits<double>::infinity());
  return filled.max(1).values.masked_fill(missing.all(1, true), 0);
}

void check_bag_weights(const Tensor& indices, BagMode mode, const Tensor& weights) {
  if (!weights.defined()) return;
  if (mode != BagMode::sum)
    fail("embedding_bag: per_sample_weights are defined for sums alone; use BagMode::sum");
  if (weights.shape() != indices.shape())
    fail("embedding_bag: expected per_sample_weights of the indices' shape ", indices.shape(),
         ", got ", weights.shape());
}

}  // namespace

Tensor embedding(const Tensor& indices, const Tensor& weight, const EmbeddingOptions& options) {
  check("embedding", indices, weight);
  Shape shape = indices.shape();
  shape.push_back(weight.size(1));
  return look_up("embedding", indices, weight, options).reshape(shape);
}

Tensor embedding_bag(const Tensor& indices, const Tensor& weight, const Tensor& offsets,
                     const EmbeddingBagOptions& options, const Tensor& per_sample_weights) {
  constexpr std::string_view op = "embedding_bag";
  check(op, indices, weight);
  check_bag_weights(indices, options.mode, per_sample_weights);
  const Bags bags = bags_of(indices, offsets, options.include_last_offset);
  Tensor rows = look_up(op, indices, weight,
                        {.padding_idx = options.padding_idx,
                         .max_norm = options.max_norm,
                         .norm_type = options.norm_type,
                         .scale_grad_by_freq = options.scale_grad_by_freq});
  const TensorOptions like{.dtype = weight.dtype(), .device = weight.device()};
  const auto padding = row_of_padding(op, options.padding_idx, weight);
  const Tensor flat = indices.reshape({-1});
  const Tensor counts = padding
                            ? flat != *padding  // which elements are there
                            : ones({flat.numel()}, {.dtype = boolean, .device = weight.device()});
  if (options.mode == BagMode::max) return maxima_of_bags(bags, rows, counts);
  if (per_sample_weights.defined()) rows = rows * per_sample_weights.reshape({-1, 1});
  if (padding) rows = rows.masked_fill(~counts.unsqueeze(1), 0);
  const Tensor sum = sum_of_bags(bags, rows);
  if (options.mode == BagMode::sum) return sum;
  const Tensor sizes =
      zeros({bags.count}, like).index_add(0, bags.bag_of, counts.to(like.dtype.value()));
  return sum / sizes.clamp_min(1).unsqueeze(1);
}

}  // namespace cuttle
