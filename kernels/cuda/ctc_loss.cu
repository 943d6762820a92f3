// Connectionist temporal classification, forward and backward. See kernels/ctc_loss.h.
#include "../ctc_loss.h"

#include "../ctc_sample.h"
#include "group_reduce.cuh"

namespace cuttle::kernels {

namespace {

using namespace cuda;  // launch, ThreadGroup, … of this folder

constexpr int kThreads = 256;
constexpr int kGradientThreads = 128;

/// alpha, log_p and loss of one sample a block.
/// Layout: ctc_loss.h. Launch: block 256, its threads share the states of a frame and meet behind
/// each; grid N. Bound: latency, of T steps of one barrier each; alpha written and read once.
/// Numerics: double throughout. Deterministic.
template <class T>
__global__ void __launch_bounds__(kThreads)
    ctc_alpha_kernel(CtcShape shape, CtcInputs<T> in, double* alpha, double* __restrict__ log_p,
                     T* __restrict__ loss) {
  wait_for_predecessor();
  const int64_t n = blockIdx.x, row = shape.states();
  const ctc::Sample<T> sample(shape, in, n);
  double* const at = alpha + n * shape.frames * row;
  for (int64_t t = 0; t < sample.frames; ++t) {
    for (int64_t s = threadIdx.x; s < sample.states; s += kThreads)
      at[t * row + s] = sample.alpha(t, s, at + (t - 1) * row);
    __syncthreads();
  }
  if (threadIdx.x != 0) return;
  log_p[n] = sample.total(at + (sample.frames - 1) * row);
  loss[n] = static_cast<T>(ctc::loss_of(shape, log_p[n]));
}

/// beta of one sample a block, as ctc_alpha_kernel, frames falling.
template <class T>
__global__ void __launch_bounds__(kThreads)
    ctc_beta_kernel(CtcShape shape, CtcInputs<T> in, double* beta) {
  wait_for_predecessor();
  const int64_t n = blockIdx.x, row = shape.states();
  const ctc::Sample<T> sample(shape, in, n);
  double* const at = beta + n * shape.frames * row;
  for (int64_t t = sample.frames - 1; t >= 0; --t) {
    for (int64_t s = threadIdx.x; s < sample.states; s += kThreads)
      at[t * row + s] = sample.beta(t, s, at + (t + 1) * row);
    __syncthreads();
  }
}

/// dx of one frame of one sample a block: zeros, the blanks' sum by all threads, and each label's
/// sum by the thread that has its first place.
/// Layout: ctc_loss.h. Launch: block 128, grid (T, N). Bound: memory, dx written once, alpha and
/// beta read once and again from the caches; S² comparisons of labels. Numerics: sums in double.
/// Deterministic.
template <class T>
__global__ void __launch_bounds__(kGradientThreads)
    ctc_gradient_kernel(CtcShape shape, CtcInputs<T> in, const double* __restrict__ alpha,
                        const double* __restrict__ beta, const double* __restrict__ log_p,
                        const T* __restrict__ dloss, T* __restrict__ dx) {
  wait_for_predecessor();
  const int64_t t = blockIdx.x, n = blockIdx.y, row = shape.states();
  const ctc::Sample<T> sample(shape, in, n);
  const double* const a = alpha + (n * shape.frames + t) * row;
  const double* const b = beta + (n * shape.frames + t) * row;
  T* const to = dx + (t * shape.batch + n) * shape.classes;
  const double total = log_p[n];
  const double factor = ctc::factor_of(shape, total, static_cast<double>(dloss[n]));
  const bool counts = t < sample.frames && factor != 0;
  const auto share = [=](int64_t s) { return std::exp(a[s] + b[s] - total); };

  // Without an alignment every class of the frame is unknown.
  const T rest = counts && factor != factor ? kNaN<T> : T(0);
  for (int64_t c = threadIdx.x; c < shape.classes; c += kGradientThreads) to[c] = rest;
  double blanks = 0;
  if (counts)
    for (int64_t s = threadIdx.x; s < sample.states; s += kGradientThreads)
      if (sample.label(s) == shape.blank) blanks += share(s);
  const ThreadGroup<kGradientThreads> block(kGradientThreads);
  blanks = block.reduce(blanks, Plus());
  __syncthreads();  // the zeros come before the sums
  if (!counts) return;
  if (threadIdx.x == 0) to[shape.blank] = static_cast<T>(factor * blanks);
  const int64_t labels = sample.states / 2;
  for (int64_t k = threadIdx.x; k < labels; k += kGradientThreads) {
    const int64_t c = sample.labels[k];
    if (c < 0 || c >= shape.classes || c == shape.blank) continue;
    bool first = true;
    for (int64_t j = 0; j < k && first; ++j) first = sample.labels[j] != c;
    if (!first) continue;
    double sum = 0;
    for (int64_t j = k; j < labels; ++j)
      if (sample.labels[j] == c) sum += share(2 * j + 1);
    to[c] = static_cast<T>(factor * sum);
  }
}

}  // namespace

template <class T>
void ctc_loss_forward(cuda::Stream stream, const CtcShape& shape, const CtcInputs<T>& in,
                      double* alpha, double* log_p, T* loss) {
  if (shape.batch == 0) return;
  launch_overlapping(stream, {blocks_for(shape.batch, 1), kThreads}, ctc_alpha_kernel<T>, shape, in,
                     alpha, log_p, loss);
}

template <class T>
void ctc_loss_backward(cuda::Stream stream, const CtcShape& shape, const CtcInputs<T>& in,
                       const double* alpha, const double* log_p, const T* dloss, double* beta,
                       T* dx) {
  constexpr int64_t kMostSamples = 65535;  // of a grid's y
  if (shape.batch == 0 || shape.frames == 0) return;
  if (shape.batch > kMostSamples)
    fail("ctc_loss: a batch of ", shape.batch, " is over the GPU kernels' limit of 65535");
  launch_overlapping(stream, {blocks_for(shape.batch, 1), kThreads}, ctc_beta_kernel<T>, shape, in,
                     beta);
  const dim3 grid(blocks_for(shape.frames, 1), static_cast<unsigned>(shape.batch));
  launch_overlapping(stream, {grid, kGradientThreads}, ctc_gradient_kernel<T>, shape, in, alpha,
                     beta, log_p, dloss, dx);
}

#define CUTTLE_CTC_LOSS(T)                                                                    \
  template void ctc_loss_forward(cuda::Stream, const CtcShape&, const CtcInputs<T>&, double*, \
                                 double*, T*);                                                \
  template void ctc_loss_backward(cuda::Stream, const CtcShape&, const CtcInputs<T>&,         \
                                  const double*, const double*, const T*, double*, T*);
CUTTLE_CTC_LOSS(float)
CUTTLE_CTC_LOSS(double)

}  // namespace cuttle::kernels
