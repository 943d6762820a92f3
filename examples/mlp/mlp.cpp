// A multilayer perceptron learns on which of two spirals a point lies: all of it in forty lines.
// Expected after 1,000 steps, less than a second on a CPU: accuracy on new points above 0.98.
#include <cuttle/cuttle.h>

#include <cstdio>

using namespace cuttle;

// n points on each of two spirals: positions (2n, 2) and the number of the spiral (2n).
std::pair<Tensor, Tensor> spirals(int64_t n) {
  const Tensor angle = 9 * rand({n}).sqrt();
  const Tensor arm = stack({angle * angle.cos(), angle * angle.sin()}, 1) / 9;
  const Tensor points = cat({arm, -arm}) + 0.02 * randn({2 * n, 2});
  return {points, arange(2 * n, {.dtype = int64}) >= n};
}

int main() {
  manual_seed(0);
  const Device device(cuda::is_available() ? "cuda" : "cpu");
  Sequential model{Linear(2, 64), ReLU(), Linear(64, 64), ReLU(), Linear(64, 2)};
  model.to(device);
  CrossEntropyLoss loss_fn;
  SGD optimizer(model.parameters(), {.lr = 0.1, .momentum = 0.9});

  for (int step = 1; step <= 1000; ++step) {
    const auto [points, spiral] = spirals(128);
    const Tensor loss = loss_fn(model(points.to(device)), spiral.to(device, int64));
    optimizer.zero_grad();
    loss.backward();
    optimizer.step();
    if (step % 200 == 0) std::printf("step %d, loss: %.4f\n", step, loss.item());
  }

  const NoGradGuard no_grad;
  const auto [points, spiral] = spirals(1000);
  const Tensor guess = model(points.to(device)).argmax(1).cpu();
  std::printf("accuracy: %.4f\n", (guess == spiral.to(int64)).to(float32).mean().item());
}
