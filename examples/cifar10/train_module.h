// The user's own model: the network of the CIFAR-10 tutorial.
#pragma once

#include <cuttle/cuttle.h>

class TrainModule : public cuttle::Module {
 public:
  // x (N, 3, 32, 32), gives logits (N, 10)
  cuttle::Tensor forward(const cuttle::Tensor& x) override { return model(x); }

 private:
  cuttle::Sequential& model =
      register_module("model", cuttle::Sequential{
                                   cuttle::Conv2d(3, 32, 5, {.padding = 2}),
                                   cuttle::MaxPool2d(2),
                                   cuttle::Conv2d(32, 32, 5, {.padding = 2}),
                                   cuttle::MaxPool2d(2),
                                   cuttle::Conv2d(32, 64, 5, {.padding = 2}),
                                   cuttle::MaxPool2d(2),
                                   cuttle::Flatten(),
                                   cuttle::Linear(64 * 4 * 4, 64),
                                   cuttle::Linear(64, 10),
                               });
};
