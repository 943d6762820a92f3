#include "random.h"

#include <algorithm>

#include "../../kernels/random.h"
#include "../autograd/grad_mode.h"
#include "../creation.h"
#include "../dispatch.h"
#include "../distributions.h"
#include "../sizes.h"
#include "../strided_loop.h"
#include "arithmetic.h"
#include "draw.h"

namespace cuttle {

void draw_into(const Tensor& out, const kernels::Distribution& distribution,
               const std::optional<Generator>& given) {
  Generator generator = given ? *given : default_generator(out.device());
  dispatch_all(out.dtype(), [&]<class T>() {
    if (generator.engine() == Engine::philox) {
      const auto loop = make_loop<2>(out.shape(), {out.strides(), dense_strides(out.shape())});
      const kernels::PhiloxAt at = generator.next_call(out.device());
      on_device(out.device(), [&](auto stream) {
        kernels::random(stream, at, loop, distribution, out.data<T>());
      });
      return;
    }
    const auto count = static_cast<size_t>(out.numel());
    if (out.is_cpu() && out.is_contiguous())
      return generator.fill(distribution, std::span<T>(out.data<T>(), count));
    const NoGradGuard no_grad;
    const Tensor values = empty(out.shape(), {.dtype = out.dtype()});
    generator.fill(distribution, std::span<T>(values.data<T>(), count));
    out.detach().copy_(values);
  });
}

namespace {

// A tensor of the options' dtype or, without one, `usual`, filled.
template <class Distribute>
Tensor drawn(std::string_view op, const Shape& shape, const TensorOptions& options, DType usual,
             const std::optional<Generator>& generator, Distribute&& distribute) {
  check_sizes(op, shape);
  const DType dtype = options.dtype.value_or(usual);
  const kernels::Distribution distribution = distribute(dtype);
  Tensor out = empty(shape, {.dtype = dtype, .device = options.device});
  draw_into(out, distribution, generator);
  return out.requires_grad_(options.requires_grad);
}

template <class Distribute>
Tensor drawn_like(std::string_view op, const Tensor& like, const LikeOptions& options,
                  const std::optional<Generator>& generator, Distribute&& distribute) {
  check_defined(op, like);
  Tensor out = empty_like(like, {.dtype = options.dtype, .device = options.device});
  draw_into(out, distribute(out.dtype()), generator);
  return out.requires_grad_(options.requires_grad);
}

void check_floating(std::string_view op, DType dtype) {
  if (!is_floating_point(dtype))
    fail(op, ": makes floating numbers, and the dtype is ", dtype,
         "; ask for float32, for example");
}

auto unit_uniform(std::string_view op) {
  return [op](DType dtype) {
    check_floating(op, dtype);
    return uniform_distribution(dtype, 0, 1);
  };
}
auto unit_normal(std::string_view op) {
  return [op](DType dtype) {
    check_floating(op, dtype);
    return normal_distribution(dtype, 0, 1);
  };
}
auto integers_from(int64_t low, int64_t high) {
  return [=](DType dtype) { return integer_distribution(dtype, low, high); };
}

}  // namespace

Tensor rand(const Shape& shape, const TensorOptions& options,
            const std::optional<Generator>& generator) {
  return drawn("rand", shape, options, float32, generator, unit_uniform("rand"));
}
Tensor rand_like(const Tensor& like, const LikeOptions& options,
                 const std::optional<Generator>& generator) {
  return drawn_like("rand_like", like, options, generator, unit_uniform("rand_like"));
}

Tensor randn(const Shape& shape, const TensorOptions& options,
             const std::optional<Generator>& generator) {
  return drawn("randn", shape, options, float32, generator, unit_normal("randn"));
}
Tensor randn_like(const Tensor& like, const LikeOptions& options,
                  const std::optional<Generator>& generator) {
  return drawn_like("randn_like", like, options, generator, unit_normal("randn_like"));
}

Tensor randint(int64_t low, int64_t high, const Shape& shape, const TensorOptions& options,
               const std::optional<Generator>& generator) {
  return drawn("randint", shape, options, int64, generator, integers_from(low, high));
}
Tensor randint(int64_t high, const Shape& shape, const TensorOptions& options,
               const std::optional<Generator>& generator) {
  return randint(0, high, shape, options, generator);
}
Tensor randint_like(const Tensor& like, int64_t low, int64_t high, const LikeOptions& options,
                    const std::optional<Generator>& generator) {
  return drawn_like("randint_like", like, options, generator, integers_from(low, high));
}
Tensor randint_like(const Tensor& like, int64_t high, const LikeOptions& options,
                    const std::optional<Generator>& generator) {
  return randint_like(like, 0, high, options, generator);
}

Tensor randperm(int64_t n, const TensorOptions& options,
                const std::optional<Generator>& generator) {
  if (n < 0) fail("randperm: n must not be negative, got ", n);
  const DType dtype = options.dtype.value_or(int64);
  if (n > 0 && !has_whole_numbers(dtype, 0, n - 1))
    fail("randperm: ", dtype, " cannot hold every whole number from 0 to ", n - 1,
         "; ask for a wider dtype");
  Generator from = generator ? *generator : default_generator(options.device);
  Tensor values;
  if (from.engine() == Engine::philox) {  // as Generator::permutation has it
    const Tensor keys = empty({n}, {.dtype = int64, .device = options.device});
    draw_into(keys, kernels::Integers{.low = 0, .range = 0}, from);
    values = keys.argsort();
  } else {
    values = empty({n}, {.dtype = int64});
    from.permutation({values.data<int64_t>(), static_cast<size_t>(n)});
  }
  Tensor out = values.to(options.device, dtype);
  return out.requires_grad_(options.requires_grad);
}
Tensor randperm(int64_t n, const Generator& generator) {
  return randperm(n, {}, generator);
}

Tensor normal(const Tensor& mean, const Tensor& std, const std::optional<Generator>& generator) {
  const NoGradGuard no_grad;
  check_defined("normal", mean);
  check_defined("normal", std);
  check_same_device("normal", {&mean, &std});
  const Shape shape = broadcast_shapes("normal", mean.shape(), std.shape());
  const DType dtype = promote_types(mean.dtype(), std.dtype());
  return randn(shape, {.dtype = dtype, .device = mean.device()}, generator) * std + mean;
}
Tensor normal(const Tensor& mean, double std, const std::optional<Generator>& generator) {
  const NoGradGuard no_grad;
  if (!(std >= 0)) fail("normal: the standard deviation must not be negative, got ", std);
  return randn_like(check_defined("normal", mean), {}, generator) * std + mean;
}
Tensor normal(double mean, const Tensor& std, const std::optional<Generator>& generator) {
  const NoGradGuard no_grad;
  return randn_like(check_defined("normal", std), {}, generator) * std + mean;
}
Tensor normal(double mean, double std, const Shape& shape, const TensorOptions& options,
              const std::optional<Generator>& generator) {
  return drawn("normal", shape, options, float32, generator, [=](DType dtype) {
    check_floating("normal", dtype);
    return normal_distribution(dtype, mean, std);
  });
}

}  // namespace cuttle
