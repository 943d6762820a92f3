// Softmax and negative log likelihood in one pass, forward and backward. See
// kernels/cross_entropy.h.
#include "../cross_entropy.h"

#include <algorithm>

#include "device_report.cuh"
#include "row.cuh"
#include "workspace.h"

namespace cuttle::kernels {

namespace {

using namespace cuda;  // launch, ThreadGroup, Row, … of this folder

/// What one block found of a batch's loss.
struct LossPartial {
  double loss = 0, weight = 0;

  static __device__ LossPartial join(const LossPartial& a, const LossPartial& b) {
    return {a.loss + b.loss, a.weight + b.weight};
  }
};

/// Where the forward writes, see cross_entropy.h.
template <class T>
struct CrossEntropyOutputs {
  T *loss, *terms, *total_weight;
};

/// Writes the batch's loss and total weight.
template <class T>
__device__ void store_loss(LossReduction reduction, const LossPartial& total,
                           const CrossEntropyOutputs<T>& out) {
  if (reduction != LossReduction::none)
    *out.loss =
        static_cast<T>(reduction == LossReduction::mean ? total.loss / total.weight : total.loss);
  *out.total_weight = static_cast<T>(total.weight);
}

/// The row's terms and loss as in cross_entropy.h, and the batch's loss and total weight.
/// Layout: x (rows, classes); target (rows); terms (rows, 2); weight (classes) or nullptr.
/// Launch: groups of `lanes` threads, a group a row, rows beyond the grid by strides. A thread
/// keeps up to 128 bytes of its row in registers (row.cuh); rows that no block can keep are a block
/// of 1,024 threads each. A grid of several blocks leaves partials[block], and the last block to
/// arrive adds them up: one launch for every batch. Bound: memory, x once and 16 bytes a row. The
/// small batches of training are bound by latency: one block, one round of loads that do not wait
/// for each other (a target's logit apart, which the caches have), two short trees. Numerics:
/// everything of a row in T and relative to its maximum, so large logits lose no digits; sums over
/// rows in double, in an order that the shape fixes. Deterministic. A bad target is reported, its
/// loss is NaN.
template <class T, int V, int kKept>
__global__ void __launch_bounds__(kRowThreads<kKept>, kRowResident<T, kKept>)
    cross_entropy_forward_kernel(CrossEntropyShape shape, int lanes, const T* __restrict__ x,
                                 const int64_t* __restrict__ target, const T* __restrict__ weight,
                                 CrossEntropyOutputs<T> out, LossPartial* partials,
                                 unsigned* arrived, DeviceReporter reporter) {
  constexpr int kThreads = kRowThreads<kKept>;
  const ThreadGroup<kThreads> group(lanes);
  const int64_t classes = shape.classes, rows_at_once = group.groups();
  const auto smoothing = static_cast<T>(shape.label_smoothing);
  LossPartial mine;  // in lane 0 of each group
  wait_for_predecessor();

  const int64_t step = gridDim.x * rows_at_once;
  for (int64_t first = blockIdx.x * rows_at_once; first < shape.rows; first += step) {
    const int64_t row = first + group.group;
    const bool present = row < shape.rows;  // the whole block meets in reduce()
    const T* const logits = x + row * classes;
    const int64_t t = present ? target[row] : shape.ignore_index;
    const Row<T, V, kKept, 1> from({logits}, present ? classes : 0, group.lane, lanes);
    const bool counts = t != shape.ignore_index;
    const bool good = counts && t >= 0 && t < classes;
    const T target_logit = good ? logits[t] : T(0);
    const T w = good && weight != nullptr ? weight[t] : T(1);

    const SoftmaxTerms<T> found = softmax_terms(from, group);
    const T log_sum = std::log(found.sum);
    const auto minus_log_p = [=](T value) { return log_sum - (value - found.largest); };
    T smooth = 0;  // Σ w_k · (−log p_k)
    if (shape.label_smoothing > 0) {
      from.each([&](const T(&value)[1], auto k) {
        smooth += (weight != nullptr ? weight[k] : T(1)) * minus_log_p(value[0]);
      });
      smooth = group.reduce(smooth, Plus());
    }
    if (!present || group.lane != 0) continue;

    out.terms[2 * row] = found.largest;
    out.terms[2 * row + 1] = log_sum;
    T row_loss = 0;
    if (good) {
      row_loss = (1 - smoothing) * w * minus_log_p(target_logit) + smoothing / classes * smooth;
      mine.weight += w;
    } else if (counts) {
      row_loss = kNaN<T>;
      report(reporter, ReportKind::target_out_of_range, t, row, classes);
    }
    mine.loss += row_loss;
    if (shape.reduction == LossReduction::none) out.loss[row] = row_loss;
  }

  const ThreadGroup<kThreads> block(kThreads);
  const auto join = [](const LossPartial& a, const LossPartial& b) {
    return LossPartial::join(a, b);
  };
  mine = block.reduce(mine, join);
  if (gridDim.x > 1) {
    if (threadIdx.x == 0) partials[blockIdx.x] = mine;
    if (!arrives_last(arrived, gridDim.x)) return;
    mine = {};
    for (unsigned i = threadIdx.x; i < gridDim.x; i += kThreads) mine = join(mine, partials[i]);
    mine = block.reduce(mine, join);
  }
  if (threadIdx.x == 0) store_loss(shape.reduction, mine, out);
}

/// dx[r,k] = s_r · ((1 − ε) · w_t · (p_k − [k = t]) + ε/K · (p_k · Σ w − w_k)), with s_r =
/// dloss[r], dloss or dloss / total_weight by the reduction; NaN for a bad target, and an ignored
/// row as in cross_entropy.h. Layout: dx, x (rows, classes). Launch: groups of `lanes` threads, a
/// group a row, as forward; the grid covers the rows. Bound: memory, x read and dx written once;
/// small batches by latency, of loads that do not wait for each other. Deterministic.
template <class T, int V, int kKept>
__global__ void __launch_bounds__(kRowThreads<kKept>, kRowResident<T, kKept>)
    cross_entropy_backward_kernel(CrossEntropyShape shape, int lanes, CrossEntropySaved<T> saved,
                                  const T* __restrict__ dloss, T* __restrict__ dx) {
  const ThreadGroup<kRowThreads<kKept>> group(lanes);
  const int64_t row = int64_t{blockIdx.x} * group.groups() + group.group;
  const int64_t classes = shape.classes;
  const bool present = row < shape.rows;  // the whole block meets in reduce()
  const T* const weight = saved.weight;
  wait_for_predecessor();
  const Row<T, V, kKept, 1> from({saved.x + row * classes}, present ? classes : 0, group.lane,
                                 lanes);

  const bool smooths = shape.label_smoothing > 0;
  const auto smoothing = static_cast<T>(shape.label_smoothing);
  const T share = smooths ? smoothing / classes : T(0);
  T all_weights = static_cast<T>(classes);
  if (smooths && weight != nullptr) {
    all_weights = 0;
    for (int64_t k = group.lane; k < classes; k += lanes) all_weights += weight[k];
    all_weights = group.reduce(all_weights, Plus());
  }
  if (!present) return;

  const int64_t t = saved.target[row];
  const T largest = saved.terms[2 * row], log_sum = saved.terms[2 * row + 1];
  T scale = dloss[shape.reduction == LossReduction::none ? row : 0];
  if (shape.reduction == LossReduction::mean) scale /= *saved.total_weight;
  if (t == shape.ignore_index) {
    from.map(dx + row * classes, [=](const T(&)[1], auto) { return T(0) * log_sum; });
    return;
  }
  const bool bad = t < 0 || t >= classes;
  if (bad) scale = kNaN<T>;
  const T target_weight = (1 - smoothing) * (bad || weight == nullptr ? T(1) : weight[t]);
  from.map(dx + row * classes, [=](const T(&value)[1], auto k) {
    const T p = std::exp(value[0] - largest - log_sum);
    T gradient = target_weight * (p - (k == t ? T(1) : T(0)));
    if (smooths) gradient += share * (p * all_weights - (weight != nullptr ? weight[k] : T(1)));
    return scale * gradient;
  });
}

}  // namespace

template <class T>
void cross_entropy_forward(cuda::Stream stream, const CrossEntropyShape& shape, const T* x,
                           const int64_t* target, const T* weight, T* loss, T* terms,
                           T* total_weight) {
  constexpr int64_t kOneBlockRounds = 2;  // of a block through rows: done before several would be
  constexpr unsigned kMostBlocks = 2048;
  const CrossEntropyOutputs<T> out = {loss, terms, total_weight};
  const DeviceReporter reporter = device_reporter(stream.device);
  for_row_shape<T>(shape.classes, is_aligned(x), [&]<int V, int kKept>(int lanes) {
    const auto forward = [&](unsigned blocks, LossPartial* partials, unsigned* arrived) {
      launch_overlapping(stream, {blocks, kRowThreads<kKept>},
                         cross_entropy_forward_kernel<T, V, kKept>, shape, lanes, x, target, weight,
                         out, partials, arrived, reporter);
    };
    const int64_t rows_at_once = kRowThreads<kKept> / lanes;
    if (shape.rows <= kOneBlockRounds * rows_at_once) return forward(1, nullptr, nullptr);
    const unsigned blocks = std::min(blocks_for(shape.rows, rows_at_once), kMostBlocks);
    StreamLease lease(stream);
    forward(blocks, lease.scratch<LossPartial>(blocks * sizeof(LossPartial)), lease.counters(1));
  });
}

template <class T>
void cross_entropy_backward(cuda::Stream stream, const CrossEntropyShape& shape,
                            const CrossEntropySaved<T>& saved, const T* dloss, T* dx) {
  if (shape.rows * shape.classes == 0) return;
  const bool aligned = is_aligned(saved.x) && is_aligned(dx);
  for_row_shape<T>(shape.classes, aligned, [&]<int V, int kKept>(int lanes) {
    launch_overlapping(stream,
                       {blocks_for(shape.rows, kRowThreads<kKept> / lanes), kRowThreads<kKept>},
                       cross_entropy_backward_kernel<T, V, kKept>, shape, lanes, saved, dloss, dx);
  });
}

#define CUTTLE_CROSS_ENTROPY(T)                                                         \
  template void cross_entropy_forward(cuda::Stream, const CrossEntropyShape&, const T*, \
                                      const int64_t*, const T*, T*, T*, T*);            \
  template void cross_entropy_backward(cuda::Stream, const CrossEntropyShape&,          \
                                       const CrossEntropySaved<T>&, const T*, T*);
CUTTLE_CROSS_ENTROPY(float)
CUTTLE_CROSS_ENTROPY(double)

}  // namespace cuttle::kernels
