// Running sums of weights, row by row.
#include "../multinomial.h"

#include <algorithm>
#include <cmath>

#include "parallel.h"

namespace cuttle::kernels {

void check_probabilities(cpu::Stream, int64_t n, const double* p) {
  cpu::parallel_for(n, cpu::kGrain, [=](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i)
      if (!(p[i] >= 0 && p[i] <= 1)) throw Error(probability_sentence(p[i], i));
  });
}

void cumulative_weights(cpu::Stream, int64_t rows, int64_t cols, const double* weights,
                        double* sums) {
  const int64_t chunk = (cols + kSumChunks - 1) / kSumChunks;
  cpu::parallel_for(rows, cpu::grain_units(cols), [=](int64_t first, int64_t last) {
    for (int64_t r = first; r < last; ++r) {
      double before = 0;  // the pieces ahead
      for (int64_t begin = 0; begin < cols; begin += chunk) {
        double sum = 0;
        for (int64_t c = begin; c < std::min(cols, begin + chunk); ++c) {
          const double weight = weights[r * cols + c];
          if (!(weight >= 0 && std::isfinite(weight))) throw Error(weight_sentence(weight, r, c));
          sum += weight;
          sums[r * cols + c] = before + sum;
        }
        before += sum;
      }
      if (!(before > 0 && std::isfinite(before))) throw Error(weight_sum_sentence(before, r));
    }
  });
}

}  // namespace cuttle::kernels
