// An LSTM and a number from its last state.
#pragma once

#include <cuttle/cuttle.h>

class Adder : public cuttle::Module {
 public:
  // x (N, T, 2), gives (N)
  cuttle::Tensor forward(const cuttle::Tensor& x) override {
    return head(lstm(x).output.select(1, -1)).squeeze(-1);
  }

 private:
  cuttle::LSTM& lstm = register_module("lstm", cuttle::LSTM(2, 64, {.batch_first = true}));
  cuttle::Linear& head = register_module("head", cuttle::Linear(64, 1));
};
