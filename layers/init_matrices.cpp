// Initialisers of matrices: made row-major on the CPU and copied into place.
#include <algorithm>
#include <cmath>

#include "../core/autograd/grad_mode.h"
#include "../core/creation.h"
#include "../core/ops/arithmetic.h"
#include "init.h"

namespace cuttle::init {
namespace {

void check_matrix(const char* op, const Tensor& tensor) {
  if (tensor.dim() != 2)
    fail(op, ": expected a tensor of two dimensions, got shape ", tensor.shape());
}

/// A matrix of columns that lie one after the other, with at least as many rows as columns.
struct Columns {
  int64_t rows, columns;
  std::vector<double> values;

  double* column(int64_t j) { return values.data() + j * rows; }
};

// Takes the reflection I − tau · v · vᵀ, whose v begins in row `from`, to a column.
void reflect(const double* v, double tau, int64_t from, int64_t rows, double* column) {
  double product = 0;
  for (int64_t i = from; i < rows; ++i) product += v[i] * column[i];
  for (int64_t i = from; i < rows; ++i) column[i] -= tau * product * v[i];
}

// Turns A = Q · R into Q with signs such that R's diagonal is positive. (Householder 1958; Golub
// and Van Loan, "Matrix Computations", 5.2.)
void orthonormalise(Columns& a) {
  std::vector<double> tau(static_cast<size_t>(a.columns)), sign(tau.size());
  for (int64_t k = 0; k < a.columns; ++k) {
    double* v = a.column(k);
    double squares = 0;
    for (int64_t i = k; i < a.rows; ++i) squares += v[i] * v[i];
    const double norm = std::sqrt(squares), diagonal = v[k] > 0 ? -norm : norm;
    const auto at = static_cast<size_t>(k);
    sign[at] = diagonal > 0 ? 1 : diagonal < 0 ? -1 : 0;
    v[k] -= diagonal;                                              // adds up: their signs differ
    const double length = squares - diagonal * (v[k] + diagonal);  // vᵀ · v / 2
    tau[at] = norm > 0 ? 1 / length : 0;
    for (int64_t j = k + 1; j < a.columns; ++j) reflect(v, tau[at], k, a.rows, a.column(j));
  }
  Columns q{a.rows, a.columns, std::vector<double>(a.values.size())};
  for (int64_t j = 0; j < a.columns; ++j) {
    double* column = q.column(j);
    column[j] = sign[static_cast<size_t>(j)];
    for (int64_t k = j; k >= 0; --k)
      reflect(a.column(k), tau[static_cast<size_t>(k)], k, a.rows, column);
  }
  a = std::move(q);
}

}  // namespace

void eye_(Tensor tensor) {
  check_matrix("eye_", tensor);
  const NoGradGuard no_grad;
  tensor.copy_(eye(tensor.size(0), tensor.size(1), {.dtype = tensor.dtype()}));
}

void dirac_(Tensor tensor, int64_t groups) {
  const Shape& shape = tensor.shape();
  if (shape.size() < 3 || shape.size() > 5)
    fail("dirac_: expected a convolution's weight (O, I, …) of 3 to 5 dimensions, got shape ",
         shape);
  if (groups < 1 || shape[0] % groups != 0)
    fail("dirac_: groups must divide the first dimension, got ", groups, " and shape ", shape);
  const NoGradGuard no_grad;
  tensor.zero_();
  Tensor middle = tensor;
  for (int d = shape.size() - 1; d >= 2; --d) {
    if (shape[d] == 0) return;
    middle = middle.select(d, shape[d] / 2);
  }
  const int64_t per_group = shape[0] / groups;
  for (int64_t g = 0; g < groups; ++g)
    middle.narrow(0, g * per_group, per_group).diagonal().fill_(1);
}

void orthogonal_(Tensor tensor, double gain, Generator& generator) {
  if (tensor.dim() < 2)
    fail("orthogonal_: expected at least two dimensions, got shape ", tensor.shape());
  if (tensor.numel() == 0) return;
  const int64_t rows = tensor.size(0), rest = tensor.numel() / rows;
  const bool wide = rows < rest;
  const NoGradGuard no_grad;
  const Tensor drawn = empty({rows, rest}, {.dtype = tensor.dtype()});
  normal_(drawn, 0, 1, generator);
  // Row-major, a wide matrix has its transposed's columns one after the other.
  Columns q{std::max(rows, rest), std::min(rows, rest),
            (wide ? drawn : drawn.t()).to(float64).contiguous().to_vector<double>()};
  orthonormalise(q);
  const Tensor columns = cuttle::tensor(q.values, {q.columns, q.rows});
  tensor.copy_((wide ? columns : columns.t()).to(tensor.dtype()).reshape(tensor.shape()));
  if (gain != 1) tensor.mul_(gain);
}

void sparse_(Tensor tensor, double sparsity, double stddev, Generator& generator) {
  check_matrix("sparse_", tensor);
  if (!(sparsity >= 0 && sparsity <= 1))
    fail("sparse_: sparsity must lie between 0 and 1, got ", sparsity);
  const int64_t rows = tensor.size(0), columns = tensor.size(1);
  const auto zeros_per_column =
      static_cast<size_t>(std::ceil(sparsity * static_cast<double>(rows)));
  const NoGradGuard no_grad;
  normal_(tensor, 0, stddev, generator);
  Tensor kept = ones({rows, columns}, {.dtype = boolean});
  std::vector<int64_t> order(static_cast<size_t>(rows));
  for (int64_t column = 0; column < columns; ++column) {
    generator.permutation(order);
    for (size_t i = 0; i < zeros_per_column; ++i)
      kept.data<bool>()[order[i] * columns + column] = false;
  }
  tensor.masked_fill_((~kept).to(tensor.device()), 0);
}

}  // namespace cuttle::init
