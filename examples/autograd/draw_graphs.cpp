// Writes the drawings of docs/autograd.md as Graphviz' language; tools/draw_graphs.sh makes the
// pictures.
//   draw_graphs small|network
#include <cuttle/cuttle.h>

#include <iostream>
#include <string_view>

using namespace cuttle;

namespace {

class TrainModule : public Module {
 public:
  Tensor forward(const Tensor& x) override { return model1(x); }

  Sequential& model1 =
      register_module("model1", Sequential{Conv2d(3, 32, 5, {.padding = 2}), MaxPool2d(2),
                                           Conv2d(32, 32, 5, {.padding = 2}), MaxPool2d(2),
                                           Conv2d(32, 64, 5, {.padding = 2}), MaxPool2d(2),
                                           Flatten(), Linear(1024, 64), Linear(64, 10)});
};

/// A layer with a residual: h is used twice.
std::string small() {
  const Tensor x = randn({64, 32}), w = randn({32, 32}, {.requires_grad = true});
  const Tensor b = zeros({32}, {.requires_grad = true});
  const Tensor scale = ones({}, {.requires_grad = true});
  const Tensor h = linear(x, w, b).tanh();
  const Tensor loss = (h * scale + h).sum();
  return graph_dot(loss, {{"w", w}, {"b", b}, {"scale", scale}, {"h", h}, {"loss", loss}});
}

std::string network() {
  TrainModule model;
  CrossEntropyLoss loss_fn;
  const Tensor loss = loss_fn(model(rand({64, 3, 32, 32})), randint(0, 10, {64}));
  GraphNames names = model.named_parameters();
  names.emplace_back("loss", loss);
  return graph_dot(loss, names);
}

}  // namespace

int main(int argc, char** argv) try {
  const std::string_view which = argc == 2 ? argv[1] : "";
  if (which != "small" && which != "network") {
    std::cerr << "usage: draw_graphs small|network\n";
    return 2;
  }
  std::cout << (which == "small" ? small() : network());
} catch (const std::exception& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
