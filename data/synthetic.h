// A stand-in for CIFAR-10 that needs no network: drawn figures.
#pragma once

#include <cstdint>

#include "image_dataset.h"

namespace cuttle {

struct SyntheticCIFAR10Options {
  size_t size = 0;    // number of examples; 0: 50,000 for training, 10,000 for testing
  uint64_t seed = 0;  // another seed, another data set
};

/// 32 × 32 colour pictures of ten kinds of figures (disk, ring, square …) at random places, sizes
/// and angles, in random colours, on random backgrounds with clutter and noise. A seed gives the
/// same bytes on every machine; training and test examples differ. The first n examples are the
/// same whatever the size.
class SyntheticCIFAR10 : public ImageDataset {
 public:
  explicit SyntheticCIFAR10(bool train = true, Transform transform = ToTensor(),
                            const SyntheticCIFAR10Options& options = {});
};

}  // namespace cuttle
