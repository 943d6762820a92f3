// Mixed precision: the types that operations compute in are PyTorch's, gradients keep the
// parameters' type, and a parameter is converted once.
#include <cuttle/core/autocast.h>
#include <cuttle/core/autograd/backward.h>
#include <cuttle/core/autograd/checkpoint.h>
#include <cuttle/core/autograd/grad_mode.h>
#include <cuttle/core/creation.h>
#include <cuttle/core/indexing.h>
#include <cuttle/core/ops/activations.h>
#include <cuttle/core/ops/arithmetic.h>
#include <cuttle/core/ops/conv2d.h>
#include <cuttle/core/ops/conv2d_pool.h>
#include <cuttle/core/ops/convolution.h>
#include <cuttle/core/ops/elementwise.h>
#include <cuttle/core/ops/linear.h>
#include <cuttle/core/ops/matmul.h>
#include <cuttle/core/ops/normalization/group_norm.h>
#include <cuttle/core/ops/normalization/layer_norm.h>
#include <cuttle/core/ops/products.h>

#include <functional>

#include "samples.h"
#include "support/devices.h"
#include "support/expect.h"

namespace cuttle::test {
namespace {

class AutocastTest : public DeviceTest {
 protected:
  Tensor parameter(const Shape& shape, double low, double high, uint64_t seed) const {
    return sample(shape, device(), float32, low, high, seed).requires_grad_();
  }
};
CUTTLE_INSTANTIATE_DEVICES(AutocastTest);

struct Case {
  const char* name;
  std::function<Tensor(const Tensor& x)> run;  // x (3, 3)
};

const Case kLowered[] = {
    {"linear", [](const Tensor& x) { return linear(x, x, x.select(0, 0)); }},
    {"matmul", [](const Tensor& x) { return matmul(x, x); }},
    {"matmul with a batch", [](const Tensor& x) { return matmul(x.unsqueeze(0), x); }},
    {"mm", [](const Tensor& x) { return mm(x, x); }},
    {"bmm", [](const Tensor& x) { return bmm(x.unsqueeze(0), x.unsqueeze(0)); }},
    {"mv", [](const Tensor& x) { return mv(x, x.select(0, 0)); }},
    {"addmm", [](const Tensor& x) { return addmm(x, x, x); }},
    {"addmv", [](const Tensor& x) { return addmv(x.select(0, 0), x, x.select(0, 1)); }},
    {"baddbmm",
     [](const Tensor& x) { return baddbmm(x.unsqueeze(0), x.unsqueeze(0), x.unsqueeze(0)); }},
    {"addbmm", [](const Tensor& x) { return addbmm(x, x.unsqueeze(0), x.unsqueeze(0)); }},
    {"einsum",
     [](const Tensor& x) {
       return einsum("ij,jk->ik", {x, x});
     }},
    {"conv1d", [](const Tensor& x) { return conv1d(x.unsqueeze(0), x.unsqueeze(2)); }},
    {"conv2d",
     [](const Tensor& x) {
       return conv2d(x.view({1, 1, 3, 3}), x.view({1, 1, 3, 3}));
     }},
    {"conv3d",
     [](const Tensor& x) {
       return conv3d(x.view({1, 1, 1, 3, 3}), x.view({1, 1, 1, 3, 3}));
     }},
    {"conv_transpose2d",
     [](const Tensor& x) {
       return conv_transpose2d(x.view({1, 1, 3, 3}), x.view({1, 1, 3, 3}));
     }},
    {"conv2d_max_pool2d",
     [](const Tensor& x) {
       return conv2d_max_pool2d(x.view({1, 1, 3, 3}), x.view({9, 1, 1, 1}));
     }},
};

const Case kRaised[] = {
    {"exp", [](const Tensor& x) { return x.exp(); }},
    {"expm1", [](const Tensor& x) { return x.expm1(); }},
    {"log", [](const Tensor& x) { return x.log(); }},
    {"log10", [](const Tensor& x) { return x.log10(); }},
    {"log1p", [](const Tensor& x) { return x.log1p(); }},
    {"log2", [](const Tensor& x) { return x.log2(); }},
    {"pow", [](const Tensor& x) { return x.pow(3); }},
    {"reciprocal", [](const Tensor& x) { return x.reciprocal(); }},
    {"rsqrt", [](const Tensor& x) { return x.rsqrt(); }},
    {"tan", [](const Tensor& x) { return x.tan(); }},
    {"acos", [](const Tensor& x) { return x.acos(); }},
    {"asin", [](const Tensor& x) { return x.asin(); }},
    {"cosh", [](const Tensor& x) { return x.cosh(); }},
    {"sinh", [](const Tensor& x) { return x.sinh(); }},
    {"erfinv", [](const Tensor& x) { return x.erfinv(); }},
    {"softplus", [](const Tensor& x) { return softplus(x); }},
    {"softmax", [](const Tensor& x) { return x.softmax(-1); }},
    {"log_softmax", [](const Tensor& x) { return x.log_softmax(0); }},
    {"layer_norm",
     [](const Tensor& x) { return layer_norm(x, {3}, x.select(0, 0), x.select(0, 1)); }},
    {"group_norm",
     [](const Tensor& x) { return group_norm(x, 1, x.select(0, 0), x.select(0, 1)); }},
    {"sum", [](const Tensor& x) { return x.sum(); }},
    {"prod", [](const Tensor& x) { return x.prod(); }},
    {"norm", [](const Tensor& x) { return x.norm(); }},
    {"cumsum", [](const Tensor& x) { return x.cumsum(0); }},
    {"cumprod", [](const Tensor& x) { return x.cumprod(0); }},
};

const Case kAsTheyCome[] = {
    {"add", [](const Tensor& x) { return x + x; }},
    {"mul", [](const Tensor& x) { return x * 2; }},
    {"relu", [](const Tensor& x) { return x.relu(); }},
    {"sqrt", [](const Tensor& x) { return x.sqrt(); }},
    {"tanh", [](const Tensor& x) { return x.tanh(); }},
    {"mean", [](const Tensor& x) { return x.mean(); }},
    {"amax", [](const Tensor& x) { return x.amax(); }},
    {"transpose", [](const Tensor& x) { return x.t(); }},
    {"in place", [](const Tensor& x) { return x.clone().exp_(); }},
};

TEST_P(AutocastTest, LowersProducts) {
  const Tensor x = parameter({3, 3}, 0.1, 0.9, 1);
  for (const DType dtype : {bfloat16, float16}) {
    const Autocast autocast(dtype);
    for (const Case& one : kLowered) {
      EXPECT_EQ(one.run(x).dtype(), dtype) << one.name;
      EXPECT_EQ(one.run(x.to(dtype)).dtype(), dtype) << one.name;
      EXPECT_EQ(one.run(x.to(dtype == bfloat16 ? float16 : bfloat16)).dtype(), dtype) << one.name;
      EXPECT_EQ(one.run(x.to(float64)).dtype(), float64) << one.name;
    }
  }
  for (const Case& one : kLowered) EXPECT_EQ(one.run(x).dtype(), float32) << one.name;
}

TEST_P(AutocastTest, GivesTheValuesOfTheLowerType) {
  const Tensor x = parameter({3, 3}, 0.1, 0.9, 1);
  for (const Case& one : kLowered) {
    const Tensor expected = one.run(x.to(bfloat16));
    const Autocast autocast(bfloat16);
    EXPECT_EQ(one.run(x).to_vector<double>(), expected.to_vector<double>()) << one.name;
  }
}

TEST_P(AutocastTest, RaisesWhatLosesTooMuch) {
  const Tensor x = parameter({3, 3}, 0.1, 0.9, 1).to(bfloat16);
  for (const Case& one : kRaised) {
    const Tensor expected = one.run(x.to(float32));
    {
      const Autocast autocast(bfloat16);
      const Tensor raised = one.run(x);
      EXPECT_EQ(raised.dtype(), float32) << one.name;
      EXPECT_EQ(raised.to_vector<double>(), expected.to_vector<double>()) << one.name;
      EXPECT_EQ(one.run(x.to(float64)).dtype(), float64) << one.name;
    }
    EXPECT_EQ(one.run(x).dtype(), bfloat16) << one.name;
  }
}

TEST_P(AutocastTest, LeavesTheOthersAlone) {
  const Tensor x = parameter({3, 3}, 0.1, 0.9, 1);
  const Autocast autocast(bfloat16);
  for (const Case& one : kAsTheyCome)
    for (const DType dtype : {float32, bfloat16, float64})
      EXPECT_EQ(one.run(x.to(dtype)).dtype(), dtype) << one.name;
}

TEST_P(AutocastTest, WidensOperandsThatDiffer) {
  const Tensor x = parameter({4}, 0.1, 0.9, 1), low = x.to(bfloat16);
  const Tensor index = tensor({0, 2, 1, 3}, {.device = device()});
  EXPECT_NE(error_of([&] { (void)dot(x, low); }), "");
  const Autocast autocast(bfloat16);
  EXPECT_EQ(dot(x, low).dtype(), float32);
  EXPECT_EQ(dot(low, low).dtype(), bfloat16);
  EXPECT_EQ(tensordot(low, x, {0}, {0}).dtype(), float32);
  EXPECT_EQ(low.scatter_add(0, index, x).dtype(), float32);
  EXPECT_EQ(x.scatter_add(0, index, low).dtype(), float32);
  EXPECT_EQ(low.index_put({index}, x).dtype(), float32);
}

TEST_P(AutocastTest, GivesParametersTheirOwnType) {
  const Tensor w = parameter({3, 3}, -1, 1, 1);
  const Tensor x = parameter({3, 3}, -1, 1, 2).detach();
  Tensor loss;
  {
    const Autocast autocast(bfloat16);
    loss = (linear(linear(x, w), w) * 3).sum();
    EXPECT_EQ(loss.dtype(), float32);
  }
  loss.backward();
  EXPECT_EQ(w.grad().dtype(), float32);
  // By hand, with the conversions written out.
  const Tensor v = w.detach().requires_grad_(), low = v.to(bfloat16);
  (linear(linear(x.to(bfloat16), low), low) * 3).to(float32).sum().backward();
  EXPECT_EQ(w.grad().to_vector<double>(), v.grad().to_vector<double>());
}

TEST_P(AutocastTest, NeverConvertsInAReplay) {
  const Tensor w = parameter({3, 3}, -1, 1, 1);
  const Tensor loss = linear(w, w).sum();
  const std::vector<Tensor> expected = grad(loss, {w}, {}, {.create_graph = true});
  const Autocast autocast(bfloat16);
  const std::vector<Tensor> inside = grad(loss, {w}, {}, {.create_graph = true});
  EXPECT_EQ(inside[0].to_vector<double>(), expected[0].to_vector<double>());
  EXPECT_TRUE(is_autocast_enabled());
}

TEST_P(AutocastTest, ConvertsAParameterOnce) {
  Tensor w = parameter({3, 3}, -1, 1, 1);
  const auto same = [](const Tensor& y, const Tensor& z) { return y.raw_data() == z.raw_data(); };
  {
    const Autocast autocast(bfloat16);
    const Tensor once = autocast_lowered(w);
    {
      const Autocast inner(bfloat16);
      EXPECT_TRUE(same(once, autocast_lowered(w)));
    }
    EXPECT_TRUE(same(once, autocast_lowered(w)));
    const Tensor unrecorded = [&] {
      const NoGradGuard no_grad;
      return autocast_lowered(w);
    }();
    EXPECT_FALSE(unrecorded.requires_grad());
    EXPECT_TRUE(autocast_lowered(w).requires_grad());
    {
      const NoGradGuard no_grad;
      w.mul_(2);
    }
    EXPECT_EQ(autocast_lowered(w).to_vector<double>(), w.to(bfloat16).to_vector<double>());
    const Autocast without_cache(bfloat16, true, false);
    const Tensor first = autocast_lowered(w);
    EXPECT_FALSE(same(first, autocast_lowered(w)));
  }
}

TEST_P(AutocastTest, IsTakenUpByACheckpoint) {
  const Tensor w = parameter({3, 3}, -1, 1, 1);
  const auto block = [&](const Tensor& in) { return linear(in, w).tanh(); };
  const auto gradient = [&](bool checkpointed) {
    Tensor loss;
    {
      const Autocast autocast(bfloat16);
      loss = (checkpointed ? checkpoint(block, w) : block(w)).sum();
    }
    return grad(loss, {w})[0].to_vector<double>();
  };
  EXPECT_EQ(gradient(true), gradient(false));
}

TEST_P(AutocastTest, EndsWithItsScope) {
  EXPECT_FALSE(is_autocast_enabled());
  {
    const Autocast autocast(float16);
    EXPECT_TRUE(is_autocast_enabled());
    EXPECT_EQ(get_autocast_dtype(), float16);
    {
      const Autocast off(bfloat16, false);
      EXPECT_FALSE(is_autocast_enabled());
    }
    EXPECT_EQ(get_autocast_dtype(), float16);
    EXPECT_EQ(error_of([] { const Autocast wrong(float32); }),
              "Autocast: expected float16 or bfloat16, got float32");
    EXPECT_EQ(get_autocast_dtype(), float16);
  }
  EXPECT_FALSE(is_autocast_enabled());
}

}  // namespace
}  // namespace cuttle::test
