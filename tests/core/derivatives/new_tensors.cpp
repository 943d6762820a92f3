// Operations that make tensors, of numbers or at random: they have no derivative.
#include <cuttle/core/creation.h>
#include <cuttle/core/ops/random.h>

#include <functional>

#include "derivative_cases.h"

namespace cuttle::test {
namespace {

TensorOptions of(const Tensor& x) {
  return {.dtype = x.dtype(), .device = x.device()};
}

DerivativeCase made(const std::string& name,
                    const std::function<Tensor(const TensorOptions&)>& make) {
  return {name, [make](const Inputs& x) { return make(of(x[0])); }, {{1}}};
}

DerivativeCase filled(const std::string& name, const std::function<void(Tensor&)>& fill) {
  return {name,
          [fill](const Inputs& x) {
            Tensor y = x[0].detach().clone();
            fill(y);
            return y;
          },
          {{2, 3}}};
}

using Options = const TensorOptions&;

const ConstantCases numbers({
    made("empty",
         [](Options o) {
           return empty({2, 3}, o);
         }),
    made("zeros",
         [](Options o) {
           return zeros({2, 3}, o);
         }),
    made("ones",
         [](Options o) {
           return ones({2, 3}, o);
         }),
    made("full",
         [](Options o) {
           return full({2, 3}, 1, o);
         }),
    made("empty_strided",
         [](Options o) {
           return empty_strided({2, 3}, {1, 2}, o);
         }),
    made("scalar_tensor", [](Options o) { return scalar_tensor(1, o); }),
    made("eye", [](Options o) { return eye(3, o); }),
    made("arange", [](Options o) { return arange(5, o); }),
    made("linspace", [](Options o) { return linspace(0, 4, 5, o); }),
    made("logspace", [](Options o) { return logspace(0, 1, 3, 10, o); }),
    made("tensor",
         [](Options o) {
           return tensor({1.0, 0.0}, {2}, o);
         }),
    filled("fill_", [](Tensor& y) { y.fill_(1); }),
    filled("zero_", [](Tensor& y) { y.zero_(); }),
    {"from_blob",
     [](const Inputs& x) { return from_blob(x[0].raw_data(), x[0].shape(), of(x[0])); },
     {{3}}},
    {"detach", [](const Inputs& x) { return x[0].detach(); }, {{3}}},
});

const ConstantCases of_another({
    {"empty_like", [](const Inputs& x) { return empty_like(x[0]); }, {{3}}},
    {"zeros_like", [](const Inputs& x) { return zeros_like(x[0]); }, {{3}}},
    {"ones_like", [](const Inputs& x) { return ones_like(x[0]); }, {{3}}},
    {"full_like", [](const Inputs& x) { return full_like(x[0], 1); }, {{3}}},
    {"new_empty", [](const Inputs& x) { return x[0].new_empty({2}); }, {{3}}},
    {"new_empty_strided",
     [](const Inputs& x) {
       return x[0].new_empty_strided({2, 3}, {1, 2});
     },
     {{3}}},
    {"new_zeros", [](const Inputs& x) { return x[0].new_zeros({2}); }, {{3}}},
    {"new_ones", [](const Inputs& x) { return x[0].new_ones({2}); }, {{3}}},
    {"new_full", [](const Inputs& x) { return x[0].new_full({2}, 1); }, {{3}}},
    {"new_tensor",
     [](const Inputs& x) {
       return x[0].new_tensor({1, 0});
     },
     {{3}}},
});

const ConstantCases random_numbers({
    made("rand",
         [](Options o) {
           return rand({2, 3}, o);
         }),
    made("randn",
         [](Options o) {
           return randn({2, 3}, o);
         }),
    made("randint",
         [](Options o) {
           return randint(2, {2, 3}, o);
         }),
    made("randperm", [](Options o) { return randperm(5, o); }),
    {"rand_like", [](const Inputs& x) { return rand_like(x[0]); }, {{3}}},
    {"randn_like", [](const Inputs& x) { return randn_like(x[0]); }, {{3}}},
    {"randint_like", [](const Inputs& x) { return randint_like(x[0], 2); }, {{3}}},
    {"normal", [](const Inputs& x) { return normal(x[0], x[1]); }, {{3}, {3}}},
    {"bernoulli", [](const Inputs& x) { return x[0].bernoulli(); }, {{3}}, 0.1, 0.9},
    {"multinomial", [](const Inputs& x) { return x[0].multinomial(2); }, {{4}}},
    filled("uniform_", [](Tensor& y) { y.uniform_(); }),
    filled("normal_", [](Tensor& y) { y.normal_(); }),
    filled("exponential_", [](Tensor& y) { y.exponential_(); }),
    filled("geometric_", [](Tensor& y) { y.geometric_(0.5); }),
    filled("random_", [](Tensor& y) { y.random_(0, 2); }),
    filled("bernoulli_", [](Tensor& y) { y.bernoulli_(0.5); }),
});

}  // namespace
}  // namespace cuttle::test
