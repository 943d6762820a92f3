// Kernels at large sizes, bound by memory or arithmetic. bench/gpu/pytorch_cases.py has the same.
#include <cuttle/cuttle.h>

#include "worker.h"

namespace cuttle::bench {

namespace {

constexpr int kInGraph = 12;

/// Several sets of one operand, used in turn: more of them than fit in the second-level cache, so
/// that each call reads memory.
std::vector<Tensor> sets(const Shape& shape, bool small) {
  constexpr int64_t kBytes = 256 << 20;
  const Tensor first = rand(shape).to("cuda");
  const int64_t bytes = first.numel() * static_cast<int64_t>(sizeof(float));
  std::vector<Tensor> all = {first};
  while (!small && static_cast<int64_t>(all.size()) * bytes < kBytes) all.push_back(first.clone());
  return all;
}

using Operation = std::function<Tensor(const Tensor&)>;

/// The operation on each set in turn.
std::function<Call()> in_turn(const Shape& shape, bool small, const Operation& operation) {
  return [=]() -> Call {
    return [operation, all = sets(shape, small)](int i) {
      const NoGradGuard no_grad;
      static_cast<void>(operation(all[static_cast<size_t>(i) % all.size()]));
    };
  };
}

/// Loss of (rows, classes) logits, and with `backward` their gradient.
std::function<Call()> cross_entropy_call(const Shape& shape, bool small, bool backward) {
  return [=]() -> Call {
    const Tensor target = randint(0, shape[1], {shape[0]}).to("cuda");
    std::vector<Tensor> all = sets(shape, small);
    if (backward)
      for (Tensor& logits : all) logits.requires_grad_();
    return [=](int i) {
      Tensor logits = all[static_cast<size_t>(i) % all.size()];
      logits.set_grad({});
      const Tensor loss = cross_entropy(logits, target);
      if (backward) loss.backward();
    };
  };
}

}  // namespace

std::vector<Case> large_cases(bool small) {
  const int64_t side = small ? 16 : 4096;
  const Shape square = {side, side}, rows = {side, small ? 8 : 1024};
  const Shape images = {small ? 1 : 64, small ? 3 : 64, small ? 4 : 64, small ? 4 : 64};
  std::vector<Case> cases;
  const auto add = [&](const std::string& name, const Shape& shape, const Operation& operation) {
    cases.push_back({"large/" + name, in_turn(shape, small, operation), false, kInGraph});
  };
  add("copy", square, [](const Tensor& x) { return x.clone(); });
  add("x + 1", square, [](const Tensor& x) { return x + 1; });
  add("sum of all", square, [](const Tensor& x) { return x.sum(); });
  add("sum over rows", square, [](const Tensor& x) { return x.sum(0); });
  add("sum over columns", square, [](const Tensor& x) { return x.sum(1); });
  add("mean over columns", square, [](const Tensor& x) { return x.mean(1); });
  add("argmax over columns", square, [](const Tensor& x) { return x.argmax(1); });
  add("softmax", rows, [](const Tensor& x) { return x.softmax(1); });
  add("log_softmax", rows, [](const Tensor& x) { return x.log_softmax(1); });
  add("NCHW to NHWC", images, [](const Tensor& x) { return x.permute(0, 2, 3, 1).contiguous(); });
  for (const bool backward : {false, true})
    cases.push_back({backward ? "large/cross-entropy with gradient" : "large/cross-entropy",
                     cross_entropy_call(rows, small, backward), false, kInGraph});
  for (const int64_t n : {1024, 4096}) {
    const Shape shape = small ? square : Shape{n, n};
    const auto product = in_turn(shape, small, [](const Tensor& x) { return x.matmul(x); });
    for (const auto& [precision, tf32] : kPrecisions)
      cases.push_back({"large/matrix product " + std::to_string(n) + precision, product, tf32, 4});
  }
  return cases;
}

}  // namespace cuttle::bench
