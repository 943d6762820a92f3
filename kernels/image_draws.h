// Random numbers of images: each image of a batch draws its own, whatever batch it is in.
#pragma once

#include "philox.h"

namespace cuttle::kernels {

/// Where the images of a batch draw their random numbers: image i those of its number, block by
/// block of Philox. So they depend on seed, offset and number alone, not on the batch or the
/// device.
struct ImageDraws {
  PhiloxAt at;
  const int64_t* number = nullptr;  // one an image, in [0, 2⁴⁰); nullptr: image i has number i

  CUTTLE_HOST_DEVICE uint64_t number_of(int64_t image) const {
    return static_cast<uint64_t>(number == nullptr ? image : number[image]);
  }
  /// Block `k` < 2²⁴ of that image.
  CUTTLE_HOST_DEVICE PhiloxBlock block(int64_t image, int64_t k) const {
    const PhiloxAt from = at.resolved();
    return philox(from.seed, from.offset, static_cast<uint64_t>(k) << 40 | number_of(image));
  }
};

/// 32 random bits as a number in [0, 1), and as one of 0 … count − 1 (count < 2³¹), each as likely
/// as another but for 2⁻³² times the count.
CUTTLE_HOST_DEVICE inline double unit_draw(uint32_t bits) {
  return static_cast<double>(bits) * 0x1p-32;
}
CUTTLE_HOST_DEVICE inline int64_t whole_draw(uint32_t bits, int64_t count) {
  return static_cast<int64_t>(uint64_t{bits} * static_cast<uint64_t>(count) >> 32);
}

}  // namespace cuttle::kernels
