// Pointwise losses on the CPU: blocks of elements, whose values stay in the first cache between
// their computation and their sum, both of which vectorise.
#include "../pointwise_loss.h"

#include "../pointwise_loss_table.h"
#include "parallel.h"

namespace cuttle::kernels {
namespace {

/// Elements summed together; fixed, so that the sum's order is that of the blocks.
constexpr int64_t kBlock = 4096;
constexpr int64_t kStrip = 256;  // values computed before they are summed
constexpr int kLanes = 16;       // sums kept beside each other

/// The operands of element i.
template <class Row, class T>
struct Operands {
  Operands(const PointwiseLossInputs<T>& in, int64_t i) {
    for (int k = 0; k < Row::kOperands; ++k) at[k] = in.operand[k][i];
  }
  T at[Row::kOperands];
};

template <class Row, class T>
void values(const PointwiseLossInputs<T>& in, int64_t begin, int64_t end, T* to) {
#pragma omp simd
  for (int64_t i = begin; i < end; ++i)
    to[i - begin] = Row::value(Operands<Row, T>(in, i).at, in.parameter);
}

template <class T>
double sum_of(int64_t n, const T* x) {
  double lanes[kLanes] = {};
  int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
#pragma omp simd
    for (int l = 0; l < kLanes; ++l) lanes[l] += static_cast<double>(x[i + l]);
  }
  for (int l = 0; i < n; ++i, ++l) lanes[l] += static_cast<double>(x[i]);
  double sum = 0;
  for (const double lane : lanes) sum += lane;
  return sum;
}

template <class Row, class T>
double block_sum(const PointwiseLossInputs<T>& in, int64_t begin, int64_t end) {
  double sum = 0;
  T strip[kStrip];
  for (int64_t i = begin; i < end; i += kStrip) {
    const int64_t n = std::min(kStrip, end - i);
    values<Row>(in, i, i + n, strip);
    sum += sum_of(n, strip);
  }
  return sum;
}

double* scratch_for(int64_t sums) {
  thread_local cpu::Scratch scratch;
  return scratch.get<double>(sums);
}

template <class Row, class T>
double total(const PointwiseLossInputs<T>& in) {
  const int64_t blocks = (in.n + kBlock - 1) / kBlock;
  double* const sums = scratch_for(blocks);
  cpu::parallel_for(blocks, cpu::grain_units(kBlock), [=](int64_t first, int64_t last) {
    for (int64_t b = first; b < last; ++b)
      sums[b] = block_sum<Row>(in, b * kBlock, std::min(in.n, (b + 1) * kBlock));
  });
  double sum = 0;
  for (int64_t b = 0; b < blocks; ++b) sum += sums[b];
  return sum;
}

/// kEach: dloss holds one element for each of dx, else one for all.
template <class Row, int k, bool kEach, class T>
void derivatives(const PointwiseLossInputs<T>& in, int64_t begin, int64_t end, T scale,
                 const T* dloss, T* dx) {
#pragma omp simd
  for (int64_t i = begin; i < end; ++i)
    dx[i] = (kEach ? dloss[i] : scale) *
            Row::template derivative<k>(Operands<Row, T>(in, i).at, in.parameter);
}

}  // namespace

template <class T>
void pointwise_loss_forward(cpu::Stream, PointwiseLoss op, LossReduction reduction,
                            const PointwiseLossInputs<T>& in, T* loss) {
  losses::visit(op, [&]<class Row>(const Row&) {
    if (reduction == LossReduction::none) {
      cpu::parallel_for(in.n, cpu::kGrain, [=](int64_t begin, int64_t end) {
        values<Row>(in, begin, end, loss + begin);
      });
      return;
    }
    const double sum = total<Row>(in);
    const bool mean = reduction == LossReduction::mean;
    *loss = static_cast<T>(mean ? sum / static_cast<double>(in.n) : sum);
  });
}

template <class T>
void pointwise_loss_backward(cpu::Stream, PointwiseLoss op, LossReduction reduction, int k,
                             const PointwiseLossInputs<T>& in, const T* dloss, T* dx) {
  const bool each = reduction == LossReduction::none;
  const T divisor = reduction == LossReduction::mean ? static_cast<T>(in.n) : T(1);
  losses::visit_derivative(op, k, [&]<int operand, class Row>(const Row&) {
    cpu::parallel_for(in.n, cpu::kGrain, [=](int64_t begin, int64_t end) {
      if (each)
        derivatives<Row, operand, true>(in, begin, end, T(1), dloss, dx);
      else
        derivatives<Row, operand, false>(in, begin, end, *dloss / divisor, dloss, dx);
    });
  });
}

#define CUTTLE_INSTANTIATE(T)                                                           \
  template void pointwise_loss_forward(cpu::Stream, PointwiseLoss, LossReduction,       \
                                       const PointwiseLossInputs<T>&, T*);              \
  template void pointwise_loss_backward(cpu::Stream, PointwiseLoss, LossReduction, int, \
                                        const PointwiseLossInputs<T>&, const T*, T*);
CUTTLE_INSTANTIATE(float)
CUTTLE_INSTANTIATE(double)

}  // namespace cuttle::kernels
