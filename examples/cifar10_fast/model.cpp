#include "model.h"

#include "whitening.h"

using namespace cuttle;

namespace {

Conv2d filters_that_hand_on(int64_t in, int64_t out) {
  Conv2d convolution(in, out, 3, {.padding = "same", .bias = false});
  init::dirac_(convolution.weight.detach().narrow(0, 0, std::min(in, out)));
  return convolution;
}

BatchNorm2d norm_of_one_scale(int64_t channels) {
  BatchNorm2d norm(channels, {.eps = 1e-12, .momentum = 0.4});
  norm.weight.requires_grad_(false);
  return norm;
}

}  // namespace

ConvGroup::ConvGroup(int64_t in, int64_t out)
    : layers(register_module(
          "layers",
          Sequential{filters_that_hand_on(in, out), MaxPool2d(2), norm_of_one_scale(out), GELU(),
                     filters_that_hand_on(out, out), norm_of_one_scale(out), GELU()})) {}

FastNet::FastNet(int64_t width, const Tensor& images)
    : whiten(register_module("whiten", Conv2d(3, 24, 2))),
      body(register_module("body",
                           Sequential{GELU(), ConvGroup(24, width), ConvGroup(width, 4 * width),
                                      ConvGroup(4 * width, 4 * width), MaxPool2d(3), Flatten()})),
      head(register_module("head", Linear(4 * width, 10, {.bias = false}))) {
  const NoGradGuard no_grad;
  whiten.weight.copy_(whitening_filters(images));
  whiten.weight.requires_grad_(false);
  whiten.bias.zero_();
}

Tensor FastNet::forward(const Tensor& x) {
  return head(body(whiten(x))) / head.weight.size(1);
}

std::vector<Tensor> FastNet::trained(bool matrices) const {
  std::vector<Tensor> chosen;
  for (const Tensor& parameter : body.parameters())
    if (parameter.requires_grad() && (parameter.dim() > 1) == matrices) chosen.push_back(parameter);
  return chosen;
}

std::vector<Tensor> FastNet::filters() const {
  return trained(/*matrices=*/true);
}

std::vector<Tensor> FastNet::norm_biases() const {
  return trained(/*matrices=*/false);
}
