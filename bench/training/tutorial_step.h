// The training step that the benchmarks measure: the tutorial network on made data, batch 64.
#pragma once

#include <cuttle/cuttle.h>

namespace cuttle::bench {

/// Model, loss, optimizer and one batch on a device; run() is one step of SGD.
class TutorialStep {
 public:
  explicit TutorialStep(const Device& device, int64_t batch_size = 64)
      : optimizer_(model_.parameters(), {.lr = 0.01}),
        images_(rand({batch_size, 3, 32, 32}).to(device)),
        targets_(randint(0, 10, {batch_size}).to(device)) {
    model_.to(device);
    loss_.to(device);
  }

  /// Forward, backward, update; returns the loss without waiting for it.
  Tensor run() { return run(images_, targets_); }
  Tensor run(const Tensor& images, const Tensor& targets) {
    Tensor loss = loss_(model_(images), targets);
    optimizer_.zero_grad();
    loss.backward();
    optimizer_.step();
    return loss;
  }

 private:
  Sequential model_{Conv2d(3, 32, 5, {.padding = 2}),
                    MaxPool2d(2),
                    Conv2d(32, 32, 5, {.padding = 2}),
                    MaxPool2d(2),
                    Conv2d(32, 64, 5, {.padding = 2}),
                    MaxPool2d(2),
                    Flatten(),
                    Linear(1024, 64),
                    Linear(64, 10)};
  CrossEntropyLoss loss_;
  SGD optimizer_;
  Tensor images_, targets_;
};

}  // namespace cuttle::bench
