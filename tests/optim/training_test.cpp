// Optimizer and modules together: an optimizer made before the model moves still trains it.
#include <cuttle/core/creation.h>
#include <cuttle/layers/linear.h>
#include <cuttle/layers/losses/classification.h>
#include <cuttle/layers/relu.h>
#include <cuttle/layers/sequential.h>
#include <cuttle/optim/sgd.h>

#include "support/devices.h"

namespace cuttle::test {
namespace {

class Training : public DeviceTest {};
CUTTLE_INSTANTIATE_DEVICES(Training);

TEST_P(Training, OptimizerMadeBeforeTheMoveTrainsTheModel) {
  manual_seed(1);
  Sequential model{Linear(2, 16), ReLU(), Linear(16, 2)};
  CrossEntropyLoss loss_fn;
  SGD optimizer(model.parameters(), {.lr = 0.2, .momentum = 0.9});
  model.to(device(), float64);
  loss_fn.to(device());

  // Two classes: inside a circle and outside of it.
  const Tensor x = rand({256, 2}, {.dtype = float64});
  const auto points = x.to_vector<double>();
  std::vector<int64_t> classes;
  for (size_t i = 0; i < points.size(); i += 2)
    classes.push_back(points[i] * points[i] + points[i + 1] * points[i + 1] < 0.6 ? 1 : 0);
  const Tensor input = x.to(device()), target = tensor(classes, {256}).to(device());

  double first = 0, last = 0;
  for (int step = 0; step < 200; ++step) {
    const Tensor loss = loss_fn(model(input), target);
    last = loss.item();
    if (step == 0) first = last;
    optimizer.zero_grad();
    loss.backward();
    optimizer.step();
    if (step == 100) model.to(float32).to(float64);  // the momentum follows there and back
  }
  EXPECT_GT(first, 0.6);
  EXPECT_LT(last, 0.15);
}

}  // namespace
}  // namespace cuttle::test
