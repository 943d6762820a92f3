// Models that several tests of this folder use.
#pragma once

#include <cuttle/core/creation.h>
#include <cuttle/layers/convolution/conv2d.h>
#include <cuttle/layers/flatten.h>
#include <cuttle/layers/linear.h>
#include <cuttle/layers/losses/classification.h>
#include <cuttle/layers/pooling/max_pool.h>
#include <cuttle/layers/relu.h>
#include <cuttle/layers/sequential.h>

namespace cuttle::test {

/// The tutorial network for CIFAR-10, as a user writes it.
class TrainModule : public Module {
 public:
  Tensor forward(const Tensor& x) override { return model1(x); }

  Sequential& model1 =
      register_module("model1", Sequential{Conv2d(3, 32, 5, {.padding = 2}), MaxPool2d(2),
                                           Conv2d(32, 32, 5, {.padding = 2}), MaxPool2d(2),
                                           Conv2d(32, 64, 5, {.padding = 2}), MaxPool2d(2),
                                           Flatten(), Linear(1024, 64), Linear(64, 10)});
};

/// A module of each kind of content: own parameter, buffers, nested children, another arity.
class Mixed : public Module {
 public:
  using Module::register_buffer;
  using Module::register_module;
  using Module::register_parameter;

  Tensor forward(const Tensor& x) override { return body(x); }

  Sequential& body = register_module("body", Sequential{Linear(4, 3), Sequential{Linear(3, 2)}});
  Parameter& scale = register_parameter("scale", full({2}, 1.5));
  Tensor& count = register_buffer("count", zeros({1}, {.dtype = int64}));
  Tensor& scratch = register_buffer("scratch", zeros({3}), /*persistent=*/false);
};

}  // namespace cuttle::test
