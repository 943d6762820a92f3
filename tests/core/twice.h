// First and second derivatives against finite differences.
#pragma once

#include <cuttle/core/autograd/backward.h>
#include <cuttle/core/autograd/grad_mode.h>
#include <cuttle/core/gradcheck.h>
#include <cuttle/core/ops/arithmetic.h>
#include <gtest/gtest.h>

#include <functional>

namespace cuttle::test {

/// gradcheck of f at x, and of the gradient of the sum of f's squares.
inline void check_twice(const std::function<Tensor(const Tensor&)>& f, const Tensor& x) {
  const auto first = gradcheck([&](const auto& in) { return f(in[0]); }, {x});
  EXPECT_TRUE(first) << "first derivative: " << first.message;
  const auto gradient = [&](const std::vector<Tensor>& in) {
    const GradMode recording(true);  // the finite differences are taken without
    const Tensor y = f(in[0]);
    return grad((y * y).sum(), {in[0]}, {}, {.create_graph = true})[0];
  };
  const auto second = gradcheck(gradient, {x});
  EXPECT_TRUE(second) << "second derivative: " << second.message;
}

}  // namespace cuttle::test
