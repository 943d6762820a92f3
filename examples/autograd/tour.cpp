// What docs/autograd.md shows, as a program: its snippets stand here word for word, and
// tests/tools/doc_snippets_test.py compares them.
#include <cuttle/cuttle.h>

#include <cstdio>
#include <cstdlib>
#include <iostream>

using namespace cuttle;

namespace {

void expect(bool holds, const char* what) {
  if (holds) return;
  std::cerr << "not so: " << what << '\n';
  std::exit(1);
}

void modes() {
  const Tensor x = tensor({1.0, 2.0}).requires_grad_();
  {
    const NoGradGuard no_grad;
    const Tensor y = x * 2;  // not recorded
    const EnableGradGuard enable_grad;
    const Tensor z = x * 2;  // recorded
    expect(!y.requires_grad() && z.requires_grad(), "guards");
  }
  Tensor prediction;
  {
    const InferenceMode inference;
    prediction = x * 2;  // will never meet the tape
  }
  expect(prediction.is_inference(), "inference");
  const Tensor ordinary = prediction.clone();
  expect(!ordinary.is_inference(), "clone");
}

void hooks() {
  const Tensor x = tensor({1.0, 2.0}).requires_grad_();
  const Tensor h = x * x;
  RemovableHandle handle = h.register_hook([](const Tensor& gradient) { return gradient * 10; });
  h.retain_grad();
  h.sum().backward();  // h.grad(): [10, 10], x.grad(): [20, 40]
  handle.remove();
  expect(h.grad()[0].item() == 10 && x.grad()[1].item() == 40, "hooks");

  Linear layer(2, 2);
  layer.register_forward_hook(
      [](Module& module, const std::vector<Tensor>& inputs, const Tensor& output) {
        std::cout << module.type_name() << inputs[0].shape() << " -> " << output.shape() << '\n';
      });
  layer.register_full_backward_hook(
      [](Module&, const std::vector<Tensor>& grad_inputs, const std::vector<Tensor>& grad_outputs) {
        return std::vector<Tensor>{grad_inputs[0] - grad_outputs[0].sum() * 0};
      });
  layer(x.to(float32).view(1, 2)).sum().backward();

  const Tensor weight = tensor({1.0}).requires_grad_();
  weight.register_post_accumulate_grad_hook([](Tensor parameter) {
    const NoGradGuard no_grad;
    parameter.sub_(parameter.grad() * 0.1);  // a step of its own,
    parameter.set_grad({});                  // and the gradient's memory is free at once
  });
  (weight * 3).sum().backward();
  expect(std::abs(weight.item() - 0.7) < 1e-12, "post-accumulate hook");
}

struct Cube : Function<Cube> {
  static Tensor forward(FunctionContext* ctx, const Tensor& x, double factor) {
    ctx->save_for_backward({x});
    ctx->saved_data["factor"] = factor;
    return x * x * x * factor;
  }
  static std::vector<Tensor> backward(FunctionContext* ctx, std::vector<Tensor> gradients) {
    const Tensor x = ctx->get_saved_variables()[0];
    const double factor = std::any_cast<double>(ctx->saved_data["factor"]);
    return {gradients[0] * x * x * (3 * factor), Tensor()};  // none for the number
  }
};

struct SumAndDifference : Function<SumAndDifference> {
  static std::vector<Tensor> forward(FunctionContext*, const Tensor& a, const Tensor& b) {
    return {a + b, a - b};
  }
  static std::vector<Tensor> backward(FunctionContext*, std::vector<Tensor> g) {
    return {g[0] + g[1], g[0] - g[1]};
  }
};

void functions() {
  const Tensor x = tensor({1.0, 2.0}).requires_grad_();
  const Tensor y = Cube::apply(x, 0.5);
  const std::vector<Tensor> both = SumAndDifference::apply(x, y);
  const Tensor first = grad((both[0] * both[1]).sum(), {x}, {}, {.create_graph = true})[0];
  const Tensor second = grad(first.sum(), {x})[0];
  // x² − x⁶/4 and its derivatives
  expect(first[1].item() == 4 - 1.5 * 32 && second[1].item() == 2 - 7.5 * 16, "functions");
}

void checkpoints() {
  Linear first(8, 8), second(8, 8);
  const Tensor x = randn({4, 8});
  const auto block = [&](const Tensor& in) { return second(first(in).tanh()).tanh(); };
  const Tensor y = checkpoint(block, x);  // keeps x alone
  y.sum().backward();                     // computes block(x) again
  expect(first.weight.grad().defined(), "checkpoint");

  Sequential model{Linear(8, 8), ReLU(), Linear(8, 8), ReLU(), Linear(8, 2)};
  checkpoint_sequential(model, /*segments=*/2, x).sum().backward();
}

void anomalies() {
  const DetectAnomaly detect_anomaly;
  const AnomalyLabel label("batch 7");
  const Tensor x = tensor({0.0, 1.0}).requires_grad_();
  try {
    (x.sqrt() * 0).sum().backward();  // 0 · ∞
  } catch (const Error& error) {
    std::cout << error.what() << '\n';
    return;
  }
  expect(false, "anomaly mode throws");
}

void saved_tensors() {
  const Tensor x = randn({64, 64}).requires_grad_();
  Tensor y;
  {
    const SaveOnCpu offload;  // what a GPU's operations save waits in the host's memory
    y = x.sigmoid().tanh();
  }
  {
    const SavedTensorHooks in_half_the_bytes(
        [](const Tensor& saved) { return std::any(saved.to(float32)); },
        [](const std::any& packed) { return std::any_cast<Tensor>(packed).to(float64); });
    (x.to(float64).exp() * 2).sum().backward();
  }
  y.sum().backward();
}

void drawing() {
  const Tensor x = randn({4, 3}), w = randn({2, 3}, {.requires_grad = true});
  const Tensor b = zeros({2}, {.requires_grad = true});
  const Tensor loss = linear(x, w, b).tanh().sum();
  std::cout << graph_text(loss, {{"w", w}, {"b", b}, {"loss", loss}});
  const std::string dot = graph_dot(loss, {{"w", w}, {"b", b}, {"loss", loss}});
  expect(dot.starts_with("digraph"), "graph_dot");
}

}  // namespace

int main() try {
  modes();
  hooks();
  functions();
  checkpoints();
  anomalies();
  saved_tensors();
  drawing();
} catch (const std::exception& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
