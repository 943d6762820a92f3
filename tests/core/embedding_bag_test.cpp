// Bags of rows: values and gradients from PyTorch 2.15, the fused gradient beside the recorded one,
// sizes 0, other types and strides, and bad offsets and indices. (Options in layers: tests/layers.)
#include <cuttle/core/autograd/backward.h>
#include <cuttle/core/creation.h>
#include <cuttle/core/cuda.h>
#include <cuttle/core/ops/arithmetic.h>
#include <cuttle/core/ops/embedding.h>

#include "support/devices.h"
#include "support/expect.h"

namespace cuttle::test {
namespace {

using Tensors = std::vector<Tensor>;
using Values = std::vector<double>;

class EmbeddingBag : public DeviceTest {
 protected:
  Tensor integers(const std::vector<int64_t>& values) const { return tensor(values).to(device()); }
  Tensor floats(const std::vector<float>& values, const Shape& shape) const {
    return tensor(values, shape).to(device());
  }
  Tensor indices() const { return integers({1, 3, 3, 0, 2, 1, 4, 2}); }
  Tensor offsets() const { return integers({0, 2, 2, 5}); }
  Tensor table() const {
    return floats({1, -2, 0.5, 3, -1, 3, 2, 0.25, 0, 7}, {5, 2}).requires_grad_();
  }
  Tensor samples() const { return floats({1, 2, -1, 0.5, 3, 0.25, 2, 1}, {8}).requires_grad_(); }
  Tensor gradient() const { return floats({1, 2, 3, 4, 5, 6, 7, 8}, {4, 2}); }
};
CUTTLE_INSTANTIATE_DEVICES(EmbeddingBag);

struct Case {
  EmbeddingBagOptions options;
  bool has_samples;
  Values y, dtable, dsamples;
};

// torch.nn.functional.embedding_bag of PyTorch 2.15 on the arrays above. The table has maxima that
// two elements of a bag share.
const std::vector<Case>& cases() {
  constexpr double kThird = 1. / 3;
  static const std::vector<Case> all = {
      {{.mode = BagMode::sum},
       true,
       {4.5, 3.5, 0, 0, -4.5, 7.75, -0.875, 17.75},
       {2.5, 3, 2.75, 4, 22, 26, -3, -2, 14, 16},
       {6.5, 2.5, 11.5, -7, 13, 27.5, 56, 17}},
      {{.mode = BagMode::sum, .padding_idx = 2},
       true,
       {4.5, 3.5, 0, 0, -1.5, -1.25, 0.125, 14.75},
       {2.5, 3, 2.75, 4, 0, 0, -3, -2, 14, 16},
       {6.5, 2.5, 11.5, -7, 0, 27.5, 56, 0}},
      {{.mode = BagMode::sum, .scale_grad_by_freq = true},
       false,
       {2.5, 3.25, 0, 0, 2, 1.25, -0.5, 13},
       {5, 6, 4, 5, 6, 7, 3, 4, 7, 8},
       {}},
      {{.mode = BagMode::mean, .padding_idx = 3},
       false,
       {0.5, 3, 0, 0, 0, 0.5, -kThird / 2, 13 * kThird},
       {2.5, 3, 10 * kThird, 14 * kThird, 14.5 * kThird, 17 * kThird, 0, 0, 7 * kThird, 8 * kThird},
       {}},
      {{.mode = BagMode::mean, .scale_grad_by_freq = true},
       false,
       {1.25, 1.625, 0, 0, 2 * kThird, 1.25 * kThird, -kThird / 2, 13 * kThird},
       {5 * kThird, 2, 4.25 * kThird, 5.5 * kThird, 2, 7 * kThird, 3.25 * kThird, 1.5, 7 * kThird,
        8 * kThird},
       {}},
      {{.mode = BagMode::max},
       false,
       {2, 3, 0, 0, 2, 3, 0.5, 7},
       {0, 0, 7, 2, 0, 6, 6, 0, 0, 8},
       {}},
      {{.mode = BagMode::max, .padding_idx = 4},
       false,
       {2, 3, 0, 0, 2, 3, 0.5, 3},
       {0, 0, 7, 10, 0, 6, 6, 0, 0, 0},
       {}},
  };
  return all;
}

// By the kernels, and by the recorded operations that take their place under create_graph.
TEST_P(EmbeddingBag, MatchesPyTorch) {
  for (const Case& c : cases())
    for (const bool create_graph : {false, true}) {
      const Tensor weight = table(), own = c.has_samples ? samples() : Tensor();
      const Tensor y = embedding_bag(indices(), weight, offsets(), c.options, own);
      expect_near(y.to_vector<double>(), c.y, 1e-6, 1e-6, "y");
      const Tensors inputs = own.defined() ? Tensors{weight, own} : Tensors{weight};
      const Tensors found = grad(y, inputs, gradient(), {.create_graph = create_graph});
      expect_near(found[0].to_vector<double>(), c.dtable, 1e-6, 1e-6, "table");
      if (own.defined()) expect_near(found[1].to_vector<double>(), c.dsamples, 1e-6, 1e-6, "own");
    }
}

TEST_P(EmbeddingBag, OfAMatrixIsThatOfAVectorWithOffsets) {
  for (const BagMode mode : {BagMode::sum, BagMode::mean, BagMode::max}) {
    const Tensor weight = table();
    const Tensor rows = embedding_bag(indices().view(4, 2), weight, {}, {.mode = mode});
    const Tensor bags = embedding_bag(indices(), weight, integers({0, 2, 4, 6, 8}),
                                      {.mode = mode, .include_last_offset = true});
    EXPECT_EQ(rows.to_vector<float>(), bags.to_vector<float>());
  }
}

// A transposed table and indices, int32, a bag behind the last offset, samples of another dtype.
TEST_P(EmbeddingBag, TakesStridesAndTypes) {
  const Tensor weight = table().detach(), turned = weight.t().contiguous().t();
  const Tensor expected = embedding_bag(indices().view(2, 4).t(), weight);
  EXPECT_EQ(
      embedding_bag(indices().view(2, 4).t().contiguous().to(int32), turned).to_vector<float>(),
      expected.to_vector<float>());
  const Tensor cut = embedding_bag(indices(), weight, integers({0, 2}),
                                   {.mode = BagMode::sum, .include_last_offset = true});
  EXPECT_EQ(cut.to_vector<double>(), (Values{2.5, 3.25}));
  const Tensor doubled =
      embedding_bag(indices().view(1, 8), weight.to(bfloat16), {}, {.mode = BagMode::sum},
                    full({1, 8}, 2, {.dtype = float64, .device = device()}));
  EXPECT_EQ(doubled.dtype(), bfloat16);
  EXPECT_EQ(doubled.to_vector<double>(), (Values{8, 35}));
}

TEST_P(EmbeddingBag, OfNothing) {
  for (const BagMode mode : {BagMode::sum, BagMode::mean, BagMode::max})
    for (const bool create_graph : {false, true}) {
      const Tensor weight = table();
      const Tensor none = embedding_bag(integers({}), weight, integers({}), {.mode = mode});
      EXPECT_EQ(none.shape(), (Shape{0, 2}));
      const Tensor empty = embedding_bag(integers({}), weight, integers({0, 0}), {.mode = mode});
      EXPECT_EQ(empty.to_vector<double>(), (Values{0, 0, 0, 0}));
      const Tensor found =
          grad(none.sum() + empty.sum(), {weight}, {}, {.create_graph = create_graph})[0];
      EXPECT_EQ(found.to_vector<double>(), Values(10));
    }
}

TEST_P(EmbeddingBag, BadOffsetsAndIndices) {
  const auto message = [&](const std::vector<int64_t>& bad_indices,
                           const std::vector<int64_t>& bad_offsets) {
    return error_of([&] {
      const Tensor y = embedding_bag(integers(bad_indices), table(), integers(bad_offsets));
      if (y.is_cuda()) cuda::synchronize();
    });
  };
  const std::string bad = "embedding_bag (offsets begin with 0 and do not fall): index ";
  EXPECT_EQ(message({1, 2}, {1}), bad + "1 is out of range for dimension 0 of size 2");
  EXPECT_EQ(message({1, 2, 3}, {0, 4}), bad + "4 is out of range for dimension 0 of size 3");
  EXPECT_EQ(message({1, 2, 3}, {0, 2, 1}), bad + "1 is out of range for dimension 0 of size 3");
  EXPECT_EQ(message({1, 5}, {0}),
            "embedding_bag: index 5 is out of range for dimension 0 of size 5");
  EXPECT_EQ(message({-1}, {0}),
            "embedding_bag: index -1 is out of range for dimension 0 of size 5");
}

}  // namespace
}  // namespace cuttle::test
