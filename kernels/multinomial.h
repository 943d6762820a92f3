// What drawing categories by their weights takes, and checks of probabilities.
#pragma once

#include <cstdint>
#include <sstream>
#include <string>

#include "stream.h"

namespace cuttle::kernels {

/// Throws Error unless all n numbers lie in [0, 1]; on a GPU the error comes with the next wait.
void check_probabilities(cpu::Stream, int64_t n, const double* p);
void check_probabilities(cuda::Stream, int64_t n, const double* p);

/// sums[r, c] = weights[r, 0] + … + weights[r, c], for row-major (rows, cols). The columns are cut
/// into kSumChunks pieces of one length; sums run within a piece, and each piece's start is the sum
/// of the pieces ahead of it, in order: the same bits on every device. Throws Error, as above, for
/// a weight that is negative or not finite, and a row whose sum is 0 or not finite.
inline constexpr int kSumChunks = 256;
void cumulative_weights(cpu::Stream, int64_t rows, int64_t cols, const double* weights,
                        double* sums);
void cumulative_weights(cuda::Stream, int64_t rows, int64_t cols, const double* weights,
                        double* sums);

// What the functions above are about, for their errors on each device.
inline std::string probability_sentence(double p, int64_t index) {
  std::ostringstream words;
  words << "bernoulli: p must lie between 0 and 1, got " << p << " at element " << index;
  return words.str();
}
inline std::string weight_sentence(double weight, int64_t row, int64_t column) {
  std::ostringstream words;
  words << "multinomial: weights are finite numbers, 0 or more; got " << weight << " at row " << row
        << ", column " << column;
  return words.str();
}
inline std::string weight_sum_sentence(double sum, int64_t row) {
  std::ostringstream words;
  words << "multinomial: the weights of row " << row << " add up to " << sum
        << "; their sum must be finite and above 0";
  return words.str();
}

}  // namespace cuttle::kernels
