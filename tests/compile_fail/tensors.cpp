// Lines that would do nothing: dropping the tensor that .to(device) returns, assigning to a
// temporary, a guard without a name, elements of a type that no tensor has. Only parsed, by
// CMakeLists.txt beside it, with and without one REJECT_ macro.
#include <cuttle/core/autograd/grad_mode.h>
#include <cuttle/core/creation.h>

cuttle::Tensor lines(cuttle::Tensor images, const cuttle::Device& device) {
  images = images.to(device);
  images = images.to(cuttle::float64);
  images = images.cuda();
  images = images.cpu();
  images[0] = images[1];
  const cuttle::NoGradGuard no_grad;
#if defined(REJECT_DROPPED_TO)
  images.to(device);
#elif defined(REJECT_DROPPED_TO_DTYPE)
  images.to(cuttle::float64);
#elif defined(REJECT_DROPPED_CUDA)
  images.cuda();
#elif defined(REJECT_DROPPED_CPU)
  images.cpu();
#elif defined(REJECT_ASSIGNED_GRADIENT)
  images.grad() = images;
#elif defined(REJECT_ASSIGNED_SLICE)
  images.narrow(0, 0, 1) = images;
#elif defined(REJECT_UNNAMED_GUARD)
  cuttle::NoGradGuard();
#elif defined(REJECT_STRANGE_ELEMENTS)
  images.data<unsigned>();
#elif defined(REJECT_STRANGE_VECTOR)
  images.to_vector<unsigned>();
#endif
  return images;
}
