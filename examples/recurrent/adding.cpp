// An LSTM learns to add two numbers that it saw among many others: the adding problem of Hochreiter
// and Schmidhuber (1997). A sequence has a random number and a mark at each place; the answer is
// the sum of the two numbers that are marked.
//   adding [STEPS]
// Expected after the 600 steps it takes by itself, three seconds on two CPU cores: a mean squared
// error below 0.01. Who always answers 1 has 0.167.
#include "adder.h"

#include <cstdio>
#include <cstdlib>

using namespace cuttle;

struct Task {
  Tensor x, y;  // (N, T, 2), (N)
};

/// One mark in the first half of the sequence, one in the second.
Task make_task(int64_t n, int64_t length) {
  const Tensor numbers = rand({n, length});
  const Tensor first = one_hot(randint(length / 2, {n}), length);
  const Tensor second = one_hot(randint(length / 2, length, {n}), length);
  const Tensor marks = (first + second).to(float32);
  return {stack({numbers, marks}, 2), (numbers * marks).sum(1)};
}

int main(int argc, char** argv) {
  const int steps = argc > 1 ? std::atoi(argv[1]) : 600;
  constexpr int64_t kLength = 30, kBatch = 64;

  manual_seed(0);
  const Device device(cuda::is_available() ? "cuda" : "cpu");
  Adder model;
  model.to(device);
  MSELoss loss_fn;
  Adam optimizer(model.parameters(), {.lr = 5e-3});

  for (int step = 1; step <= steps; ++step) {
    const Task task = make_task(kBatch, kLength);
    const Tensor loss = loss_fn(model(task.x.to(device)), task.y.to(device));
    optimizer.zero_grad();
    loss.backward();
    clip_grad_norm_(model.parameters(), 1);
    optimizer.step();
    if (step == 1 || step % 100 == 0) std::printf("step %d, loss: %.4f\n", step, loss.item());
  }

  const NoGradGuard no_grad;
  const Task task = make_task(1000, kLength);
  std::printf("mean squared error on new sequences: %.4f\n",
              loss_fn(model(task.x.to(device)), task.y.to(device)).item());
}
