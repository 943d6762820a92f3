// Hooks on modules' calls, and their gradients.
#include <cuttle/core/autograd/anomaly.h>
#include <cuttle/core/autograd/backward.h>
#include <cuttle/core/ops/arithmetic.h>
#include <cuttle/layers/attention/transformer_layers.h>
#include <cuttle/layers/recurrent/cells.h>
#include <cuttle/layers/recurrent/rnn.h>

#include "layers/models.h"
#include "support/devices.h"
#include "support/expect.h"

namespace cuttle::test {
namespace {

using V = std::vector<double>;
using Tensors = std::vector<Tensor>;

class ModuleHooksTest : public DeviceTest {
 protected:
  Tensor leaf(std::initializer_list<double> values) const {
    return tensor(values).to(device()).requires_grad_();
  }
};
CUTTLE_INSTANTIATE_DEVICES(ModuleHooksTest);

V list(const Tensor& x) {
  return x.to_vector<double>();
}

struct Square : Module {
  Tensor forward(const Tensor& x) override { return x * x; }
};

TEST_P(ModuleHooksTest, SeeAndReplaceInputsAndOutputs) {
  Square square;
  std::vector<std::string> order;
  square.register_forward_pre_hook([&](Module& module, const Tensors& inputs) {
    EXPECT_EQ(&module, &square);
    EXPECT_EQ(inputs.size(), 1u);
    order.push_back("before");
  });
  RemovableHandle plus_one = square.register_forward_pre_hook(
      [&](Module&, const Tensors& inputs) { return Tensors{inputs[0] + 1}; });
  square.register_forward_hook([&](Module&, const Tensors& inputs, const Tensor& output) {
    EXPECT_EQ(list(inputs[0] * inputs[0]), list(output));
    order.push_back("after");
  });
  RemovableHandle negated = square.register_forward_hook(
      [&](Module&, const Tensors&, const Tensor& output) { return -output; });
  const Tensor x = leaf({1, 2});
  EXPECT_EQ(list(square(x)), (V{-4, -9}));
  EXPECT_EQ(order, (std::vector<std::string>{"before", "after"}));
  plus_one.remove();
  negated.remove();
  EXPECT_EQ(list(square(x)), (V{1, 4}));
  EXPECT_EQ(list(square.forward(x)), (V{1, 4}));  // calls none
  EXPECT_EQ(order.size(), 4u);
}

TEST_P(ModuleHooksTest, SeeAndReplaceGradients) {
  Square square;
  V of_input, of_output;
  square.register_full_backward_hook(
      [&](Module&, const Tensors& grad_inputs, const Tensors& grad_outputs) {
        of_input = list(grad_inputs.at(0));
        of_output = list(grad_outputs.at(0));
      });
  RemovableHandle tenfold =
      square.register_full_backward_hook([&](Module&, const Tensors& grad_inputs, const Tensors&) {
        return Tensors{grad_inputs[0] * 10};
      });
  const Tensor x = leaf({1, 2});
  (square(x) * 3).sum().backward();
  EXPECT_EQ(of_output, (V{3, 3}));
  EXPECT_EQ(of_input, (V{6, 12}));
  EXPECT_EQ(list(x.grad()), (V{60, 120}));
  tenfold.remove();
  Tensor(x).set_grad({});
  const Tensor first = grad((square(x) * x).sum(), {x}, {}, {.create_graph = true})[0];
  EXPECT_EQ(list(first), (V{3, 12}));
  EXPECT_EQ(list(grad(first.sum(), {x})[0]), (V{6, 12}));
}

TEST_P(ModuleHooksTest, WithoutAGradientOfTheInput) {
  Linear linear(3, 2);
  linear.to(device());
  int calls = 0;
  linear.register_full_backward_hook(
      [&](Module&, const Tensors& grad_inputs, const Tensors& grad_outputs) {
        ++calls;
        EXPECT_EQ(grad_inputs.size(), 1u);
        EXPECT_FALSE(grad_inputs[0].defined());
        EXPECT_EQ(list(grad_outputs[0]), V(8, 1));
      });
  linear(ones({4, 3}, {.device = device()})).sum().backward();
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(list(linear.bias.grad()), (V{4, 4}));
}

TEST_P(ModuleHooksTest, OfALossOfTwoTensors) {
  CrossEntropyLoss loss;
  const Tensor x = rand({2, 3}).to(device()).requires_grad_(),
               target = tensor({int64_t{1}, int64_t{0}}).to(device());
  size_t inputs_seen = 0;
  std::vector<bool> defined;
  loss.register_forward_pre_hook(
      [&](Module&, const Tensors& inputs) { inputs_seen = inputs.size(); });
  loss.register_full_backward_hook([&](Module&, const Tensors& grad_inputs, const Tensors&) {
    for (const Tensor& gradient : grad_inputs) defined.push_back(gradient.defined());
  });
  const Tensor expected = grad(cross_entropy(x, target), {x})[0];
  EXPECT_EQ(list(grad(loss(x, target), {x})[0]), list(expected));
  EXPECT_EQ(inputs_seen, 2u);
  EXPECT_EQ(defined, (std::vector<bool>{true, false}));
}

// Hooks that note which inputs, outputs and gradients are there: "110 11" for three and two.
struct Notes {
  std::vector<std::string> calls;
  V of_first_output;

