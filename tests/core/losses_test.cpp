// What losses have beside their values: dtypes, layouts, derivatives at their edges, warnings,
// errors.
#include <cuttle/core/autograd/backward.h>
#include <cuttle/core/gradcheck.h>
#include <cuttle/core/ops/arithmetic.h>
#include <cuttle/core/ops/losses/classification.h>
#include <cuttle/core/ops/losses/cross_entropy.h>
#include <cuttle/core/ops/losses/ctc_loss.h>
#include <cuttle/core/ops/losses/ranking.h>
#include <cuttle/core/ops/losses/regression.h>
#include <cuttle/core/warning.h>

#include <map>

#include "samples.h"
#include "support/devices.h"
#include "support/expect.h"

namespace cuttle::test {
namespace {

class Losses : public DeviceTest {
 protected:
  Tensor f(const Shape& shape) const { return zeros(shape, {.device = device()}); }
  Tensor i(const Shape& shape) const { return zeros(shape, {.dtype = int64, .device = device()}); }
};
CUTTLE_INSTANTIATE_DEVICES(Losses);

using PairFunction = std::function<Tensor(const Tensor&, const Tensor&)>;

// Losses of two tensors of one shape, for values between 0 and 1.
std::map<std::string, PairFunction> pair_losses() {
  return {
      {"l1", [](const Tensor& x, const Tensor& y) { return l1_loss(x, y); }},
      {"mse", [](const Tensor& x, const Tensor& y) { return mse_loss(x, y); }},
      {"bce", [](const Tensor& x, const Tensor& y) { return binary_cross_entropy(x, y); }},
      {"logits",
       [](const Tensor& x, const Tensor& y) { return binary_cross_entropy_with_logits(x, y); }},
      {"kl_div", [](const Tensor& x, const Tensor& y) { return kl_div(x, y); }},
      {"cross_entropy", [](const Tensor& x, const Tensor& y) { return cross_entropy(x, y); }},
      {"pairwise", [](const Tensor& x, const Tensor& y) { return pairwise_distance(x, y).sum(); }},
  };
}

// Halves are computed in float32 and rounded once.
TEST_P(Losses, OfHalves) {
  for (const auto& [name, loss] : pair_losses()) {
    if (name == "pairwise") continue;  // made of operations that round, each for itself
    for (const DType dtype : {float16, bfloat16}) {
      Tensor x = sample({4, 3}, device(), dtype, 0.1, 0.9, 1).requires_grad_();
      const Tensor y = sample({4, 3}, device(), dtype, 0.1, 0.9, 2);
      Tensor wide = x.detach().to(float32).requires_grad_();
      const Tensor found = loss(x, y), expected = loss(wide, y.to(float32));
      found.backward(), expected.backward();
      EXPECT_EQ(found.dtype(), dtype) << name;
      EXPECT_EQ(found.item(), expected.to(dtype).item()) << name;
      EXPECT_EQ(x.grad().to_vector<double>(), wide.grad().to(dtype).to_vector<double>()) << name;
    }
  }
  const Tensor x = sample({4, 3}, device(), float16);
  const Tensor target = tensor<int64_t>({0, 2, 1, 2}).to(device());
  EXPECT_EQ(cross_entropy(x, target).item(),
            cross_entropy(x.to(float32), target).to(float16).item());
  EXPECT_EQ(nll_loss(x, target).item(), nll_loss(x.to(float32), target).to(float16).item());
}

TEST_P(Losses, OfAnyLayout) {
  for (const auto& [name, loss] : pair_losses())
    for (const auto& [layout, given] : layouts({2, 3, 4, 5}, device(), float64, 0.1, 0.9)) {
      Tensor x = given.detach().requires_grad_();
      Tensor dense = given.contiguous().detach().requires_grad_();
      const Tensor y = sample({2, 3, 4, 5}, device(), float64, 0.1, 0.9, 7);
      const Tensor found = loss(x, y), expected = loss(dense, y);
      found.backward(), expected.backward();
      EXPECT_NEAR(found.item(), expected.item(), 1e-12) << name << " " << layout;
      expect_near(x.grad(), dense.grad().to_vector<double>(), 1e-15, 1e-12, name + layout);
    }
}

TEST_P(Losses, ChannelsLastStays) {
  const auto format = MemoryFormat::channels_last;
  Tensor x = sample({2, 3, 4, 5}, device()).contiguous(format).requires_grad_();
  const Tensor y = sample({2, 3, 4, 5}, device(), float64, -2, 2, 7).contiguous(format);
  const Tensor loss = mse_loss(x, y, LossReduction::none);
  EXPECT_TRUE(loss.is_contiguous(format));
  loss.sum().backward();
  EXPECT_TRUE(x.grad().is_contiguous(format));
}

// One number of many: a mean that a plain float32 sum would miss.
TEST_P(Losses, MeansOfManyKeepTheirDigits) {
  const Tensor x = full({300001}, 0.1, {.device = device()});
  EXPECT_NEAR(mse_loss(x, zeros_like(x)).item(), 0.01, 2e-9);
  EXPECT_NEAR(l1_loss(x, zeros_like(x), LossReduction::sum).item(), 30000.1, 0.005);
}

TEST_P(Losses, TripletsByAnyDistance) {
  const Tensor a = sample({4, 3}, device()), p = sample({4, 3}, device(), float64, -2, 2, 2),
               n = sample({4, 3}, device(), float64, -2, 2, 3);
  const auto taxi = [](const Tensor& u, const Tensor& v) { return (u - v).abs().sum(-1); };
  const Tensor found =
      triplet_margin_with_distance_loss(a, p, n, {.distance_function = taxi, .margin = 2.0});
  const Tensor expected = (taxi(a, p) - taxi(a, n) + 2).relu().mean();
  EXPECT_NEAR(found.item(), expected.item(), 1e-14);
}

TEST_P(Losses, WarnOfSizesThatAreBroadcast) {
  std::string sentence;
  set_warning_handler([&](const std::string& given) { sentence = given; });
  (void)mse_loss(f({3, 1}), f({3}));
  EXPECT_EQ(sentence,
            "mse_loss: the input has shape [3, 1] and the target [3]; they are broadcast, which is "
            "seldom meant: make the shapes equal");
  sentence.clear();
  (void)mse_loss(f({3}), f({3}));
  EXPECT_EQ(sentence, "");
  set_warning_handler({});
}

TEST_P(Losses, ErrorsOfNumbers) {
  EXPECT_EQ(error_of([&] { (void)mse_loss(f({2}), i({2})); }),
            "mse_loss: expected floating dtypes, got int64 [2]; convert with .to(float32) for "
            "example");
  EXPECT_THROW((void)mse_loss(f({2}), f({2}).to(float64)), Error);
  EXPECT_THROW((void)l1_loss(f({2}), Tensor()), Error);
  EXPECT_EQ(error_of([&] { (void)smooth_l1_loss(f({2}), f({2}), {.beta = -1}); }),
            "smooth_l1_loss: beta must be at least 0, got -1");
  EXPECT_EQ(error_of([&] { (void)huber_loss(f({2}), f({2}), {.delta = 0}); }),
            "huber_loss: delta must be greater than 0, got 0");
  EXPECT_EQ(error_of([&] { (void)gaussian_nll_loss(f({2}), f({2}), f({2}), {.eps = 0}); }),
            "gaussian_nll_loss: eps must be greater than 0, got 0");
  EXPECT_EQ(error_of([&] {
              (void)gaussian_nll_loss(f({2, 3}), f({2, 3}), f({3}));
            }),
            "gaussian_nll_loss: expected a variance of shape [2, 3] or [2, 1], got [3]");
  if (device().is_cpu()) {
    EXPECT_EQ(error_of([&] { (void)gaussian_nll_loss(f({2}), f({2}), f({2}) - 1); }),
              "gaussian_nll_loss: a variance is negative; make it positive, with .exp() for "
              "example");
    EXPECT_EQ(error_of([&] { (void)binary_cross_entropy(f({2}) + 2, f({2})); }),
              "binary_cross_entropy: the input must hold probabilities, in [0, 1]; of logits, "
              "binary_cross_entropy_with_logits takes the sigmoid itself");
  }
  EXPECT_EQ(error_of([&] {
              (void)binary_cross_entropy(f({2, 1}), f({2}));
            }),
            "binary_cross_entropy: expected a target of the input's shape [2, 1], got [2]");
  EXPECT_EQ(error_of([&] {
              (void)binary_cross_entropy_with_logits(f({2}), f({2}), {.pos_weight = f({3, 2})});
            }),
            "binary_cross_entropy_with_logits: pos_weight [3, 2] does not broadcast to the input "
            "[2]");
  EXPECT_EQ(error_of([&] { (void)kl_div(f({}), f({}), {.reduction = KLDivReduction::batchmean}); }),
            "kl_div: batchmean needs a batch, got an input without dimensions");
}

TEST_P(Losses, ErrorsOfClasses) {
  EXPECT_EQ(error_of([&] {
              (void)nll_loss(f({2, 3}), i({2}).to(int32));
            }),
            "nll_loss: targets are class indices of dtype int64, got int32; convert with "
            ".to(int64)");
  EXPECT_EQ(error_of([&] { (void)nll_loss(f({}), i({})); }),
            "nll_loss: expected an input of shape (classes), (N, classes) or (N, classes, d1, …), "
            "got []");
  if (device().is_cpu()) {
    EXPECT_EQ(error_of([&] {
                (void)nll_loss(f({2, 3}), i({2}) + 3);
              }),
              "nll_loss: the target 3 is out of range for 3 classes; it must be in [0, 3)");
  }
  EXPECT_EQ(error_of([&] {
              (void)cross_entropy(f({2, 3}), f({2, 3}), {}, {.ignore_index = 1});
            }),
            "cross_entropy: class probabilities have no index to ignore, got ignore_index 1");
  EXPECT_EQ(error_of([&] {
              (void)multi_margin_loss(f({2, 3}), i({2}), {.p = 3});
            }),
            "multi_margin_loss: p must be 1 or 2, got 3");
  EXPECT_EQ(error_of([&] {
              (void)multi_margin_loss(f({2, 3, 4}), i({2, 4}));
            }),
            "multi_margin_loss: expected an input of shape (classes) or (N, classes), got [2, 3, "
            "4]");
  EXPECT_EQ(error_of([&] {
              (void)multilabel_margin_loss(f({2, 3}), f({2, 3}));
            }),
            "multilabel_margin_loss: targets are labels of dtype int64, got float32; convert with "
            ".to(int64)");
  EXPECT_EQ(error_of([&] { (void)multilabel_soft_margin_loss(f({}), f({})); }),
            "multilabel_soft_margin_loss: expected an input of shape (classes) or (N, classes), "
            "got []");
}

TEST_P(Losses, ErrorsOfEmbeddings) {
  EXPECT_EQ(error_of([&] {
              (void)cosine_embedding_loss(f({2, 3}), f({2, 3}), f({3}));
            }),
            "cosine_embedding_loss: expected inputs (N, D) and a target (N), or (D) and (), got "
            "[2, 3], [2, 3] and [3]");
  EXPECT_EQ(error_of([&] { (void)triplet_margin_loss(f({2}), f({2}), f({2}), {.margin = 0}); }),
            "triplet_margin_loss: margin must be greater than 0, got 0");
  EXPECT_EQ(error_of([&] {
              (void)triplet_margin_loss(f({2}), f({2}), f({1, 2}));
            }),
            "triplet_margin_loss: anchor, positive and negative must have as many dimensions each, "
            "got [2], [2] and [1, 2]");
}

// The sum over all alignments, one by one: 3 frames, 3 classes, the labels 1 and 2.
TEST_P(Losses, CtcSumsUpAlignments) {
  const Tensor x = variable({3, 3}, device(), -2, 0);
  const Tensor target = tensor<int64_t>({1, 2}).to(device());
  const Tensor frames = tensor<int64_t>({3}).reshape({}), labels = tensor<int64_t>({2}).reshape({});
  const auto at = [values = x.to_vector<double>()](int a, int b, int c) {
    return std::exp(values[size_t(a)] + values[size_t(3 + b)] + values[size_t(6 + c)]);
  };
  const double p = at(1, 2, 2) + at(1, 1, 2) + at(1, 2, 0) + at(1, 0, 2) + at(0, 1, 2);
  const auto loss = [&](const std::vector<Tensor>& in) {
    return ctc_loss(in[0], target, frames, labels, {.reduction = LossReduction::sum});
  };
  EXPECT_NEAR(loss({x}).item(), -std::log(p), 1e-14);
  const GradcheckResult result = gradcheck(loss, {x});
  EXPECT_TRUE(result) << result.message;
}

TEST_P(Losses, CtcOfBatchesAndHalves) {
  const Tensor x = variable({5, 2, 4}, device());
  const Tensor targets = tensor<int64_t>({1, 1, 3, 2, 0, 0}).reshape({2, 3}).to(device());
  const Tensor frames = tensor<int64_t>({5, 3}), lengths = tensor<int64_t>({3, 1});
  const auto loss = [&](const std::vector<Tensor>& in) {
    return ctc_loss(in[0], targets, frames, lengths, {.reduction = LossReduction::none});
  };
  const GradcheckResult result = gradcheck(loss, {x});
  EXPECT_TRUE(result) << result.message;
  const Tensor half = x.detach().to(float16);
  EXPECT_EQ(loss({half}).to_vector<double>(),
            loss({half.to(float32)}).to(float16).to_vector<double>());
  EXPECT_EQ(ctc_loss(f({5, 0, 4}), targets.narrow(0, 0, 0), frames.narrow(0, 0, 0),
                     lengths.narrow(0, 0, 0), {.reduction = LossReduction::sum})
                .item(),
            0);
  EXPECT_THROW((void)grad(loss({x}).sum(), {x}, {}, {.create_graph = true})[0].sum().backward(),
               Error);
}

TEST_P(Losses, CtcErrors) {
  const auto error = [&](const Shape& input, const Tensor& targets,
                         const std::vector<int64_t>& frames, const std::vector<int64_t>& lengths,
                         const CTCLossOptions& options = {}) {
    return error_of(
        [&] { (void)ctc_loss(f(input), targets, tensor(frames), tensor(lengths), options); });
  };
  EXPECT_EQ(error({3, 4}, f({2}), {3}, {2}),
            "ctc_loss: expected targets of dtype int64 and shape (1, S) or (sum of lengths), got "
            "float32 [2]");
  EXPECT_EQ(error({3}, i({2}), {3}, {2}),
            "ctc_loss: expected log_probs of a floating dtype and shape (T, N, C) or (T, C), got "
            "float32 [3]");
  EXPECT_EQ(error({3, 2, 4}, i({2, 2}) + 1, {3, 4}, {2, 2}),
            "ctc_loss: input_lengths must lie in [0, 3], got 4");
  EXPECT_EQ(error({3, 2, 4}, i({2, 2}) + 1, {3, 3}, {2, 3}),
            "ctc_loss: target_lengths must lie in [0, 2], got 3");
  EXPECT_EQ(error({3, 2, 4}, i({2, 2}) + 1, {3}, {2, 2}),
            "ctc_loss: expected 2 input_lengths of dtype int64, got int64 [1]");
  EXPECT_EQ(error({3, 2, 4}, i({3}) + 1, {3, 3}, {2, 2}),
            "ctc_loss: the target_lengths add up to 4, but there are 3 targets");
  EXPECT_EQ(error({3, 4}, i({2}) + 1, {3}, {2}, {.blank = 4}),
            "ctc_loss: the blank must be one of the 4 classes, got 4");
  if (device().is_cpu()) {
    EXPECT_EQ(error({3, 4}, i({2}) + 4, {3}, {2}),
              "ctc_loss: the target 4 is out of range for 4 classes; it must be in [0, 4) and not "
              "the blank 0");
  } else {
    const Tensor loss = ctc_loss(f({3, 4}), i({2}) + 4, tensor<int64_t>({3}), tensor<int64_t>({2}));
    EXPECT_TRUE(std::isnan(loss.item()));
  }
}

}  // namespace
}  // namespace cuttle::test
