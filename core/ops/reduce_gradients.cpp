// The gradients of reductions, as recorded operations. g: the result's gradient, its reduced
// dimensions 1; x the input, y the result, both sides of a product broadcast.
#include <cmath>

#include "../autograd/grad_mode.h"
#include "../creation.h"
#include "arithmetic.h"
#include "binary.h"
#include "reduction.h"

namespace cuttle {
namespace {

// 1 where `condition`, else 0, to count and to add.
Tensor indicator(const Tensor& condition, DType dtype) {
  return condition.detach().to(dtype);
}

// The tensor with 1 in place of 0, to divide by where the quotient is masked.
Tensor without_zeros(const Tensor& x) {
  return x + indicator(x.detach() == 0, x.dtype());
}

Dims reduced_dims(const Slices& slices) {
  std::vector<int64_t> dims;
  for (int d = 0; d < slices.shape.size(); ++d)
    if (slices.reduced[static_cast<size_t>(d)]) dims.push_back(d);
  return dims;
}

Tensor sign(const Tensor& x) {
  return indicator(x.detach() > 0, x.dtype()) - indicator(x.detach() < 0, x.dtype());
}

Tensor masked_in(const ReductionHistory& history, const Tensor& gradient, const Tensor& mask) {
  return masked(gradient.expand(history.slices.shape), mask.expand(history.slices.shape));
}

// g shared evenly among the elements of each slice that the mask holds.
Tensor shared(const ReductionHistory& history, const Tensor& gradient, const Tensor& mask) {
  const Tensor holders = mask.sum(reduced_dims(history.slices), /*keepdim=*/true);
  return masked_in(history, gradient / holders.to(gradient.dtype()), mask);
}

// True where a value is its slice's extreme; a slice with NaN has these for extremes.
Tensor is_extreme(const Tensor& values, const Tensor& extreme) {
  const Tensor v = values.detach();
  return (v == extreme.detach()) + (v != v);
}

// The slices as rows: the reduced dimensions last and one.
struct RowsOf {
  explicit RowsOf(const Slices& slices) {
    Shape sizes;
    int64_t rows = 1;
    for (const bool is_reduced : {false, true})
      for (int d = 0; d < slices.shape.size(); ++d) {
        if (slices.reduced[static_cast<size_t>(d)] != is_reduced) continue;
        order.push_back(d);
        sizes.push_back(slices.shape[d]);
        if (!is_reduced) rows *= slices.shape[d];
      }
    permuted = sizes;
    matrix = {rows, slices.count};
    back.resize(order.size());
    for (size_t i = 0; i < order.size(); ++i)
      back[static_cast<size_t>(order[i])] = static_cast<int64_t>(i);
  }
  Tensor rows(const Tensor& x) const { return x.permute(order).reshape(matrix); }
  Tensor undo(const Tensor& rows) const { return rows.reshape(permuted).permute(back); }

  std::vector<int64_t> order, back;
  Shape permuted, matrix;
};

// Of each element of the rows the product of those before it or, with `after`, behind it: shifted
// by 1, then multiplied with itself shifted by 1, 2, 4, …
Tensor product_of_others(const Tensor& x, bool after) {
  const int64_t n = x.size(1);
  const auto shifted = [&](const Tensor& from, int64_t by) {
    const Tensor fill = ones({x.size(0), by}, {.dtype = x.dtype(), .device = x.device()});
    const Tensor rest = from.narrow(1, after ? by : 0, n - by);
    return after ? cat({rest, fill}, 1) : cat({fill, rest}, 1);
  };
  Tensor product = shifted(x, 1);
  for (int64_t by = 1; by < n; by *= 2) product = product * shifted(product, by);
  return product;
}

}  // namespace

// dx = g
Tensor sum_gradient(const ReductionHistory&, const Tensor& gradient) {
  return gradient;
}

// dx = g where x is a number
Tensor nansum_gradient(const ReductionHistory& history, const Tensor& gradient) {
  const Tensor x = history.x().detach();
  return masked_in(history, gradient, x == x);
}

// dx = g / n
Tensor mean_gradient(const ReductionHistory& history, const Tensor& gradient) {
  return gradient / static_cast<double>(history.slices.count);
}

// dx = g · the product of the others: y / x where there is no 0, and the product of the numbers
// that are not 0 at the place of a single one. Where the gradient will itself be differentiated the
// products are formed one by one, since what is 0 here has a derivative that is not.
Tensor prod_gradient(const ReductionHistory& history, const Tensor& gradient) {
  const Slices& slices = history.slices;
  const Tensor x = history.x();
  if (slices.count < 2) return gradient;
  if (is_grad_enabled()) {
    const RowsOf as_rows(slices);
    const Tensor rows = as_rows.rows(x);
    const Tensor others = product_of_others(rows, false) * product_of_others(rows, true);
    return gradient * as_rows.undo(others);
  }
  const Dims dims = reduced_dims(slices);
  const Tensor zeros = indicator(x == 0, x.dtype());
  const Tensor nonzero = x + zeros;
  const Tensor other_zeros = zeros.sum(dims, true) - zeros;
  return masked(gradient * (nonzero.prod(dims, true) / nonzero), other_zeros == 0);
}

// dx = g shared evenly among those that equal y
Tensor extreme_gradient(const ReductionHistory& history, const Tensor& gradient) {
  return shared(history, gradient, is_extreme(history.x(), history.y()));
}

// dx = g · 2 (x − mean) / (n − correction)
Tensor variance_gradient(const ReductionHistory& history, const Tensor& gradient) {
  const double freedom =
      std::max(0.0, static_cast<double>(history.slices.count) - history.parameter);
  const Tensor x = history.x();
  return gradient * (2 / freedom) * (x - x.mean(reduced_dims(history.slices), true));
}

// By way of the variance, dy² / 2y; 0 where y is.
Tensor deviation_gradient(const ReductionHistory& history, const Tensor& gradient) {
  const Tensor y = history.y();
  return variance_gradient(history, masked(gradient / (without_zeros(y) * 2), y));
}

// dx = g · sign(x) · (|x| / y)^(p−1), 0 where x is; for p = ±∞ as the extreme of |x|.
Tensor norm_gradient(const ReductionHistory& history, const Tensor& gradient) {
  const double p = history.parameter;
  const Tensor x = history.x();
  if (p == 1) return gradient * sign(x);
  const Tensor y = history.y();
  if (std::isinf(p)) return shared(history, gradient, is_extreme(x.abs(), y)) * sign(x);
  const Tensor scale = without_zeros(y);
  if (p == 2) return gradient * (x / scale);
  const Tensor size = without_zeros(x.abs());  // so that no power of 0 is differentiated
  return masked(gradient * sign(x) * pow(size / scale, p - 1), x);
}

// dx = g · exp(x − y), the softmax of the slice; 0 where all of it is −∞
Tensor logsumexp_gradient(const ReductionHistory& history, const Tensor& gradient) {
  const Tensor y = history.y();
  const Tensor finite = masked(y, y.detach() != -std::numeric_limits<double>::infinity());
  return gradient * (history.x() - finite).exp();
}

}  // namespace cuttle
