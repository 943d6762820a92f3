// Activations, embeddings, layers of two inputs and initialisers against PyTorch
// (tests/golden/generate_layer_families.py): printed form, state, values and gradients from one
// seed.
#include <cuttle/core/ops/arithmetic.h>
#include <cuttle/layers/activation/activations.h>
#include <cuttle/layers/bilinear.h>
#include <cuttle/layers/dropout.h>
#include <cuttle/layers/embedding.h>
#include <cuttle/layers/init.h>

#include <functional>
#include <map>

#include "layers/models.h"
#include "support/devices.h"
#include "support/expect.h"
#include "support/golden.h"

namespace cuttle::test {
namespace {

using nlohmann::json;
using Values = std::vector<double>;
using Tensors = std::vector<Tensor>;

const json& golden() {
  static const json file = load_golden("layer_families.json");
  return file;
}

/// A layer, and how it is called with its floating inputs on a device.
struct Case {
  std::shared_ptr<Module> layer;
  std::function<Tensor(const Tensors& x)> call;
};

template <class Layer>
Case one(Layer made) {
  auto layer = std::make_shared<Layer>(std::move(made));
  return {layer, [layer](const Tensors& x) { return (*layer)(x[0]); }};
}
template <class Layer>
Case two(Layer made) {
  auto layer = std::make_shared<Layer>(std::move(made));
  return {layer, [layer](const Tensors& x) { return (*layer)(x[0], x[1]); }};
}
Case evaluated(Dropout made) {
  made.eval();
  return one(std::move(made));
}

const Tensor& matrix() {
  static const Tensor indices = tensor<int64_t>({1, 3, 0, 2, 2, 4}, {2, 3});
  return indices;
}
template <class Layer>
Case rows_of(Layer made, const Device& device) {
  auto layer = std::make_shared<Layer>(std::move(made));
  return {layer, [layer, device](const Tensors&) { return (*layer)(matrix().to(device)); }};
}
Case bags_of(EmbeddingBag made, const Device& device, const std::vector<int64_t>& offsets) {
  auto layer = std::make_shared<EmbeddingBag>(std::move(made));
  return {layer, [=](const Tensors&) {
            return (*layer)(tensor<int64_t>({1, 3, 3, 0, 2, 1, 4}).to(device),
                            tensor(offsets).to(device));
          }};
}
Case weighted(EmbeddingBag made, const Device& device) {
  auto layer = std::make_shared<EmbeddingBag>(std::move(made));
  return {layer, [=](const Tensors& x) { return (*layer)(matrix().to(device), {}, x[0]); }};
}

using Maker = std::function<Case(const Device&)>;
const std::map<std::string, Maker>& makers() {
  using D = const Device&;
  static const std::map<std::string, Maker> all = {
      {"relu", [](D) { return one(ReLU()); }},
      {"relu6", [](D) { return one(ReLU6()); }},
      {"leaky_relu", [](D) { return one(LeakyReLU(0.2)); }},
      {"prelu", [](D) { return one(PReLU()); }},
      {"prelu_channels", [](D) { return one(PReLU(4, {.init = 0.5})); }},
      {"elu", [](D) { return one(ELU(0.5)); }},
      {"selu", [](D) { return one(SELU()); }},
      {"celu", [](D) { return one(CELU(0.5)); }},
      {"gelu", [](D) { return one(GELU()); }},
      {"gelu_tanh", [](D) { return one(GELU(GeluApproximate::tanh)); }},
      {"silu", [](D) { return one(SiLU()); }},
      {"mish", [](D) { return one(Mish()); }},
      {"hardswish", [](D) { return one(Hardswish()); }},
      {"hardtanh", [](D) { return one(Hardtanh(-0.5, 1)); }},
      {"softplus", [](D) { return one(Softplus(2, 3)); }},
      {"softsign", [](D) { return one(Softsign()); }},
      {"logsigmoid", [](D) { return one(LogSigmoid()); }},
      {"threshold", [](D) { return one(Threshold(0.1, 0.5)); }},
      {"sigmoid", [](D) { return one(Sigmoid()); }},
      {"tanh", [](D) { return one(Tanh()); }},
      {"softmax", [](D) { return one(Softmax(1)); }},
      {"log_softmax", [](D) { return one(LogSoftmax(-1)); }},
      {"softmin", [](D) { return one(Softmin(1)); }},
      {"glu", [](D) { return one(GLU(1)); }},
      {"dropout", [](D) { return evaluated(Dropout(0.3)); }},
      {"identity", [](D) { return one(Identity()); }},
      {"unflatten",
       [](D) {
         return one(Unflatten(1, {2, 2}));
       }},
      {"pixel_shuffle", [](D) { return one(PixelShuffle(2)); }},
      {"pixel_unshuffle", [](D) { return one(PixelUnshuffle(2)); }},
      {"bilinear", [](D) { return two(Bilinear(3, 2, 4)); }},
      {"bilinear_no_bias", [](D) { return two(Bilinear(3, 2, 4, {.bias = false})); }},
      {"cosine_similarity", [](D) { return two(CosineSimilarity()); }},
      {"pairwise_distance", [](D) { return two(PairwiseDistance(2, {.keepdim = true})); }},
      {"embedding", [](D d) { return rows_of(Embedding(5, 3), d); }},
      {"embedding_padding", [](D d) { return rows_of(Embedding(5, 3, {.padding_idx = -3}), d); }},
      {"embedding_options",
       [](D d) {
         return rows_of(
             Embedding(5, 3, {.max_norm = 1, .norm_type = 1, .scale_grad_by_freq = true}), d);
       }},
      {"bag_sum",
       [](D d) {
         return bags_of(EmbeddingBag(5, 3, {.mode = BagMode::sum}), d, {0, 2, 2, 5});
       }},
      {"bag_mean",
       [](D d) {
         return bags_of(EmbeddingBag(5, 3), d, {0, 2, 2, 5});
       }},
      {"bag_mean_matrix", [](D d) { return rows_of(EmbeddingBag(5, 3, {.padding_idx = 2}), d); }},
      {"bag_max",
       [](D d) {
         return bags_of(EmbeddingBag(5, 3, {.mode = BagMode::max}), d, {0, 2, 2, 5});
       }},
      {"bag_max_padding",
       [](D d) {
         return rows_of(EmbeddingBag(5, 3, {.mode = BagMode::max, .padding_idx = 2}), d);
       }},
      {"bag_last_offset",
       [](D d) {
         return bags_of(EmbeddingBag(5, 3, {.mode = BagMode::sum, .include_last_offset = true}), d,
                        {0, 2, 2, 5, 7});
       }},
      {"bag_weights",
       [](D d) {
         return weighted(EmbeddingBag(5, 3, {.mode = BagMode::sum, .padding_idx = 0}), d);
       }},
  };
  return all;
}

class LayerFamiliesGolden : public DeviceTest {};
CUTTLE_INSTANTIATE_DEVICES(LayerFamiliesGolden);

TEST_P(LayerFamiliesGolden, ForwardAndBackward) {
  ASSERT_EQ(golden()["layers"].size(), makers().size());
  for (const auto& [name, expected] : golden()["layers"].items()) {
    manual_seed(7);
    const Case made = makers().at(name)(device());
    EXPECT_EQ(made.layer->str(), expected["printed"].get<std::string>());
    made.layer->to(device(), float64);
    Tensors leaves;
    for (const json& shape : expected["shapes"]) {
      const Tensor drawn = 4 * rand(Shape(shape.get<std::vector<int64_t>>())) - 2;
      leaves.push_back(drawn.to(device(), float64).detach().requires_grad_());
    }
    if (name == "bag_weights")
      leaves.push_back(
          tensor({0.5, 1.0, 2.0, 3.0, -1.0, 0.25}, {2, 3}).to(device()).requires_grad_());
    const Tensor y = made.call(leaves);
    ASSERT_EQ(y.shape(), Shape(expected["output_shape"].get<std::vector<int64_t>>())) << name;
    (y * rand(y.shape()).to(device(), float64)).sum().backward();
    expect_near(y, expected["output"].get<Values>(), 1e-12, 1e-12, name);
    for (size_t i = 0; i < leaves.size(); ++i)
      expect_near(leaves[i].grad(), expected["input_grads"][i].get<Values>(), 1e-12, 1e-12,
                  name + " dx");
    const StateDict state = made.layer->state_dict();
    size_t count = 0;
    for (const auto& [key, value] : state) {
      ASSERT_TRUE(expected["state"].contains(key)) << name << " " << key;
      expect_near(value, expected["state"][key].get<Values>(), 1e-7, 1e-7, name + " " + key);
      ++count;
    }
    EXPECT_EQ(count, expected["state"].size()) << name;
    for (const auto& [key, parameter] : made.layer->named_parameters())
      expect_near(parameter.grad(), expected["parameter_grads"][key].get<Values>(), 1e-12, 1e-12,
                  name + " " + key);
  }
}

TEST_P(LayerFamiliesGolden, Initialisers) {
  using namespace init;  // NOLINT: as PyTorch's names stand in the table
  struct Drawn {
    Shape shape;
    std::function<void(Tensor)> fill;
    double tolerance;  // 0: to the bit
  };
  const std::map<std::string, Drawn> all = {
      // The inverse of erf is another text than PyTorch's.
      {"trunc_normal", {{4, 5}, [](Tensor t) { trunc_normal_(t, 0.5, 2, -1, 1.5); }, 1e-6}},
      {"eye", {{3, 4}, [](Tensor t) { eye_(t); }, 0}},
      {"dirac", {{4, 3, 3, 2}, [](Tensor t) { dirac_(t, 2); }, 0}},
      {"dirac_line", {{2, 3, 3}, [](Tensor t) { dirac_(t); }, 0}},
      {"xavier_uniform", {{3, 4}, [](Tensor t) { xavier_uniform_(t, 2); }, 0}},
      // Normal numbers: the logarithm and cosine of another library.
      {"xavier_normal", {{3, 2, 3}, [](Tensor t) { xavier_normal_(t); }, 1e-6}},
      {"kaiming_normal",
       {{3, 4},
        [](Tensor t) { kaiming_normal_(t, 0, FanMode::fan_out, Nonlinearity::relu); },
        1e-6}},
      {"orthogonal", {{6, 4}, [](Tensor t) { orthogonal_(t, 2); }, 1e-5}},
      {"orthogonal_wide", {{3, 2, 4}, [](Tensor t) { orthogonal_(t); }, 1e-5}},
      {"orthogonal_square", {{5, 5}, [](Tensor t) { orthogonal_(t); }, 1e-5}},
      {"sparse", {{5, 4}, [](Tensor t) { sparse_(t, 0.3, 0.5); }, 1e-6}},
  };
  ASSERT_EQ(golden()["initialisers"].size(), all.size());
  for (const auto& [name, drawn] : all) {
    const Tensor x = empty(drawn.shape, {.device = device()});
    manual_seed(9);
    drawn.fill(x);
    expect_near(x, golden()["initialisers"][name].get<Values>(), drawn.tolerance, 0, name);
  }
}

TEST(InitMatrices, OrthogonalColumns) {
  const Tensor x = empty({33, 31}, {.dtype = float64});
  init::orthogonal_(x);
  const Tensor product = x.t().mm(x) - eye(31, {.dtype = float64});
  EXPECT_LT(product.abs().max().item<double>(), 1e-13);
}

TEST(InitMatrices, Errors) {
  EXPECT_EQ(error_of([] { init::eye_(zeros({2})); }),
            "eye_: expected a tensor of two dimensions, got shape [2]");
  EXPECT_EQ(error_of([] {
              init::dirac_(zeros({4, 2}));
            }),
            "dirac_: expected a convolution's weight (O, I, …) of 3 to 5 dimensions, got shape "
            "[4, 2]");
  EXPECT_EQ(error_of([] {
              init::dirac_(zeros({4, 2, 3}), 3);
            }),
            "dirac_: groups must divide the first dimension, got 3 and shape [4, 2, 3]");
  EXPECT_EQ(error_of([] { init::orthogonal_(zeros({2})); }),
            "orthogonal_: expected at least two dimensions, got shape [2]");
  EXPECT_EQ(error_of([] {
              init::sparse_(zeros({2, 2}), 2);
            }),
            "sparse_: sparsity must lie between 0 and 1, got 2");
  EXPECT_EQ(error_of([] { init::trunc_normal_(zeros({2}), 0, 1, 2, 1); }),
            "trunc_normal_: expected a <= b and a positive standard deviation, got 2, 1 and 1");
}

}  // namespace
}  // namespace cuttle::test
