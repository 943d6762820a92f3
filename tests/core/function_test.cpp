// Functions of the user's own: one result and several, saved tensors, marks, arguments that are no
// tensors, first and second derivatives, and what is refused.
#include <cuttle/core/autograd/backward.h>
#include <cuttle/core/autograd/function.h>
#include <cuttle/core/creation.h>
#include <cuttle/core/gradcheck.h>
#include <cuttle/core/ops/arithmetic.h>
#include <cuttle/core/tensor_impl.h>

#include "samples.h"
#include "support/devices.h"
#include "support/expect.h"

namespace cuttle::test {
namespace {

using V = std::vector<double>;
using Tensors = std::vector<Tensor>;

class Functions : public DeviceTest {
 protected:
  Tensor leaf(std::initializer_list<double> values) const {
    return tensor(values).to(device()).requires_grad_();
  }
};
CUTTLE_INSTANTIATE_DEVICES(Functions);

V list(const Tensor& x) {
  return x.to_vector<double>();
}

struct Cube : Function<Cube> {
  static Tensor forward(FunctionContext* ctx, const Tensor& x, double factor) {
    EXPECT_FALSE(is_grad_enabled());
    ctx->save_for_backward({x});
    ctx->saved_data["factor"] = factor;
    return x * x * x * factor;
  }
  static Tensors backward(FunctionContext* ctx, Tensors gradients) {
    const Tensor x = ctx->get_saved_variables()[0];
    const double factor = std::any_cast<double>(ctx->saved_data["factor"]);
    return {gradients[0] * x * x * (3 * factor), Tensor()};
  }
};

TEST_P(Functions, OneResultTwiceDifferentiable) {
  const Tensor x = leaf({2, 3});
  const Tensor y = Cube::apply(x, 0.5);
  EXPECT_EQ(y.grad_fn(), "Cube");
  EXPECT_EQ(list(y), (V{4, 13.5}));
  const Tensor first = grad(y.sum(), {x}, {}, {.create_graph = true})[0];
  EXPECT_EQ(list(first), (V{6, 13.5}));
  EXPECT_EQ(list(grad(first.sum(), {x})[0]), (V{6, 9}));
  const auto checked = gradcheck([](const Tensors& in) { return Cube::apply(in[0], 2.0); }, {x});
  EXPECT_TRUE(checked) << checked.message;
}

TEST_P(Functions, AreNotRecordedWhereNothingNeedsIt) {
  EXPECT_TRUE(Cube::apply(leaf({2}).detach(), 1.0).is_leaf());
  const NoGradGuard no_grad;
  EXPECT_TRUE(Cube::apply(leaf({2}), 1.0).is_leaf());
}

TEST_P(Functions, FreeWhatTheySaved) {
  const Tensor x = leaf({2});
  const Tensor y = Cube::apply(x, 1.0).sum();
  y.backward();
  EXPECT_EQ(error_of([&] { y.backward(); }),
            "backward: the graph behind 'Cube' was freed by an earlier backward(); pass "
            "retain_graph = true to the first one, or run the forward again");
}

// y = exp(x), from the saved result.
struct Exp : Function<Exp> {
  static Tensor forward(FunctionContext* ctx, const Tensor& x) {
    Tensor y = x.exp();
    ctx->save_for_backward({y});
    return y;
  }
  static Tensors backward(FunctionContext* ctx, Tensors gradients) {
    return {gradients[0] * ctx->get_saved_variables()[0]};
  }
};

TEST_P(Functions, ASavedResultIsNoCycleAndHasItsPlace) {
  const Tensor x = leaf({1.5});
  std::weak_ptr<TensorImpl> watched;
  { watched = Exp::apply(x).impl().weak_from_this(); }
  EXPECT_TRUE(watched.expired());
  const Tensor y = Exp::apply(x);
  Tensor derivative = y.sum();
  for (int order = 1; order <= 3; ++order) {
    derivative = grad(derivative, {x}, {}, {.create_graph = true})[0];
    EXPECT_DOUBLE_EQ(derivative.item(), y.item()) << order;
  }
}

// Sum and difference of two, and which of them were asked for.
struct SumAndDifference : Function<SumAndDifference> {
  static inline std::vector<bool> arrived = {};
  static inline bool materialize = true;
  static Tensors forward(FunctionContext* ctx, const Tensors& both) {
    ctx->set_materialize_grads(materialize);
    return {both[0] + both[1], both[0] - both[1]};
  }
  static Tensors backward(FunctionContext*, Tensors gradients) {
    arrived = {gradients[0].defined(), gradients[1].defined()};
    for (Tensor& gradient : gradients)
      if (!gradient.defined()) gradient = zeros({2}, {.dtype = float64});
    return {gradients[0] + gradients[1], gradients[0] - gradients[1]};
  }
};

TEST_P(Functions, SeveralResults) {
  const Tensor a = leaf({1, 2}), b = leaf({3, 5});
  const Tensors y = SumAndDifference::apply(Tensors{a, b});
  EXPECT_EQ(y[0].grad_fn(), "SumAndDifference");
  EXPECT_EQ(y[1].grad_fn(), "SumAndDifference");
  (y[0] * y[1]).sum().backward();  // a² − b²
  EXPECT_EQ(list(a.grad()), (V{2, 4}));
  EXPECT_EQ(list(b.grad()), (V{-6, -10}));
  const auto checked = gradcheck(
      [](const Tensors& in) {
        const Tensors results = SumAndDifference::apply(in);
        return results[0] * results[1] * results[1];
      },
      {a, b});
  EXPECT_TRUE(checked) << checked.message;
}

TEST_P(Functions, SecondDerivativesThroughSeveralResults) {
  const Tensor a = leaf({1, 2}), b = leaf({3, 5});
  const Tensors y = SumAndDifference::apply(Tensors{a, b});
  const Tensors first = grad((y[0] * y[1] * y[1]).sum(), {a, b}, {}, {.create_graph = true});
  // d/da (a+b)(a−b)² = (a−b)² + 2(a+b)(a−b), and its derivatives 6a − 2b and −2a − 2b
  const Tensors second = grad(first[0].sum(), {a, b});
  EXPECT_EQ(list(second[0]), (V{0, 2}));
  EXPECT_EQ(list(second[1]), (V{-8, -14}));
}

TEST_P(Functions, UnusedResultsHaveZeroGradients) {
  if (!device().is_cpu()) GTEST_SKIP() << "the function makes its zeros on the CPU";
  const Tensor a = leaf({1, 2}), b = leaf({3, 5});
  for (const bool materialize : {true, false}) {
    SumAndDifference::materialize = materialize;
    const Tensors y = SumAndDifference::apply(Tensors{a, b});
    const Tensors g = grad(y[1].sum(), {a, b});
    EXPECT_EQ(SumAndDifference::arrived, (std::vector<bool>{materialize, true}));
    EXPECT_EQ(list(g[0]), (V{1, 1}));
    EXPECT_EQ(list(g[1]), (V{-1, -1}));
  }
  SumAndDifference::materialize = true;
}

TEST_P(Functions, HooksAndGradOfOneOfSeveralResults) {
  const Tensor a = leaf({1, 2}), b = leaf({3, 5});
  const Tensors y = SumAndDifference::apply(Tensors{a, b});
  y[1].register_hook([](const Tensor& gradient) { return gradient * 100; });
  const Tensors g = grad((y[0] + y[1] * 2).sum(), {a, y[0], y[1]});
  EXPECT_EQ(list(g[0]), (V{201, 201}));
  EXPECT_EQ(list(g[1]), (V{1, 1}));
  EXPECT_EQ(list(g[2]), (V{200, 200}));
}

// Both results from saved results: (x², x² · x).
struct Powers : Function<Powers> {
  static Tensors forward(FunctionContext* ctx, const Tensor& x) {
    const Tensor square = x * x;
    const Tensor cube = square * x;
    ctx->save_for_backward({square, x, cube});
    return {square, cube};
  }
  static Tensors backward(FunctionContext* ctx, Tensors gradients) {
    const Tensors saved = ctx->get_saved_variables();
    return {gradients[0] * saved[2] / saved[0] * 2 + gradients[1] * saved[0] * 3};
  }
};

TEST_P(Functions, SavedResultsOfSeveral) {
  const Tensor x = leaf({2});
  Tensor derivative;
  {
    const Tensors y = Powers::apply(x);
    derivative = grad(y[1].sum(), {x}, {}, {.create_graph = true})[0];
  }
  EXPECT_EQ(derivative.item(), 12);  // 3x²
  derivative = grad(derivative, {x}, {}, {.create_graph = true})[0];
  EXPECT_EQ(derivative.item(), 12);  // 6x
  EXPECT_EQ(grad(derivative, {x})[0].item(), 6);
  std::weak_ptr<TensorImpl> watched;
  { watched = Powers::apply(x)[0].impl().weak_from_this(); }
  EXPECT_TRUE(watched.expired());
}

struct Double_ : Function<Double_> {
  static Tensor forward(FunctionContext* ctx, Tensor x) {
    x.mul_(2);
    ctx->mark_dirty({x});
    return x;
  }
  static Tensors backward(FunctionContext*, Tensors gradients) { return {gradients[0] * 2}; }
};

TEST_P(Functions, InPlace) {
  const Tensor x = leaf({1, 2});
  Tensor h = x * 3;
  const Tensor square = h * h;  // saved h
  const Tensor y = Double_::apply(h);
  EXPECT_TRUE(y.is_same(h));
  EXPECT_EQ(list(h), (V{6, 12}));
  h.sum().backward({}, /*retain_graph=*/true);
  EXPECT_EQ(list(x.grad()), (V{6, 6}));
  EXPECT_NE(error_of([&] { square.sum().backward(); }).find("changed in place"), std::string::npos);
  EXPECT_EQ(error_of([&] { (void)Double_::apply(x); }),
            "Double_: a leaf that requires a gradient (shape [2]) cannot be changed in place while "
            "recording; do it under NoGradGuard, or use the out-of-place form");
  Tensor plain = leaf({1, 2}).detach();
  EXPECT_TRUE(Double_::apply(plain).is_same(plain));
  EXPECT_TRUE(plain.is_leaf());
}

struct MaxWithIndex : Function<MaxWithIndex> {
  static Tensors forward(FunctionContext* ctx, const Tensor& x) {
    const Tensor index = x.argmax(), rank = x * 0 + 1;
    ctx->mark_non_differentiable({rank});
    ctx->saved_data["index"] = index.item<int64_t>();
    ctx->save_for_backward({x});
    return {x[index.item<int64_t>()].clone(), index, rank};
  }
  static Tensors backward(FunctionContext* ctx, Tensors gradients) {
    EXPECT_EQ(gradients.size(), 3u);
    const Tensor x = ctx->get_saved_variables()[0];
    const Tensor at = arange(x.numel()).to(x.device()) ==
                      full({}, std::any_cast<int64_t>(ctx->saved_data["index"])).to(x.device());
    return {at.to(float64) * gradients[0]};
  }
};

TEST_P(Functions, ResultsThatAreConstants) {
  const Tensor x = leaf({1, 7, 3});
  const Tensors y = MaxWithIndex::apply(x);
  EXPECT_TRUE(y[0].requires_grad());
  EXPECT_FALSE(y[1].requires_grad());  // integers
  EXPECT_FALSE(y[2].requires_grad());  // marked
  y[0].backward();
  EXPECT_EQ(list(x.grad()), (V{0, 1, 0}));
}

// Hands an input on, which must get a place on the tape of its own.
struct Scaled : Function<Scaled> {
  static Tensor forward(FunctionContext* ctx, const Tensor& x, const Tensor& gradient_factor) {
    EXPECT_EQ(ctx->needs_input_grad(0), x.requires_grad());
    EXPECT_FALSE(ctx->needs_input_grad(1));
    EXPECT_FALSE(ctx->needs_input_grad(7));
    ctx->save_for_backward({gradient_factor});
    return x;
  }
  static Tensors backward(FunctionContext* ctx, Tensors gradients) {
    EXPECT_TRUE(ctx->needs_input_grad(0));
    return {gradients[0] * ctx->get_saved_variables()[0], {}};
  }
};

TEST_P(Functions, AnInputAsResult) {
  const Tensor x = leaf({1, 2}), factor = leaf({10, 20}).detach();
  const Tensor y = Scaled::apply(x, factor);
  EXPECT_FALSE(y.is_same(x));
  EXPECT_TRUE(x.is_leaf());
  EXPECT_EQ(y.raw_data(), x.raw_data());
  y.sum().backward();
  EXPECT_EQ(list(x.grad()), (V{10, 20}));
}

struct Once : Function<Once> {
  static constexpr bool once_differentiable = true;
  static Tensors forward(FunctionContext* ctx, const Tensor& x, bool two) {
    ctx->save_for_backward({x});
    return two ? Tensors{x * x, x + 1} : Tensors{x * x};
  }
  static Tensors backward(FunctionContext* ctx, Tensors gradients) {
    EXPECT_FALSE(is_grad_enabled());
    return {gradients[0] * ctx->get_saved_variables()[0] * 2, {}};
  }
};

TEST_P(Functions, OnceDifferentiable) {
  const Tensor x = leaf({3});
  for (const bool two : {false, true}) {
    const Tensor first =
        grad((Once::apply(x, two)[0] * x).sum(), {x}, {}, {.create_graph = true})[0];
    EXPECT_EQ(first.item(), 27);
    EXPECT_NE(error_of([&] {
                (void)grad(first, {x});
              }).find("backward: 'Once' cannot be differentiated twice"),
              std::string::npos);
  }
}

TEST_P(Functions, ALongChainOfSeveralResultsIsFreed) {
  if (!device().is_cpu()) GTEST_SKIP() << "the same on every device";
  Tensors y{leaf({1, 1}), leaf({1, 1})};
  for (int i = 0; i < 100000; ++i) y = SumAndDifference::apply(y);
}

struct Wrong : Function<Wrong> {
  static inline std::function<Tensors(FunctionContext*, const Tensor&)> body = {};
  static inline size_t gradients = 1;
  static Tensors forward(FunctionContext* ctx, const Tensor& x) { return body(ctx, x); }
  static Tensors backward(FunctionContext*, Tensors given) { return Tensors(gradients, given[0]); }
};

TEST_P(Functions, Refusals) {
  const Tensor x = leaf({1, 2});
  const auto sentence = [&](std::function<Tensors(FunctionContext*, const Tensor&)> body) {
    Wrong::body = std::move(body);
    return error_of([&] { (void)Wrong::apply(x); });
  };
  EXPECT_EQ(
      sentence([](FunctionContext* ctx, const Tensor& in) {
        ctx->mark_dirty({in});
        return Tensors{in * 2};
      }),
      "Wrong: an input of shape [2] that was marked dirty is not among the results; return it "
      "from forward");
  EXPECT_EQ(sentence([](FunctionContext* ctx, const Tensor& in) {
              ctx->mark_dirty({in.clone()});
              return Tensors{in * 2};
            }),
            "Wrong: mark_dirty was given a tensor of shape [2] that is no input of this function");
  EXPECT_EQ(sentence([](FunctionContext* ctx, const Tensor& in) {
              ctx->mark_non_differentiable({in.clone()});
              return Tensors{in * 2};
            }),
            "Wrong: mark_non_differentiable was given a tensor of shape [2] that is not among the "
            "results");
  EXPECT_EQ(sentence([](FunctionContext*, const Tensor&) { return Tensors{Tensor()}; }),
            "Wrong: forward returned an undefined tensor");
  Wrong::body = [](FunctionContext*, const Tensor& in) { return Tensors{in * 2}; };
  Wrong::gradients = 2;
  EXPECT_EQ(error_of([&] { Wrong::apply(x)[0].sum().backward(); }),
            "backward of 'Wrong' gave 2 gradients, and its forward took 1 arguments; give an "
            "undefined Tensor() for what has no gradient");
  Wrong::gradients = 1;
  Wrong::body = {};
}

}  // namespace
}  // namespace cuttle::test
