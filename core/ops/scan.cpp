// Running sums, products, log Σ exp and extremes along a dimension. What their gradients need is a
// scan too: a sum from the other end, or a linear recurrence.
#include "scan.h"

#include "../../kernels/scan.h"

#include <cmath>

#include "../autocast.h"
#include "../autograd/record.h"
#include "../creation.h"
#include "../dispatch.h"
#include "arithmetic.h"
#include "binary.h"
#include "recurrence.h"

namespace cuttle {
namespace {

using kernels::ScanOp;

// As (outer, length, inner); a tensor without dimensions as one element.
kernels::ScanShape scan_shape(const Tensor& x, int d, bool reverse = false) {
  kernels::ScanShape shape{.reverse = reverse};
  for (int i = 0; i < d; ++i) shape.outer *= x.size(i);
  shape.length = x.dim() == 0 ? 1 : x.size(d);
  for (int i = d + 1; i < x.dim(); ++i) shape.inner *= x.size(i);
  return shape;
}

Tensor empty_of(const Tensor& x, DType dtype) {
  return empty(x.shape(), {.dtype = dtype, .device = x.device()});
}

// Element k is `first` for k = 0, else the x of k − 1.
Tensor moved_on(const Tensor& x, int d, double first) {
  if (x.dim() == 0) return full_like(x, first);
  if (x.size(d) == 0) return x;
  Shape one = x.shape();
  one[d] = 1;
  return cat(
      {full(one, first, {.dtype = x.dtype(), .device = x.device()}), x.narrow(d, 0, x.size(d) - 1)},
      d);
}

// Floating types as they are; integers in int64, as in PyTorch.
void run_scan(ScanOp op, const Tensor& x, int d, bool reverse, const Tensor& out) {
  const auto launch = [&]<class T>() {
    on_device(x.device(), [&](auto stream) {
      kernels::scan(stream, op, scan_shape(x, d, reverse), x.data<T>(), out.data<T>());
    });
  };
  if (x.dtype() == int64) return launch.operator()<int64_t>();
  dispatch_floating("scan", x.dtype(), launch);
}

Tensor running_sum(const Tensor& input, int d, bool reverse) {
  const Tensor x = input.contiguous();
  Tensor out = empty_of(x, x.dtype());
  run_scan(ScanOp::sum, x, d, reverse, out);
  return record(
      "cumsum", out, {x},
      [d, reverse](const Tensor& gradient, const NeededInputs&) -> std::vector<Tensor> {
        return {running_sum(gradient, d, !reverse)};
      },
      Saves::nothing);
}

// The operand of a running sum or product: converted as asked, or integers to int64.
Tensor accumulated(std::string_view op, const Tensor& x, std::optional<DType> dtype) {
  check_defined(op, x);
  if (dtype && is_floating_point(*dtype)) return x.to(*dtype);
  if (dtype && is_floating_point(x.dtype())) return x.to(*dtype).to(int64);
  if (autocast_raises({&x})) return autocast_raised(x);
  return is_floating_point(x.dtype()) ? x : x.to(int64);
}

// With an integer dtype: what int64 came to, wrapped to it.
Tensor as_asked(const Tensor& out, std::optional<DType> dtype) {
  return dtype ? out.to(*dtype) : out;
}

ValuesIndices running_extreme(std::string_view op, bool largest, const Tensor& input, int64_t dim) {
  check_defined(op, input);
  const int d = wrap_dim(op, dim, input.dim());
  if (input.dtype() == boolean) {
    const ValuesIndices bytes = running_extreme(op, largest, input.to(uint8), dim);
    return {bytes.values.to(boolean), bytes.indices};
  }
  const Tensor x = input.contiguous();
  Tensor values = empty_of(x, x.dtype()), indices = empty_of(x, int64);
  dispatch_numeric(op, x.dtype(), [&]<class T>() {
    on_device(x.device(), [&](auto stream) {
      kernels::scan_extremes(stream, largest, scan_shape(x, d), x.data<T>(), values.data<T>(),
                             indices.data<int64_t>());
    });
  });
  // Element i gets the gradients of the run of places that picked it, which begins with its own.
  // Those are summed from the run's end on: a recurrence whose factor is 0 between two runs.
  values = record(op, values, {x},
                  [d, indices = save(indices)](const Tensor& gradient,
                                               const NeededInputs&) -> std::vector<Tensor> {
                    const Tensor picked = indices.get();
                    const Tensor runs = (picked == moved_on(picked, d, -1)).to(gradient.dtype());
                    const Tensor sums = linear_recurrence(runs, gradient, d, /*reverse=*/true);
                    if (picked.dim() == 0) return {sums};
                    Shape along = Shape::filled(picked.dim(), 1);
                    along[d] = picked.size(d);
                    const Tensor own = arange(picked.size(d), {.device = picked.device()});
                    return {masked(sums, picked == own.view(along))};
                  });
  return {values, indices};
}

}  // namespace

// Its gradient is the recurrence from the other end: r[k] = g[k] + f[k + 1] · r[k + 1] is that of
// t[k], and with it r[k] · out[k − 1] that of f[k].
Tensor linear_recurrence(const Tensor& f, const Tensor& t, int d, bool reverse) {
  const Tensor factors = f.contiguous(), terms = t.contiguous();
  Tensor out = empty_of(terms, terms.dtype());
  dispatch_floating("linear_recurrence", terms.dtype(), [&]<class T>() {
    on_device(terms.device(), [&](auto stream) {
      kernels::scan_linear(stream, scan_shape(terms, d, reverse), factors.data<T>(),
                           terms.data<T>(), out.data<T>());
    });
  });
  return record("linear_recurrence", out, {factors, terms},
                [d, reverse, factors = save(factors), out = save_output(out)](
                    const Tensor& gradient, const NeededInputs& needed) -> std::vector<Tensor> {
                  const Tensor r = linear_recurrence(factors.get(), gradient, d, !reverse);
                  if (!needed[0]) return {{}, r};
                  const Tensor from_factors =
                      reverse ? out.get() * moved_on(r, d, 0) : r * moved_on(out.get(), d, 0);
                  return {from_factors, r};
                });
}

Tensor OrderingMethods::cumsum(int64_t dim, std::optional<DType> dtype) const {
  const Tensor x = accumulated("cumsum", self(*this), dtype);
  return as_asked(running_sum(x, wrap_dim("cumsum", dim, x.dim()), /*reverse=*/false), dtype);
}

// With y the products, dx[i] = y[i − 1] · Σ_k≥i g[k] · x[i + 1] ⋯ x[k]; the sum is a recurrence
// from the end, which divides by nothing and so is right where elements are 0.
Tensor OrderingMethods::cumprod(int64_t dim, std::optional<DType> dtype) const {
  const Tensor x = accumulated("cumprod", self(*this), dtype).contiguous();
  const int d = wrap_dim("cumprod", dim, x.dim());
  Tensor out = empty_of(x, x.dtype());
  run_scan(ScanOp::prod, x, d, /*reverse=*/false, out);
  return as_asked(record("cumprod", out, {x},
                         [d, x = save(x), y = save_output(out)](
                             const Tensor& gradient, const NeededInputs&) -> std::vector<Tensor> {
                           const Tensor sums =
                               linear_recurrence(x.get(), gradient, d, /*reverse=*/true);
                           return {moved_on(y.get(), d, 1) * sums};
                         }),
                  dtype);
}

// dx[i] = Σ_k≥i g[k] · e^(x[i] − y[k]) = e^(x[i] − y[i]) · s[i], where s[i] = g[i] + e^(y[i] −
// y[i+1]) · s[i + 1]: no exponent is above 0, for y rises and is at least x.
Tensor OrderingMethods::logcumsumexp(int64_t dim) const {
  const Tensor x = check_defined("logcumsumexp", self(*this)).contiguous();
  const int d = wrap_dim("logcumsumexp", dim, x.dim());
  if (!is_floating_point(x.dtype()))
    fail("logcumsumexp: expected a floating dtype, got ", x.dtype(),
         "; convert first, with .to(float32) for example");
  Tensor out = empty_of(x, x.dtype());
  run_scan(ScanOp::logsumexp, x, d, /*reverse=*/false, out);
  return record("logcumsumexp", out, {x},
                [d, x = save(x), saved = save_output(out)](
                    const Tensor& gradient, const NeededInputs&) -> std::vector<Tensor> {
                  const Tensor y = saved.get();
                  const Tensor base = masked(y, y != -INFINITY);  // −∞ − −∞ would be NaN
                  const Tensor falls = (moved_on(y, d, -INFINITY) - base).exp();
                  const Tensor sums = linear_recurrence(falls, gradient, d, /*reverse=*/true);
                  return {(x.get() - base).exp() * sums};
                });
}

ValuesIndices OrderingMethods::cummax(int64_t dim) const {
  return running_extreme("cummax", true, self(*this), dim);
}
ValuesIndices OrderingMethods::cummin(int64_t dim) const {
  return running_extreme("cummin", false, self(*this), dim);
}

Tensor cumsum(const Tensor& x, int64_t dim, std::optional<DType> dtype) {
  return x.cumsum(dim, dtype);
}
Tensor cumprod(const Tensor& x, int64_t dim, std::optional<DType> dtype) {
  return x.cumprod(dim, dtype);
}
Tensor logcumsumexp(const Tensor& x, int64_t dim) {
  return x.logcumsumexp(dim);
}
ValuesIndices cummax(const Tensor& x, int64_t dim) {
  return x.cummax(dim);
}
ValuesIndices cummin(const Tensor& x, int64_t dim) {
  return x.cummin(dim);
}

}  // namespace cuttle
