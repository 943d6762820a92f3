// What a data set is: examples by number. Data sets live on the host; what a loader yields is
// moved.
#pragma once

#include <cstddef>
#include <cstdint>

#include "../core/tensor.h"

namespace cuttle {

/// One example: an input and the number of its class.
struct Example {
  Tensor image;
  int64_t target = 0;
};

/// Base class of data sets. get() must give the same example for the same index (its random
/// augmentation apart), on the CPU, and tensors of one shape and dtype if a DataLoader is to batch
/// them.
class Dataset {
 public:
  virtual ~Dataset() = default;
  /// Throws Error if `index` is not below size().
  virtual Example get(size_t index) const = 0;
  virtual size_t size() const = 0;
};

}  // namespace cuttle
