// Runs layers on request, for compare_layers.py: reads a number of calls a line, makes them and
// answers with the milliseconds of each. Arguments: the case, and "forward" or "both".
#include <cuttle/cuttle.h>

#include <chrono>
#include <functional>
#include <iostream>
#include <string>

namespace {

using namespace cuttle;

/// An operation of one input, which the gradient goes to.
struct Case {
  Tensor x;
  std::function<Tensor(const Tensor&)> f;
};

constexpr int64_t kBags = 512, kEach = 32, kTable = 10000, kFeatures = 64;

// Rows of a table, and the sum of each bag's.
Tensor composed_bags(const Tensor& indices, const Tensor& table) {
  return embedding(indices, table).sum(1);
}

Case layer_norm_of(int64_t rows, int64_t features) {
  auto layer = std::make_shared<LayerNorm>(Shape{features});
  return {randn({rows, features}), [layer](const Tensor& x) { return (*layer)(x); }};
}

Case named(const std::string& name) {
  const auto number = [&](size_t at) { return std::stoll(name.substr(at)); };
  if (name.starts_with("softmax_")) {
    const int64_t cols = number(8);
    return {randn({(1 << 20) / cols, cols}), [](const Tensor& x) { return x.softmax(1); }};
  }
  if (name.starts_with("log_softmax_")) {
    const int64_t cols = number(12);
    return {randn({(1 << 20) / cols, cols}), [](const Tensor& x) { return x.log_softmax(1); }};
  }
  if (name.starts_with("layer_norm_")) {
    const int64_t cols = number(11);
    return layer_norm_of((1 << 19) / cols, cols);
  }
  const Tensor indices = randint(kTable, {kBags, kEach});
  if (name == "embedding_and_sum")
    return {randn({kTable, kFeatures}),
            [=](const Tensor& table) { return composed_bags(indices, table); }};
  if (name.starts_with("embedding_bag_")) {
    const std::string how = name.substr(14);
    const BagMode mode = how == "sum" ? BagMode::sum : how == "mean" ? BagMode::mean : BagMode::max;
    return {randn({kTable, kFeatures}),
            [=](const Tensor& table) { return embedding_bag(indices, table, {}, {.mode = mode}); }};
  }
  fail("expected one of the cases of pytorch_layers.py, got \"", name, '"');
}

}  // namespace

int main(int argc, char** argv) try {
  using clock = std::chrono::steady_clock;
  manual_seed(0);
  std::cout << "ready" << std::endl;
  Case made = named(argc > 1 ? argv[1] : "");
  const bool backward = argc > 2 && std::string(argv[2]) == "both";
  made.x.requires_grad_(backward);
  const Tensor gradient = randn(made.f(made.x).shape());
  int calls = 0;
  while (std::cin >> calls) {
    for (int i = 0; i < calls; ++i) {
      made.x.set_grad({});
      const auto start = clock::now();
      const Tensor y = made.f(made.x);
      if (backward) y.backward(gradient);
      const std::chrono::duration<double, std::milli> took = clock::now() - start;
      std::cout << took.count() << (i + 1 < calls ? ' ' : '\n');
    }
    std::cout.flush();
  }
} catch (const std::exception& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
