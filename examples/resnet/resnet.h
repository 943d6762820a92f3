// ResNet-18 for pictures of 32 × 32 pixels.
#pragma once

#include <cuttle/cuttle.h>

/// Two convolutions and a way around them (He et al., "Deep Residual Learning for Image Recognition",
/// 2016).
class BasicBlock : public cuttle::Module {
 public:
  BasicBlock(int64_t in, int64_t out, int64_t stride)
      : body(register_module(
            "body", cuttle::Sequential{
                        cuttle::Conv2d(in, out, 3, {.stride = stride, .padding = 1, .bias = false}),
                        cuttle::BatchNorm2d(out), cuttle::ReLU(),
                        cuttle::Conv2d(out, out, 3, {.padding = 1, .bias = false}),
                        cuttle::BatchNorm2d(out)})),
        around(register_module("around", cuttle::Sequential{})) {
    if (stride == 1 && in == out) return;
    around.append(cuttle::Conv2d(in, out, 1, {.stride = stride, .bias = false}));
    around.append(cuttle::BatchNorm2d(out));
  }

  cuttle::Tensor forward(const cuttle::Tensor& x) override {
    return (body(x) + (around.size() > 0 ? around(x) : x)).relu();
  }

 private:
  cuttle::Sequential &body, &around;
};

/// x (N, 3, 32, 32), gives logits (N, classes). `width` is that of the first of four stages.
class ResNet18 : public cuttle::Module {
 public:
  explicit ResNet18(int64_t classes = 10, int64_t width = 64)
      : model(register_module(
            "model",
            cuttle::Sequential{
                cuttle::Conv2d(3, width, 3, {.padding = 1, .bias = false}),
                cuttle::BatchNorm2d(width), cuttle::ReLU(),
                BasicBlock(width, width, 1), BasicBlock(width, width, 1),
                BasicBlock(width, 2 * width, 2), BasicBlock(2 * width, 2 * width, 1),
                BasicBlock(2 * width, 4 * width, 2), BasicBlock(4 * width, 4 * width, 1),
                BasicBlock(4 * width, 8 * width, 2), BasicBlock(8 * width, 8 * width, 1),
                cuttle::AdaptiveAvgPool2d(1), cuttle::Flatten(),
                cuttle::Linear(8 * width, classes)})) {}

  cuttle::Tensor forward(const cuttle::Tensor& x) override { return model(x); }

 private:
  cuttle::Sequential& model;
};
