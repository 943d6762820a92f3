// Scaled dot-product attention: the tiled kernels against the matrix of scores, masks, dropout,
// strides and mistakes. Derivatives: derivatives/attention.cpp.
#include <cuttle/core/autograd/backward.h>
#include <cuttle/core/creation.h>
#include <cuttle/core/ops/arithmetic.h>
#include <cuttle/core/ops/attention/attention.h>
#include <cuttle/core/ops/matmul.h>
#include <cuttle/core/ops/rearrange.h>

#include "support/devices.h"
#include "support/expect.h"

namespace cuttle::test {
namespace {

class Attention : public DeviceTest {
 protected:
  void SetUp() override {
    DeviceTest::SetUp();
    manual_seed(17);
  }
  Tensor random(const Shape& shape, DType dtype = float64) const {
    return (rand(shape, {.dtype = dtype}) * 2 - 1).to(device()).detach().requires_grad_();
  }
  /// Values and gradients of the kernels beside those by the matrix of scores.
  void expect_same(const Tensor& q, const Tensor& k, const Tensor& v,
                   const AttentionOptions& options, double tolerance = 1e-12) const {
    const std::vector<Tensor> leaves{q, k, v};
    const Tensor fast = scaled_dot_product_attention(q, k, v, options);
    const Tensor slow = attention_with_weights(q, k, v, options).output;
    ASSERT_EQ(fast.shape(), slow.shape());
    expect_near(fast, slow.to_vector<double>(), tolerance, tolerance, "output");
    const Tensor weights = rand_like(slow);
    const auto actual = grad(fast, leaves, weights), expected = grad(slow, leaves, weights);
    for (size_t i = 0; i < 3; ++i)
      expect_near(actual[i], expected[i].to_vector<double>(), tolerance, tolerance,
                  "gradient " + std::to_string(i));
  }
};
CUTTLE_INSTANTIATE_DEVICES(Attention);

TEST_P(Attention, TilesGiveWhatTheMatrixOfScoresGives) {
  struct Case {
    int64_t batch, heads, queries, keys, width, value_width;
  };
  const Case cases[] = {{1, 1, 1, 1, 1, 1},     {2, 3, 5, 7, 4, 3},   {1, 2, 33, 70, 5, 4},
                        {1, 1, 65, 31, 33, 65}, {4, 4, 3, 5, 2, 130}, {1, 1, 4, 300, 3, 2},
                        {0, 2, 3, 3, 2, 2},     {1, 2, 0, 3, 2, 2},   {1, 1, 70, 129, 2, 2}};
  for (const Case& c : cases)
    for (const bool is_causal : {false, true}) {
      SCOPED_TRACE(::testing::Message() << c.queries << " queries, " << c.keys << " keys");
      expect_same(random({c.batch, c.heads, c.queries, c.width}),
                  random({c.batch, c.heads, c.keys, c.width}),
                  random({c.batch, c.heads, c.keys, c.value_width}), {.is_causal = is_causal});
    }
}

TEST_P(Attention, Float32IsAsGood) {
  expect_same(random({2, 2, 70, 8}, float32), random({2, 2, 65, 8}, float32),
              random({2, 2, 65, 4}, float32), {.is_causal = true}, 2e-6);
}

TEST_P(Attention, MasksBroadcast) {
  const Tensor q = random({2, 2, 5, 3}), k = random({2, 2, 6, 3}), v = random({2, 2, 6, 2});
  for (const Shape& shape :
       {Shape{5, 6}, Shape{2, 2, 5, 6}, Shape{2, 1, 1, 6}, Shape{5, 1}, Shape{1, 6}, Shape{6}}) {
    const Tensor added = random(shape).detach();
    expect_same(q, k, v, {.attn_mask = added});
    expect_same(q, k, v, {.attn_mask = added > -0.5, .scale = 0.3});
  }
}

TEST_P(Attention, AQueryThatSeesNoKeyGetsZero) {
  const Tensor q = random({1, 1, 3, 2}), k = random({1, 1, 4, 2}), v = random({1, 1, 4, 2});
  const Tensor mask = tensor(std::vector<uint8_t>{1, 0, 1, 0, 0, 0, 0, 0, 1, 1, 1, 1}, {3, 4})
                          .to(device())
                          .to(boolean);
  expect_same(q, k, v, {.attn_mask = mask});
  const Tensor out = scaled_dot_product_attention(q, k, v, {.attn_mask = mask});
  EXPECT_EQ(out.select(2, 1).abs().sum().item(), 0);
  for (const Tensor& gradient : grad(out, {q, k, v}, ones_like(out)))
    EXPECT_EQ(gradient.isfinite().all().item<bool>(), true);
  const Tensor none = random({1, 1, 0, 2});
  EXPECT_EQ(scaled_dot_product_attention(q, none, none).abs().sum().item(), 0);
}

TEST_P(Attention, DropoutDrawsTheSameInTheBackward) {
  const Tensor q = random({2, 2, 5, 3}), k = random({2, 2, 7, 3}), v = random({2, 2, 7, 3});
  const auto options = [] {
    return AttentionOptions{.dropout_p = 0.4, .generator = Generator(5, Engine::philox)};
  };
  const std::vector<Tensor> leaves{q, k, v};
  const Tensor fast = scaled_dot_product_attention(q, k, v, options());
  const auto slow = attention_with_weights(q, k, v, options());
  expect_near(fast, slow.output.to_vector<double>(), 1e-12, 1e-12, "output");
  const auto actual = grad(fast, leaves, ones_like(fast));
  const auto expected = grad(slow.output, leaves, ones_like(fast));
  for (size_t i = 0; i < 3; ++i)
    expect_near(actual[i], expected[i].to_vector<double>(), 1e-12, 1e-12, "gradient");
  const int64_t dropped = (slow.weights == 0).sum().item<int64_t>();
  EXPECT_GT(dropped, 30);  // of 140, 56 on average
  EXPECT_LT(dropped, 80);
  // The same weights on every device.
  const auto on_cpu = attention_with_weights(q.cpu(), k.cpu(), v.cpu(), options());
  expect_near(slow.weights, on_cpu.weights.to_vector<double>(), 1e-12, 1e-12, "weights");
  EXPECT_EQ(scaled_dot_product_attention(q, k, v, {.dropout_p = 1}).abs().sum().item(), 0);
  manual_seed(1);
  const Tensor once = scaled_dot_product_attention(q, k, v, {.dropout_p = 0.5});
  manual_seed(1);
  const Tensor again = scaled_dot_product_attention(q, k, v, {.dropout_p = 0.5});
  EXPECT_EQ(once.to_vector<double>(), again.to_vector<double>());
}

TEST_P(Attention, StridedOperandsAndPackedProjections) {
  const Tensor packed = random({3, 2, 3 * 2 * 4});  // (A, B, 3 · heads · E)
  for (const bool batch_first : {false, true}) {
    const Tensor joined = packed_attention(packed, 2, batch_first, {.is_causal = true});
    const auto parts = packed.unflatten(2, {3, 2, 4}).unbind(2);
    std::vector<Tensor> views;
    for (const Tensor& part : parts)
      views.push_back(batch_first ? part.permute({0, 2, 1, 3}) : part.permute({1, 2, 0, 3}));
    const Tensor out =
        scaled_dot_product_attention(views[0], views[1], views[2], {.is_causal = true});
    const Tensor flat =
        (batch_first ? out.permute({0, 2, 1, 3}) : out.permute({2, 0, 1, 3})).flatten(2);
    EXPECT_EQ(joined.to_vector<double>(), flat.to_vector<double>());
    const Tensor weights = rand_like(joined);
    EXPECT_EQ(grad(joined, {packed}, weights)[0].to_vector<double>(),
              grad(flat, {packed}, weights)[0].to_vector<double>());
  }
  // Rows whose elements are not neighbours.
  expect_same(random({1, 2, 3, 5}).transpose(2, 3), random({2, 6, 1, 3}).permute({2, 0, 1, 3}),
              random({1, 2, 4, 6}).transpose(2, 3), {});
}

TEST_P(Attention, LeadingDimensionsBroadcast) {
  const Tensor q = random({2, 1, 3, 2, 4}), k = random({2, 3, 5, 4}), v = random({5, 4});
  const Tensor out = scaled_dot_product_attention(q, k, v);
  ASSERT_EQ(out.shape(), (Shape{2, 2, 3, 2, 4}));
  const Tensor weights = (matmul(q, k.transpose(-2, -1)) * 0.5).softmax(-1);
  expect_near(out, matmul(weights, v).to_vector<double>(), 1e-12, 1e-12, "broadcast");
  const Tensor flat = scaled_dot_product_attention(v, v, v);
  EXPECT_EQ(flat.shape(), (Shape{5, 4}));
  EXPECT_EQ(scaled_dot_product_attention(k.select(0, 0), v, v).shape(), (Shape{3, 5, 4}));
}

TEST_P(Attention, HalvesAreComputedInFloat32) {
  const Tensor q = random({1, 2, 4, 8}, float32).to(bfloat16);
  const Tensor out = scaled_dot_product_attention(q, q, q);
  EXPECT_EQ(out.dtype(), bfloat16);
  const Tensor wide = q.to(float32);
  EXPECT_EQ(out.to_vector<float>(),
            scaled_dot_product_attention(wide, wide, wide).to(bfloat16).to_vector<float>());
}

TEST_P(Attention, AMaskCanHaveAGradient) {
  const Tensor q = random({1, 2, 3, 2}), mask = random({3, 3});
  const Tensor out = scaled_dot_product_attention(q, q, q, {.attn_mask = mask});
  EXPECT_GT(grad((out * out).sum(), {mask})[0].abs().sum().item(), 0);
}

TEST_P(Attention, MistakesAreNamed) {
  const Tensor q = random({2, 3, 4}), k = random({2, 5, 4}), narrow = random({2, 5, 3});
  const auto error = [](const Tensor& a, const Tensor& b, const Tensor& c,
                        const AttentionOptions& options = {}) {
    return error_of([&] { (void)scaled_dot_product_attention(a, b, c, options); });
  };
  EXPECT_EQ(
      error(q, narrow, narrow),
      "scaled_dot_product_attention: query and key must have rows of one length (query [2, 3, "
      "4], key [2, 5, 3], value [2, 5, 3])");
  EXPECT_NE(error(q, k, q).find("there must be as many values as keys"), std::string::npos);
  EXPECT_NE(error(q.flatten(), k, k).find("need two dimensions or more"), std::string::npos);
  EXPECT_EQ(error(q, k, k, {.dropout_p = 1.5}),
            "scaled_dot_product_attention: dropout_p must lie in [0, 1], got 1.5");
  const Tensor mask = ones({3, 5}, {.dtype = boolean, .device = device()});
  EXPECT_NE(error(q, k, k, {.attn_mask = mask, .is_causal = true}).find("join both into one mask"),
            std::string::npos);
  EXPECT_NE(error(q, k, k, {.attn_mask = mask.to(float32)})
                .find("of the query's dtype float64, got float32"),
            std::string::npos);
  EXPECT_NE(error(q, k, k, {.attn_mask = mask.unsqueeze(0).unsqueeze(0)})
                .find("does not broadcast to that of the scores, [2, 3, 5]"),
            std::string::npos);
  EXPECT_NE(error(q.to(int64), k.to(int64), k.to(int64)).find("expected floating tensors"),
            std::string::npos);
}

}  // namespace
}  // namespace cuttle::test
