// Where transforms of batches get their random numbers.
#pragma once

#include <cstdint>

#include "../../core/tensor.h"

namespace cuttle {

struct ImageRandom;

/// As long as it lives, what transforms on this thread draw for the images of a batch is a function
/// of seed, epoch, the image's number and which transform of the scope it is: not of the batch or
/// the device. Outside, they draw from the default generator of the batch's device.
///
///     const BatchRandomScope scope(seed, epoch, indices);
///     images = augment(images);
class [[nodiscard]] BatchRandomScope {
 public:
  /// `numbers` (N) int64 in [0, 2⁴⁰), one an image, on the images' device. Throws Error for another
  /// shape or dtype.
  BatchRandomScope(uint64_t seed, uint64_t epoch, Tensor numbers);
  ~BatchRandomScope();
  BatchRandomScope(const BatchRandomScope&) = delete;
  BatchRandomScope& operator=(const BatchRandomScope&) = delete;

 private:
  friend ImageRandom next_batch_random(const Tensor& images);

  const uint64_t seed_, epoch_;
  const Tensor numbers_;
  uint64_t calls_ = 0;
  BatchRandomScope* const before_;
};

/// Internal to data: the draws of the next transform on these images.
ImageRandom next_batch_random(const Tensor& images);

}  // namespace cuttle
