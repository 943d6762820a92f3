// Data sets and their loaders live on the host and have no .cuda() or .to(); what they yield has.
// Only parsed, by CMakeLists.txt beside it, with and without one REJECT_ macro.
#include <cuttle/data/cifar10.h>
#include <cuttle/data/loading/dataloader.h>

void lines(cuttle::CIFAR10& dataset, cuttle::DataLoader& loader, const cuttle::Device& device) {
  for (auto [images, targets] : loader) {
    images = images.cuda();
    targets = targets.to(device);
  }
  (void)dataset;
#if defined(REJECT_DATASET_CUDA)
  dataset.cuda();
#elif defined(REJECT_DATASET_TO)
  dataset.to(device);
#elif defined(REJECT_LOADER_CUDA)
  loader.cuda();
#elif defined(REJECT_LOADER_TO)
  loader.to(device);
#endif
}
