// Where operations on batches of images draw: on the device, each image its own numbers.
#pragma once

#include <cstdint>
#include <optional>

#include "../../../kernels/image_draws.h"
#include "../../generator.h"
#include "../../tensor.h"

namespace cuttle {

/// The draws of one operation on a batch.
struct ImageRandom {
  kernels::ImageDraws draws;
  Tensor numbers = {};  // (N) int64, what draws.number points to
};

/// The generator's next call on this device, the default generator's where none is given; image i
/// has number i.
ImageRandom next_image_random(const Device& device, std::optional<Generator> generator = {});
/// Draws by (seed, offset, the image's number), numbers (N) int64 in [0, 2⁴⁰) on the images'
/// device.
ImageRandom numbered_image_random(uint64_t seed, uint64_t offset, const Tensor& numbers);

/// A seed for each call of several that share one, so that they draw apart.
uint64_t call_seed(uint64_t seed, uint64_t call);

/// 0 … n − 1 in an order that (seed, offset) gives: that of a Philox generator's call number
/// `offset` of permutation(). On the device, without a wait.
Tensor random_order(int64_t n, uint64_t seed, uint64_t offset, const Device& device);

}  // namespace cuttle
