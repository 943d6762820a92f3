// Trains a small network to tell which side of a circle a point lies on. Exits with 0 only where
// the loss falls to less than half.
#include <cuttle/cuttle.h>

#include <cstdint>
#include <cstdio>
#include <vector>

using cuttle::Tensor;

int main() {
  cuttle::manual_seed(0);
  const int64_t n = 512;
  Tensor x = cuttle::randn({n, 2});  // (n, 2)
  std::vector<int64_t> inside(n);
  const std::vector<float> points = x.to_vector<float>();
  for (int64_t i = 0; i < n; ++i) {
    inside[i] = points[2 * i] * points[2 * i] + points[2 * i + 1] * points[2 * i + 1] < 1.2f;
  }
  Tensor y = cuttle::tensor(inside, {n});  // (n), int64

  cuttle::Sequential model{cuttle::Linear(2, 32), cuttle::ReLU(), cuttle::Linear(32, 2)};
  cuttle::CrossEntropyLoss loss_fn;
  cuttle::SGD optimizer(model.parameters(), {.lr = 0.5});

  double first = 0, last = 0;
  for (int step = 0; step < 300; ++step) {
    Tensor loss = loss_fn(model(x), y);
    optimizer.zero_grad();
    loss.backward();
    optimizer.step();
    last = loss.item();
    if (step == 0) first = last;
  }
  std::printf("loss %.4f, after 300 steps %.4f; cuda::is_available() is %s\n", first, last,
              cuttle::cuda::is_available() ? "true" : "false");
  return last < 0.5 * first ? 0 : 1;
}
