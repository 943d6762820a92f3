#include "synthetic.h"

#include "../core/creation.h"
#include "drawing.h"

namespace cuttle {
namespace {

// Every example has a stream of its own, so that they can be drawn in any order.
DrawingRandom example_stream(uint64_t seed, bool train, size_t index) {
  DrawingRandom mix(seed * 2 + (train ? 0 : 1));
  return DrawingRandom(mix.next() + DrawingRandom(index).next());
}

}  // namespace

SyntheticCIFAR10::SyntheticCIFAR10(bool train, Transform transform,
                                   const SyntheticCIFAR10Options& options)
    : ImageDataset("SyntheticCIFAR10", std::move(transform)) {
  const size_t size = options.size > 0 ? options.size : train ? 50'000 : 10'000;
  Tensor images =
      empty({static_cast<int64_t>(size), kDrawingSide, kDrawingSide, 3}, {.dtype = uint8});
  uint8_t* pixels = images.data<uint8_t>();  // (N, 32, 32, 3)
  std::vector<int64_t> targets(size);
#pragma omp parallel for schedule(static)
  for (size_t i = 0; i < size; ++i) {
    DrawingRandom random = example_stream(options.seed, train, i);
    const int label = random.between(0, static_cast<int>(kDrawingClasses.size()) - 1);
    targets[i] = label;
    draw_figure(label, random, pixels + i * kDrawingBytes);
  }
  set_contents(std::move(images), std::move(targets),
               {kDrawingClasses.begin(), kDrawingClasses.end()});
}

}  // namespace cuttle
