// Optimizers live on the host and have no .cuda() or .to(); modules have, and keep their
// parameters. Only parsed, by CMakeLists.txt beside it, with and without one REJECT_ macro.
#include <cuttle/layers/sequential.h>
#include <cuttle/optim/sgd.h>

void lines(cuttle::Sequential& model, cuttle::SGD& optimizer, const cuttle::Device& device) {
  model.cuda();
  model.to(device);
  optimizer.step();
#if defined(REJECT_OPTIMIZER_CUDA)
  optimizer.cuda();
#elif defined(REJECT_OPTIMIZER_TO)
  optimizer.to(device);
#endif
}
