// Products that come down to those of matrices: of vectors, and of tensors along chosen dimensions.
//
// Dtypes and errors as for matmul.h; the elementwise ones (outer, kron, cross) take any dtype and
// promote.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "../scalar.h"
#include "../tensor.h"

namespace cuttle {

/// column (m) times row (n): (m, n).
Tensor outer(const Tensor& column, const Tensor& row);
/// beta · input + alpha · outer(column, row), as addmm.
Tensor addr(const Tensor& input, const Tensor& column, const Tensor& row, Scalar beta = 1,
            Scalar alpha = 1);
/// Σ a_i b_i of two vectors: a tensor without dimensions. vdot is the same for real numbers.
Tensor dot(const Tensor& a, const Tensor& b);
Tensor vdot(const Tensor& a, const Tensor& b);
/// The sum of products along the last dimension of each, for every pair of the others: (…, k) and
/// (…', k) give (…, …'). A tensor without dimensions multiplies the other.
Tensor inner(const Tensor& a, const Tensor& b);

/// Sums of products along `dims_a` of a and, pair by pair, `dims_b` of b; the result has the other
/// dimensions of a, then those of b. A contracted dimension of size 1 broadcasts.
Tensor tensordot(const Tensor& a, const Tensor& b, const std::vector<int64_t>& dims_a,
                 const std::vector<int64_t>& dims_b);
/// The same along the last `dims` of a and the first `dims` of b.
Tensor tensordot(const Tensor& a, const Tensor& b, int64_t dims = 2);

/// torch.einsum: sums of products over labelled dimensions, "bij,bjk->bik". An operand's terms name
/// its dimensions by letters (case counts; spaces do not), "..." stands for the dimensions that are
/// left and broadcast. A letter that is repeated within an operand takes its diagonal. What "->"
/// leaves out is summed; without it the result has the dimensions of "...", then the letters that
/// occur once, in alphabetical order. Dimensions of size 1 broadcast.
/// Operands are contracted from left to right, each pair by one (batched) matrix product.
/// Throws Error with the equation in it where that is malformed or does not fit.
Tensor einsum(std::string_view equation, const std::vector<Tensor>& operands);

/// Kronecker's product: each element of a times all of b. Shapes are aligned at the last dimension;
/// at most four dimensions.
Tensor kron(const Tensor& a, const Tensor& b);
/// The sum of a matrix's main diagonal; of integers and bool in int64.
Tensor trace(const Tensor& x);
/// The vector product along a dimension of size 3: `dim` or, without one, the first of that size.
/// Shapes broadcast.
Tensor cross(const Tensor& a, const Tensor& b, std::optional<int64_t> dim = {});

}  // namespace cuttle
