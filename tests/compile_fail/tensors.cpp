// tensor.to(device) returns a new tensor; to drop it is the classic mistake and does not compile.
// Only parsed, by CMakeLists.txt beside it, with and without one REJECT_ macro.
#include <cuttle/core/tensor.h>

cuttle::Tensor lines(cuttle::Tensor images, const cuttle::Device& device) {
  images = images.to(device);
  images = images.to(cuttle::float64);
  images = images.cuda();
  images = images.cpu();
#if defined(REJECT_DROPPED_TO)
  images.to(device);
#elif defined(REJECT_DROPPED_TO_DTYPE)
  images.to(cuttle::float64);
#elif defined(REJECT_DROPPED_CUDA)
  images.cuda();
#elif defined(REJECT_DROPPED_CPU)
  images.cpu();
#endif
  return images;
}