  static std::string bits(const Tensors& tensors) {
    std::string text;
    for (const Tensor& each : tensors) text += each.defined() ? '1' : '0';
    return text;
  }
  explicit Notes(Module& module) {
    module.register_forward_pre_hook(
        [this](Module&, const Tensors& inputs) { calls.push_back("before " + bits(inputs)); });
    module.register_forward_hook([this](Module&, const Tensors& inputs, const Tensors& outputs) {
      calls.push_back("after " + bits(inputs) + " " + bits(outputs));
    });
    module.register_full_backward_hook([this](Module&, const Tensors& in, const Tensors& out) {
      calls.push_back("backward " + bits(in) + " " + bits(out));
      if (out[0].defined()) of_first_output = list(out[0]);
    });
  }
};

using Words = std::vector<std::string>;

TEST_P(ModuleHooksTest, SeeAllOfRecurrentLayers) {
  LSTM lstm(2, 3);
  lstm.to(device());
  Notes notes(lstm);
  const Tensor x = rand({4, 1, 2}).to(device()).requires_grad_();
  const Tensor c_0 = rand({1, 1, 3}).to(device()).requires_grad_();
  const LSTMOutput out = lstm(x, {}, c_0);
  (out.output * 2 + out.c_n).sum().backward();
  EXPECT_EQ(notes.calls, (Words{"before 101", "after 101 111", "backward 101 101"}));
  EXPECT_EQ(notes.of_first_output, V(12, 2));
  const Tensor expected = lstm.forward(x, {}, c_0).h_n;
  notes.calls.clear();
  EXPECT_EQ(list(lstm(x, {}, c_0).h_n), list(expected));
  lstm(x).h_n.sum().backward();
  EXPECT_EQ(notes.calls.back(), "backward 100 010");
  notes.calls.clear();
  const PackedSequence packed = pack_padded_sequence(x, {3});
  lstm(packed).output.data.sum().backward();
  EXPECT_EQ(notes.calls, (Words{"before 100", "after 100 111", "backward 100 100"}));
}

TEST_P(ModuleHooksTest, SeeAllOfCells) {
  LSTMCell lstm(2, 3);
  GRUCell gru(2, 3);
  lstm.to(device()), gru.to(device());
  Notes of_lstm(lstm), of_gru(gru);
  const Tensor x = rand({1, 2}).to(device()), h = rand({1, 3}).to(device()).requires_grad_();
  lstm(x, h).c.sum().backward();
  gru(x, h).sum().backward();
  EXPECT_EQ(of_lstm.calls, (Words{"before 110", "after 110 11", "backward 010 01"}));
  EXPECT_EQ(of_gru.calls, (Words{"before 11", "after 11 1", "backward 01 1"}));
}

TEST_P(ModuleHooksTest, SeeAllOfAttentionInATransformer) {
  TransformerDecoderLayer layer(4, 2, {.dim_feedforward = 8, .dropout = 0});
  layer.to(device());
  const Tensor x = rand({3, 1, 4}).to(device()).requires_grad_(),
               memory = rand({2, 1, 4}).to(device());
  const V expected = list(grad(layer(x, memory).sum(), {x})[0]);
  Notes of_layer(layer), of_attention(layer.multihead_attn);
  const V found = list(grad(layer(x, memory).sum(), {x})[0]);
  EXPECT_EQ(of_layer.calls, (Words{"before 11", "after 11 1", "backward 10 1"}));
  EXPECT_EQ(of_attention.calls, (Words{"before 111", "after 111 10", "backward 100 10"}));
  expect_near(found, expected, 1e-6, 1e-6, "with hooks and without");
  of_attention.calls.clear();
  (void)layer.multihead_attn(x, memory, memory);  // with weights
  EXPECT_EQ(of_attention.calls.back(), "after 111 11");
}

TEST_P(ModuleHooksTest, ReplaceWhatALayerWithSeveralOutputsGives) {
  GRU gru(2, 3);
  gru.to(device());
  const Tensor x = rand({4, 1, 2}).to(device()).requires_grad_();
  const V output = list(gru(x).output), h_n = list(gru(x).h_n);
  RemovableHandle negated = gru.register_forward_hook(
      [](Module&, const Tensors&, const Tensor& first) { return -first; });
  RemovableHandle doubled =
      gru.register_forward_hook([](Module&, const Tensors&, const Tensors& all) {
        return Tensors{all[0], all[1] * 2};
      });
  const auto [y, h] = gru(x);
  for (size_t i = 0; i < output.size(); ++i) EXPECT_EQ(list(y)[i], -output[i]);
  for (size_t i = 0; i < h_n.size(); ++i) EXPECT_EQ(list(h)[i], 2 * h_n[i]);
  doubled.remove();
  gru.register_forward_hook([](Module&, const Tensors&, const Tensors&) { return Tensors(3); });
  EXPECT_EQ(error_of([&] { (void)gru(x); }),
            "GRU: register_forward_hook: a hook returned 3 outputs for 2");
}

TEST_P(ModuleHooksTest, LayersOfASequentialAreCalledOneByOne) {
  Sequential model{Conv2d(3, 4, 3, {.padding = 1}), MaxPool2d(2), ReLU()};
  model.to(device());
  const Tensor x = rand({1, 3, 8, 8}).to(device());
  const Tensor fused = model(x);
  Shape seen;
  model[0].register_forward_hook(
      [&](Module&, const Tensors&, const Tensor& output) { seen = output.shape(); });
  const Tensor y = model(x);
  EXPECT_EQ(seen, (Shape{1, 4, 8, 8}));
  expect_near(y, list(fused), 1e-5, 1e-5, "fused and one by one");
}

TEST_P(ModuleHooksTest, MoveWithTheModuleAndEndWithIt) {
  const Tensor x = leaf({3});
  Tensor y;
  int calls = 0;
  RemovableHandle handle;
  {
    Square first;
    const Module* expected = nullptr;
    handle = first.register_full_backward_hook([&](Module& module, const Tensors&, const Tensors&) {
      ++calls;
      EXPECT_EQ(&module, expected);
    });
    const Tensor before = first(x);
    Square second = std::move(first);
    expected = &second;
    before.sum().backward();
    second(x).sum().backward();
    EXPECT_EQ(calls, 2);
    y = second(x);
  }
  y.sum().backward();  // the module is gone: nothing to call
  EXPECT_EQ(calls, 2);
  handle.remove();
}

TEST_P(ModuleHooksTest, Refusals) {
  Square square;
  RemovableHandle pre = square.register_forward_pre_hook([](Module&, const Tensors& inputs) {
    return Tensors{inputs[0], inputs[0]};
  });
  const Tensor x = leaf({1, 2});
  EXPECT_EQ(error_of([&] { (void)square(x); }),
            "Square: register_forward_pre_hook: a hook returned 2 inputs for 1");
  pre.remove();
  square.register_full_backward_hook(
      [](Module&, const Tensors&, const Tensors&) { return Tensors(3); });
  EXPECT_EQ(error_of([&] { square(x).sum().backward(); }),
            "register_full_backward_hook: a hook returned 3 gradients for 1 inputs");
}

TEST_P(ModuleHooksTest, AnomalyModeKnowsThePath) {
  struct Root : Module {
    Tensor forward(const Tensor& x) override { return (x * 0).sqrt() * 0; }
  };
  struct Model : Module {
    Tensor forward(const Tensor& x) override { return body(x); }
    Sequential& body = register_module("body", Sequential{Square(), Root()});
  };
  Model model;
  const DetectAnomaly detect_anomaly;
  const Tensor x = leaf({1, 2});
  const std::string error = error_of([&] { model(x).sum().backward(); });
  EXPECT_NE(error.find("'sqrt' was recorded here:\n  in Model > body (Sequential) > 1 (Root)"),
            std::string::npos)
      << error;
}

}  // namespace
}  // namespace cuttle::test
