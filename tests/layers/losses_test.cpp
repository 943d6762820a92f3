// The loss modules: that each calls its function with its options, keeps its weights as buffers,
// and prints as PyTorch's does.
#include <cuttle/core/creation.h>
#include <cuttle/core/ops/arithmetic.h>
#include <cuttle/layers/losses/classification.h>
#include <cuttle/layers/losses/ctc.h>
#include <cuttle/layers/losses/ranking.h>
#include <cuttle/layers/losses/regression.h>

#include "support/devices.h"
#include "support/expect.h"

namespace cuttle::test {
namespace {

constexpr LossReduction kSum = LossReduction::sum;

class LossModules : public DeviceTest {
 protected:
  Tensor numbers(const Shape& shape, uint64_t seed) const {
    Generator generator(seed);
    return rand(shape, {}, generator).to(float64).to(device()) * 0.8 + 0.1;
  }
  Tensor weight() const { return tensor({0.5, 2.0, 3.0}, {3}, {.dtype = float64}); }

  void SetUp() override {
    DeviceTest::SetUp();
    if (IsSkipped()) return;
    x = numbers({4, 3}, 1), y = numbers({4, 3}, 2), z = numbers({4, 3}, 3);
    indices = tensor<int64_t>({0, 2, 1, 2}).to(device());
  }

