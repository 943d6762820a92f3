// Softmax and negative log likelihood in one pass, forward and backward. See
// kernels/cross_entropy.h.
#include "../cross_entropy.h"

#include <algorithm>
#include <cmath>

#include "device_report.cuh"
#include "group_reduce.cuh"
#include "index.cuh"
#include "workspace.h"

namespace cuttle::kernels {

namespace {

using namespace cuda;  // launch, ThreadGroup, … of this folder

constexpr int kThreads = 256;

/// What one block found of a batch's loss.
struct LossPartial {
  double loss = 0, weight = 0;
};

/// Writes the batch's loss and total weight.
template <class T>
__device__ void store_loss(LossReduction reduction, const LossPartial& total, T* loss,
                           T* total_weight) {
  if (reduction != LossReduction::none)
    *loss =
        static_cast<T>(reduction == LossReduction::mean ? total.loss / total.weight : total.loss);
  *total_weight = static_cast<T>(total.weight);
}

/// The row's terms and loss as in cross_entropy.h; and of the block's rows the sums of losses and
/// weights: the batch's own where the grid is one block, else partials[block].
/// Layout: x (rows, classes); target (rows); terms (rows, 2); weight (classes) or nullptr.
/// Launch: block 256 as groups of `lanes` threads, a group a row, rows beyond the grid by strides.
/// Bound: memory, x once (2 to 4 readings, the later ones from the caches) and 16 bytes a row; the
/// small batches of training are bound by launch latency, hence one launch for few rows.
/// Numerics: everything of a row in T and relative to its maximum, so large logits lose no digits;
/// sums over rows in double, in an order that the shape fixes. Deterministic. A bad target is
/// reported, its loss is NaN.
template <class T>
__global__ void __launch_bounds__(kThreads)
    cross_entropy_forward_kernel(CrossEntropyShape shape, int lanes, const T* __restrict__ x,
                                 const int64_t* __restrict__ target, const T* __restrict__ weight,
                                 T* __restrict__ loss, T* __restrict__ terms,
                                 T* __restrict__ total_weight, LossPartial* partials,
                                 DeviceReporter reporter) {
  const ThreadGroup<kThreads> group(lanes);
  const int rows_at_once = kThreads / lanes;
  const int64_t classes = shape.classes;
  const T smoothing = static_cast<T>(shape.label_smoothing);
  LossPartial mine;  // in lane 0 of each group

  wait_for_predecessor();
  const int64_t step = int64_t{gridDim.x} * rows_at_once;
  for (int64_t first = int64_t{blockIdx.x} * rows_at_once; first < shape.rows; first += step) {
    const int64_t row = first + group.group;
    const bool present = row < shape.rows;  // the whole block meets in reduce()
    const T* const from = x + row * classes;

    T largest = -kInfinity<T>;
    for (int64_t k = group.lane; present && k < classes; k += lanes)
      largest = Larger()(largest, from[k]);
    largest = group.reduce(largest, Larger());
    T sum = 0;
    for (int64_t k = group.lane; present && k < classes; k += lanes)
      sum += std::exp(from[k] - largest);
    const T log_sum = std::log(group.reduce(sum, Plus()));
    const auto minus_log_p = [=](int64_t k) { return log_sum - (from[k] - largest); };

    T smooth = 0;  // Σ w_k · (−log p_k)
    if (shape.label_smoothing > 0) {
      for (int64_t k = group.lane; present && k < classes; k += lanes)
        smooth += (weight != nullptr ? weight[k] : T(1)) * minus_log_p(k);
      smooth = group.reduce(smooth, Plus());
    }
    if (!present || group.lane != 0) continue;

    terms[2 * row] = largest;
    terms[2 * row + 1] = log_sum;
    const int64_t t = target[row];
    T row_loss = 0;
    if (t >= 0 && t < classes && t != shape.ignore_index) {
      const T w = weight != nullptr ? weight[t] : T(1);
      row_loss = (1 - smoothing) * w * minus_log_p(t) + smoothing / classes * smooth;
      mine.weight += w;
    } else if (t != shape.ignore_index) {
      row_loss = kNaN<T>;
      report(reporter, ReportKind::target_out_of_range, t, row, classes);
    }
    mine.loss += row_loss;
    if (shape.reduction == LossReduction::none) loss[row] = row_loss;
  }

  const ThreadGroup<kThreads> block(kThreads);
  mine.loss = block.reduce(mine.loss, Plus());
  mine.weight = block.reduce(mine.weight, Plus());
  if (threadIdx.x != 0) return;
  if (gridDim.x == 1)
    store_loss(shape.reduction, mine, loss, total_weight);
  else
    partials[blockIdx.x] = mine;
}

/// The sum of the blocks' partials. Launch: one block of 256, each thread every 256th partial.
/// Bound: latency. Deterministic.
template <class T>
__global__ void __launch_bounds__(kThreads)
    cross_entropy_finish_kernel(LossReduction reduction, int count, const LossPartial* partials,
                                T* loss, T* total_weight) {
  wait_for_predecessor();
  LossPartial mine;
  for (int i = threadIdx.x; i < count; i += kThreads) {
    mine.loss += partials[i].loss;
    mine.weight += partials[i].weight;
  }
  const ThreadGroup<kThreads> block(kThreads);
  mine.loss = block.reduce(mine.loss, Plus());
  mine.weight = block.reduce(mine.weight, Plus());
  if (threadIdx.x == 0) store_loss(reduction, mine, loss, total_weight);
}

/// dx[r,k] = s_r · ((1 − ε) · w_t · (p_k − [k = t]) + ε/K · (p_k · Σ w − w_k)), with s_r =
/// dloss[r], dloss or dloss / total_weight by the reduction; NaN for a bad target, and an ignored
/// row as in cross_entropy.h. Layout: dx, x (rows, classes). Launch: block 256 as groups of `lanes`
/// threads, a group a row; the grid covers the rows. Bound: memory, x read and dx written once.
/// Deterministic.
template <class T>
__global__ void __launch_bounds__(kThreads)
    cross_entropy_backward_kernel(CrossEntropyShape shape, int lanes, CrossEntropySaved<T> saved,
                                  const T* __restrict__ dloss, T* __restrict__ dx) {
  const ThreadGroup<kThreads> group(lanes);
  const int64_t row = int64_t{blockIdx.x} * (kThreads / lanes) + group.group;
  const int64_t classes = shape.classes;
  const T* const weight = saved.weight;
  const T smoothing = static_cast<T>(shape.label_smoothing);

  wait_for_predecessor();
  T all_weights = static_cast<T>(classes);
  if (shape.label_smoothing > 0 && weight != nullptr) {
    all_weights = 0;
    for (int64_t k = group.lane; k < classes; k += lanes) all_weights += weight[k];
    all_weights = group.reduce(all_weights, Plus());
  }
  if (row >= shape.rows) return;

  const int64_t t = saved.target[row];
  const bool ignored = t == shape.ignore_index;
  const bool bad = !ignored && (t < 0 || t >= classes);
  T scale = dloss[shape.reduction == LossReduction::none ? row : 0];
  if (shape.reduction == LossReduction::mean) scale /= *saved.total_weight;
  if (bad) scale = kNaN<T>;
  const T target_weight =
      (1 - smoothing) * (ignored || bad || weight == nullptr ? T(1) : weight[t]);
  const T largest = saved.terms[2 * row], log_sum = saved.terms[2 * row + 1];
  const T ignored_gradient = T(0) * log_sum;
  for (int64_t k = group.lane; k < classes; k += lanes) {
    const T p = std::exp(saved.x[row * classes + k] - largest - log_sum);
    T gradient = target_weight * (p - (k == t ? T(1) : T(0)));
    if (shape.label_smoothing > 0)
      gradient += smoothing / classes * (p * all_weights - (weight != nullptr ? weight[k] : T(1)));
    dx[row * classes + k] = ignored ? ignored_gradient : scale * gradient;
  }
}

}  // namespace

template <class T>
void cross_entropy_forward(cuda::Stream stream, const CrossEntropyShape& shape, const T* x,
                           const int64_t* target, const T* weight, T* loss, T* terms,
                           T* total_weight) {
  constexpr int64_t kOneBlockRounds = 8;  // of a block through rows: cheaper than a second launch
  constexpr unsigned kMostBlocks = 1024;
  const int lanes = lanes_for(shape.classes, kThreads);
  const DeviceReporter reporter = device_reporter(stream.device);
  const auto forward = [&](unsigned blocks, LossPartial* partials) {
    launch_overlapping(stream, {blocks, kThreads}, cross_entropy_forward_kernel<T>, shape, lanes, x,
                       target, weight, loss, terms, total_weight, partials, reporter);
  };
  if (shape.rows <= kOneBlockRounds * (kThreads / lanes)) return forward(1, nullptr);

  const unsigned blocks = std::min(blocks_for(shape.rows, kThreads / lanes), kMostBlocks);
  StreamLease lease(stream);
  LossPartial* const partials = lease.scratch<LossPartial>(blocks * sizeof(LossPartial));
  forward(blocks, partials);
  if (blocks > 1)
    launch_overlapping(stream, {1, kThreads}, cross_entropy_finish_kernel<T>, shape.reduction,
                       blocks, partials, loss, total_weight);
}

template <class T>
void cross_entropy_backward(cuda::Stream stream, const CrossEntropyShape& shape,
                            const CrossEntropySaved<T>& saved, const T* dloss, T* dx) {
  if (shape.rows * shape.classes == 0) return;
  const int lanes = lanes_for(shape.classes, kThreads);
  launch_overlapping(stream, {blocks_for(shape.rows, kThreads / lanes), kThreads},
                     cross_entropy_backward_kernel<T>, shape, lanes, saved, dloss, dx);
}

#define CUTTLE_CROSS_ENTROPY(T)                                                         \
  template void cross_entropy_forward(cuda::Stream, const CrossEntropyShape&, const T*, \
                                      const int64_t*, const T*, T*, T*, T*);            \
  template void cross_entropy_backward(cuda::Stream, const CrossEntropyShape&,          \
                                       const CrossEntropySaved<T>&, const T*, T*);
CUTTLE_CROSS_ENTROPY(float)
CUTTLE_CROSS_ENTROPY(double)

}  // namespace cuttle::kernels
