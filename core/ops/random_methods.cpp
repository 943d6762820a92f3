// Random numbers in a tensor's place, and draws by a tensor's probabilities or weights.
#include "../../kernels/multinomial.h"
#include "../autograd/grad_mode.h"
#include "../autograd/record.h"
#include "../creation.h"
#include "../dispatch.h"
#include "../distributions.h"
#include "arithmetic.h"
#include "draw.h"
#include "ordering.h"
#include "random.h"

namespace cuttle {
namespace {

// draw(x) writes every element.
template <class Draw>
Tensor& overwrite(std::string_view op, Tensor& x, Draw&& draw) {
  check_in_place(op, x, {});
  draw(x);
  record_in_place(
      op, x, {}, [](const Tensor&, const NeededInputs&) -> std::vector<Tensor> { return {}; },
      Saves::nothing);
  return x;
}

void check_floating(std::string_view op, const Tensor& x) {
  if (!is_floating_point(x.dtype()))
    fail(op, ": expected a floating tensor, got ", x.dtype(),
         "; convert first, with .to(float32) for example");
}

Tensor& overwrite(std::string_view op, Tensor& x, const kernels::Distribution& distribution,
                  const std::optional<Generator>& generator) {
  return overwrite(op, x, [&](const Tensor& out) { draw_into(out, distribution, generator); });
}

// Each element of `out` 1 with the probability in `p`, of its device and broadcast.
void draw_bernoulli(const Tensor& out, const Tensor& p, const std::optional<Generator>& given) {
  const NoGradGuard no_grad;
  const Generator generator = given ? *given : default_generator(out.device());
  if (generator.engine() == Engine::mt19937 && out.is_cuda()) {
    const Tensor values = empty(out.shape(), {.dtype = out.dtype()});
    draw_bernoulli(values, p.cpu(), generator);
    out.detach().copy_(values);
    return;
  }
  const Tensor each = p.detach().expand(out.shape()).to(float64).contiguous();
  on_device(out.device(), [&](auto stream) {
    kernels::check_probabilities(stream, each.numel(), each.data<double>());
  });
  draw_into(out, kernels::Bernoulli{.each = each.data<double>(), .of_floats = p.dtype() != float64},
            generator);
}

}  // namespace

Tensor& RandomMethods::uniform_(double from, double to, const std::optional<Generator>& generator) {
  Tensor& x = self(*this);
  check_defined("uniform_", x);
  check_floating("uniform_", x);
  return overwrite("uniform_", x, uniform_distribution(x.dtype(), from, to), generator);
}

Tensor& RandomMethods::normal_(double mean, double std, const std::optional<Generator>& generator) {
  Tensor& x = self(*this);
  check_defined("normal_", x);
  check_floating("normal_", x);
  return overwrite("normal_", x, normal_distribution(x.dtype(), mean, std), generator);
}

Tensor& RandomMethods::exponential_(double lambd, const std::optional<Generator>& generator) {
  Tensor& x = self(*this);
  check_defined("exponential_", x);
  check_floating("exponential_", x);
  return overwrite("exponential_", x, exponential_distribution(lambd), generator);
}

Tensor& RandomMethods::geometric_(double p, const std::optional<Generator>& generator) {
  Tensor& x = self(*this);
  check_defined("geometric_", x);
  if (x.dtype() == boolean) fail("geometric_: not defined for bool, which cannot count trials");
  return overwrite("geometric_", x, geometric_distribution(x.dtype(), p), generator);
}

Tensor& RandomMethods::random_(int64_t from, int64_t to,
                               const std::optional<Generator>& generator) {
  Tensor& x = self(*this);
  check_defined("random_", x);
  return overwrite("random_", x, integer_distribution(x.dtype(), from, to, "random_"), generator);
}
Tensor& RandomMethods::random_(int64_t to, const std::optional<Generator>& generator) {
  return random_(0, to, generator);
}
Tensor& RandomMethods::random_(const std::optional<Generator>& generator) {
  Tensor& x = self(*this);
  check_defined("random_", x);
  return overwrite("random_", x, every_integer(x.dtype()), generator);
}

Tensor& RandomMethods::bernoulli_(double p, const std::optional<Generator>& generator) {
  check_defined("bernoulli_", self(*this));
  return overwrite("bernoulli_", self(*this), bernoulli_distribution(p), generator);
}
Tensor& RandomMethods::bernoulli_(const Tensor& p, const std::optional<Generator>& generator) {
  Tensor& x = self(*this);
  check_defined("bernoulli_", x);
  check_same_device("bernoulli_", {&x, &p});
  check_floating("bernoulli_", p);
  if (broadcast_shapes("bernoulli_", x.shape(), p.shape()) != x.shape())
    fail("bernoulli_: the probabilities' shape ", p.shape(), " does not broadcast to ", x.shape());
  return overwrite("bernoulli_", x, [&](const Tensor& out) { draw_bernoulli(out, p, generator); });
}

Tensor RandomMethods::bernoulli(const std::optional<Generator>& generator) const {
  check_defined("bernoulli", self(*this));
  const Tensor& p = self(*this);
  check_floating("bernoulli", p);
  const Tensor out = empty_like(p);
  draw_bernoulli(out, p, generator);
  return out;
}
Tensor RandomMethods::bernoulli(double p, const std::optional<Generator>& generator) const {
  const Tensor out = empty_like(self(*this));
  draw_into(out, bernoulli_distribution(p), generator);
  return out;
}

Tensor RandomMethods::multinomial(int64_t num_samples, bool replacement,
                                  const std::optional<Generator>& generator) const {
  const NoGradGuard no_grad;
  const Tensor weights = check_defined("multinomial", self(*this)).detach();
  check_floating("multinomial", weights);
  if (weights.dim() < 1 || weights.dim() > 2 || weights.size(-1) == 0)
    fail("multinomial: expected weights of shape (C) or (N, C) with C above 0, got ",
         weights.shape());
  const int64_t cols = weights.size(-1), rows = weights.dim() == 2 ? weights.size(0) : 1;
  if (num_samples < 1) fail("multinomial: num_samples must be at least 1, got ", num_samples);
  if (!replacement && num_samples > cols)
    fail("multinomial: ", num_samples, " samples without replacement are more than the ", cols,
         " categories; ask for fewer, or for replacement");
  const Tensor wide = weights.to(float64).contiguous(), sums = empty_like(wide);
  on_device(weights.device(), [&](auto stream) {
    kernels::cumulative_weights(stream, rows, cols, wide.data<double>(), sums.data<double>());
  });
  if (!replacement) {  // the largest of weight / e, with e exponential, come as if drawn one by one
    const Tensor e = empty(weights.shape(), {.dtype = weights.dtype(), .device = weights.device()});
    draw_into(e, kernels::Exponential{}, generator);
    return (weights / e).topk(num_samples).indices;
  }
  Shape shape = weights.shape();
  shape[shape.size() - 1] = num_samples;
  const Tensor u = empty(shape, {.dtype = float64, .device = weights.device()});
  draw_into(u, uniform_distribution(float64, 0, 1), generator);
  // Below the row's sum, so that a category is found, and the first whose sum is larger: never one
  // of weight 0.
  const Tensor below = u * (1 - 0x1p-52) * sums.narrow(-1, cols - 1, 1);
  return searchsorted(sums, below, /*out_int32=*/false, /*right=*/true);
}

Tensor bernoulli(const Tensor& p, const std::optional<Generator>& generator) {
  return p.bernoulli(generator);
}
Tensor bernoulli(const Tensor& like, double p, const std::optional<Generator>& generator) {
  return like.bernoulli(p, generator);
}
Tensor multinomial(const Tensor& weights, int64_t num_samples, bool replacement,
                   const std::optional<Generator>& generator) {
  return weights.multinomial(num_samples, replacement, generator);
}

}  // namespace cuttle