  Tensor x, y, z, indices;
};
CUTTLE_INSTANTIATE_DEVICES(LossModules);

void expect_equal(const Tensor& found, const Tensor& expected) {
  EXPECT_EQ(found.to_vector<double>(), expected.to_vector<double>());
}

TEST_P(LossModules, OfNumbers) {
  expect_equal(L1Loss()(x, y), l1_loss(x, y));
  expect_equal(L1Loss({.reduction = kSum})(x, y), l1_loss(x, y, kSum));
  expect_equal(MSELoss({.reduction = LossReduction::none})(x, y),
               mse_loss(x, y, LossReduction::none));
  expect_equal(SmoothL1Loss({.beta = 0.2})(x, y), smooth_l1_loss(x, y, {.beta = 0.2}));
  expect_equal(HuberLoss({.delta = 0.2})(x, y), huber_loss(x, y, {.delta = 0.2}));
  expect_equal(PoissonNLLLoss({.full = true})(x, y), poisson_nll_loss(x, y, {.full = true}));
  expect_equal(GaussianNLLLoss({.full = true})(x, y, z),
               gaussian_nll_loss(x, y, z, {.full = true}));
}

TEST_P(LossModules, OfClasses) {
  CrossEntropyLoss cross({.weight = weight(), .reduction = kSum, .label_smoothing = 0.1});
  cross.to(device());
  const Tensor w = weight().to(device());
  expect_equal(cross(x, indices),
               cross_entropy(x, indices, w, {.reduction = kSum, .label_smoothing = 0.1}));
  NLLLoss nll({.weight = weight(), .ignore_index = 1});
  nll.to(device());
  expect_equal(nll(x, indices), nll_loss(x, indices, w, {.ignore_index = 1}));
  MultiMarginLoss margin({.p = 2, .weight = weight()});
  margin.to(device());
  expect_equal(margin(x, indices), multi_margin_loss(x, indices, {.p = 2, .weight = w}));
  const Tensor labels = indices.unsqueeze(1).expand({4, 3});
  expect_equal(MultiLabelMarginLoss()(x, labels), multilabel_margin_loss(x, labels));
}

TEST_P(LossModules, OfProbabilities) {
  const Tensor w = weight().to(device());
  BCELoss bce({.weight = weight()});
  bce.to(device());
  expect_equal(bce(x, y), binary_cross_entropy(x, y, {.weight = w}));
  BCEWithLogitsLoss logits({.weight = weight(), .pos_weight = weight(), .reduction = kSum});
  logits.to(device());
  expect_equal(logits(x, y), binary_cross_entropy_with_logits(
                                 x, y, {.weight = w, .pos_weight = w, .reduction = kSum}));
  MultiLabelSoftMarginLoss soft({.weight = weight()});
  soft.to(device());
  expect_equal(soft(x, y), multilabel_soft_margin_loss(x, y, {.weight = w}));
  const KLDivLossOptions options{.reduction = KLDivReduction::batchmean, .log_target = true};
  expect_equal(KLDivLoss(options)(x, y), kl_div(x, y, options));
}

TEST_P(LossModules, OfEmbeddings) {
  const Tensor sign = (y > 0.5).to(float64) * 2 - 1, one = sign.select(1, 0);
  expect_equal(MarginRankingLoss({.margin = 0.1})(x, z, sign),
               margin_ranking_loss(x, z, sign, {.margin = 0.1}));
  expect_equal(HingeEmbeddingLoss({.margin = 2})(x, sign),
               hinge_embedding_loss(x, sign, {.margin = 2}));
  expect_equal(SoftMarginLoss()(x, sign), soft_margin_loss(x, sign));
  expect_equal(CosineEmbeddingLoss({.margin = 0.1})(x, z, one),
               cosine_embedding_loss(x, z, one, {.margin = 0.1}));
  expect_equal(TripletMarginLoss({.p = 1, .swap = true})(x, y, z),
               triplet_margin_loss(x, y, z, {.p = 1, .swap = true}));
  const auto taxi = [](const Tensor& a, const Tensor& b) { return (a - b).abs().sum(-1); };
  expect_equal(TripletMarginWithDistanceLoss({.distance_function = taxi})(x, y, z),
               triplet_margin_loss(x, y, z, {.p = 1, .eps = 0}));
}

TEST_P(LossModules, OfSequences) {
  const Tensor one = tensor<int64_t>({1, 2}).reshape({1, 2}).to(device());
  const Tensor frames = tensor<int64_t>({4}), lengths = tensor<int64_t>({2});
  const Tensor log_probs = x.log_softmax(1).unsqueeze(1);
  const CTCLossOptions options{.reduction = kSum, .zero_infinity = true};
  expect_equal(CTCLoss(options)(log_probs, one, frames, lengths),
               ctc_loss(log_probs, one, frames, lengths, options));
  EXPECT_EQ(CTCLoss().str(), "CTCLoss()");
}

TEST(LossModuleState, WeightsAreBuffers) {
  const Tensor weight = ones({3});
  EXPECT_EQ(CrossEntropyLoss({.weight = weight}).state_dict().size(), 1u);
  EXPECT_EQ(NLLLoss().state_dict().size(), 0u);
  const BCEWithLogitsLoss loss({.weight = weight, .pos_weight = ones({1})});
  ASSERT_EQ(loss.named_buffers().size(), 2u);
  EXPECT_EQ(loss.named_buffers()[0].first, "weight");
  EXPECT_EQ(loss.named_buffers()[1].first, "pos_weight");
}

TEST(LossModuleState, Printed) {
  EXPECT_EQ(MSELoss().str(), "MSELoss()");
  EXPECT_EQ(KLDivLoss().str(), "KLDivLoss()");
  EXPECT_EQ(BCEWithLogitsLoss({.pos_weight = ones({2})}).str(), "BCEWithLogitsLoss()");
  EXPECT_EQ(TripletMarginLoss({.margin = 2}).str(), "TripletMarginLoss()");
}

TEST(LossModuleErrors, Options) {
  EXPECT_EQ(error_of([] { NLLLoss({.weight = ones({3}, {.dtype = int64})}); }),
            "NLLLoss: weight must hold one floating-point factor a class, got shape [3] of int64");
  EXPECT_EQ(error_of([] { MultiMarginLoss({.p = 3}); }),
            "MultiMarginLoss: p must be 1 or 2, got 3");
  EXPECT_EQ(error_of([] { (void)MSELoss()(ones({2}), ones({2}).to(int64)); }).substr(0, 8),
            "MSELoss:");
}

}  // namespace
}  // namespace cuttle::test
