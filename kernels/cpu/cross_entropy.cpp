// Cross-entropy on the CPU: softmax and negative log likelihood, one row after the other.
#include "../cross_entropy.h"

#include <cmath>

#include "parallel.h"

namespace cuttle::kernels {
namespace {

/// Rows whose losses are added up together; fixed, so that the sum's order is that of the rows.
constexpr int64_t kBlock = 1024;
/// An exponential costs about as much as copying this many elements.
constexpr int64_t kExpCost = 8;

void check_targets(const CrossEntropyShape& shape, const int64_t* target) {
  for (int64_t r = 0; r < shape.rows; ++r)
    if ((target[r] < 0 || target[r] >= shape.classes) && target[r] != shape.ignore_index)
      fail("cross_entropy: target ", target[r], " at row ", r, " is out of range for ",
           shape.classes, " classes; targets are class indices from 0 to ", shape.classes - 1,
           ", or ignore_index");
}

/// Σ exp(x − largest) over a row of n ≥ 1 logits. The sum finds every NaN, the maximum need not.
template <class T>
double sum_of_exponentials(const T* x, int64_t n, T& largest) {
  largest = x[0];
  for (int64_t k = 1; k < n; ++k) largest = x[k] > largest ? x[k] : largest;
  double sum = 0;
  for (int64_t k = 0; k < n; ++k) sum += std::exp(x[k] - largest);
  return sum;
}

/// The loss of a row that is not ignored.
template <class T>
double row_loss(const CrossEntropyShape& shape, const T* x, int64_t target, const T* weight,
                T largest, double log_sum) {
  const auto minus_log_p = [=](int64_t k) {
    return log_sum - (static_cast<double>(x[k]) - static_cast<double>(largest));
  };
  const double target_weight = weight ? weight[target] : 1;
  const double loss = target_weight * minus_log_p(target);
  if (shape.label_smoothing == 0) return loss;
  double smooth = 0;
  for (int64_t k = 0; k < shape.classes; ++k) smooth += (weight ? weight[k] : 1) * minus_log_p(k);
  return (1 - shape.label_smoothing) * loss +
         shape.label_smoothing / static_cast<double>(shape.classes) * smooth;
}

/// dx of one row: scale · d(row_loss)/dx.
template <class T>
void row_gradient(const CrossEntropyShape& shape, const CrossEntropySaved<T>& saved, int64_t row,
                  double weight_sum, T scale, T* dx) {
  const T* x = saved.x + row * shape.classes;
  const T largest = saved.terms[2 * row], log_sum = saved.terms[2 * row + 1];
  const int64_t target = saved.target[row];
  const T hard =
      static_cast<T>(1 - shape.label_smoothing) * (saved.weight ? saved.weight[target] : T(1));
  const T soft = static_cast<T>(shape.label_smoothing / static_cast<double>(shape.classes));
  const T total = hard + soft * static_cast<T>(weight_sum);
  for (int64_t k = 0; k < shape.classes; ++k) {
    const T keep = soft * (saved.weight ? saved.weight[k] : T(1)) + (k == target ? hard : T(0));
    dx[k] = scale * (total * std::exp(x[k] - largest - log_sum) - keep);
  }
}

}  // namespace

template <class T>
void cross_entropy_forward(cpu::Stream, const CrossEntropyShape& shape, const T* x,
                           const int64_t* target, const T* weight, T* loss, T* terms,
                           T* total_weight) {
  check_targets(shape, target);
  const bool per_row = shape.reduction == LossReduction::none;
  const int64_t blocks = (shape.rows + kBlock - 1) / kBlock;
  thread_local cpu::Scratch scratch;
  double* losses = scratch.get<double>(2 * blocks);  // (blocks)
  double* weights = losses + blocks;                 // (blocks)
  cpu::parallel_for(
      blocks, cpu::grain_units(kBlock * shape.classes * kExpCost), [=](int64_t begin, int64_t end) {
        for (int64_t b = begin; b < end; ++b) {
          losses[b] = weights[b] = 0;
          for (int64_t r = b * kBlock; r < std::min(shape.rows, (b + 1) * kBlock); ++r) {
            const T* row = x + r * shape.classes;
            T largest;
            const double log_sum = std::log(sum_of_exponentials(row, shape.classes, largest));
            terms[2 * r] = largest;
            terms[2 * r + 1] = static_cast<T>(log_sum);
            const bool ignored = target[r] == shape.ignore_index;
            const double value =
                ignored ? 0 : row_loss(shape, row, target[r], weight, largest, log_sum);
            if (per_row) loss[r] = static_cast<T>(value);
            losses[b] += value;
            if (!ignored) weights[b] += weight ? static_cast<double>(weight[target[r]]) : 1;
          }
        }
      });
  double sum = 0, divisor = 0;
  for (int64_t b = 0; b < blocks; ++b) {
    sum += losses[b];
    divisor += weights[b];
  }
  *total_weight = static_cast<T>(divisor);
  if (shape.reduction == LossReduction::sum) *loss = static_cast<T>(sum);
  if (shape.reduction == LossReduction::mean) *loss = static_cast<T>(sum / divisor);
}

template <class T>
void cross_entropy_backward(cpu::Stream, const CrossEntropyShape& shape,
                            const CrossEntropySaved<T>& saved, const T* dloss, T* dx) {
  double weight_sum = static_cast<double>(shape.classes);
  if (saved.weight) {
    weight_sum = 0;
    for (int64_t k = 0; k < shape.classes; ++k) weight_sum += saved.weight[k];
  }
  cpu::parallel_for(
      shape.rows, cpu::grain_units(shape.classes * kExpCost), [=](int64_t begin, int64_t end) {
        for (int64_t r = begin; r < end; ++r) {
          T* row = dx + r * shape.classes;
          if (saved.target[r] == shape.ignore_index) {
            std::fill_n(row, shape.classes, T(0) * saved.terms[2 * r + 1]);
            continue;
          }
          const T scale = shape.reduction == LossReduction::none   ? dloss[r]
                          : shape.reduction == LossReduction::mean ? *dloss / *saved.total_weight
                                                                   : *dloss;
          row_gradient(shape, saved, r, weight_sum, scale, row);
        }
      });
}

#define CUTTLE_INSTANTIATE(T)                                                             \
  template void cross_entropy_forward<T>(cpu::Stream, const CrossEntropyShape&, const T*, \
                                         const int64_t*, const T*, T*, T*, T*);           \
  template void cross_entropy_backward<T>(cpu::Stream, const CrossEntropyShape&,          \
                                          const CrossEntropySaved<T>&, const T*, T*);
CUTTLE_INSTANTIATE(float)
CUTTLE_INSTANTIATE(double)

}  // namespace cuttle::kernels
