// Products of matrices, alone and in batches.
//
// Operands have one dtype: any but bool. float16 and bfloat16 are multiplied and added up in
// float32 and rounded once; integers wrap around. All are differentiable any number of times. All
// throw Error naming the shapes where they do not fit.
#pragma once

#include "../scalar.h"
#include "../tensor.h"

namespace cuttle {

/// torch.matmul: vectors (k), matrices (m, k) · (k, n), and batches of matrices whose leading
/// dimensions broadcast. Matrices that are repeated by broadcasting are not copied.
Tensor matmul(const Tensor& a, const Tensor& b);
/// (m, k) · (k, n) = (m, n).
Tensor mm(const Tensor& a, const Tensor& b);
/// (B, m, k) · (B, k, n) = (B, m, n).
Tensor bmm(const Tensor& a, const Tensor& b);
/// (m, k) · (k) = (m).
Tensor mv(const Tensor& matrix, const Tensor& vector);

/// beta · input + alpha · (a · b), where input broadcasts to the product's shape: (m, n) of (m, k)
/// and (k, n). With beta = 0 the input's values count for nothing, not even NaN. Throws Error for
/// integers and a beta or alpha that is not whole.
Tensor addmm(const Tensor& input, const Tensor& a, const Tensor& b, Scalar beta = 1,
             Scalar alpha = 1);
/// The same for batches: (B, m, n) of (B, m, k) and (B, k, n).
Tensor baddbmm(const Tensor& input, const Tensor& a, const Tensor& b, Scalar beta = 1,
               Scalar alpha = 1);
/// The same with the sum of the batch's products: (m, n) of (B, m, k) and (B, k, n).
Tensor addbmm(const Tensor& input, const Tensor& a, const Tensor& b, Scalar beta = 1,
              Scalar alpha = 1);
/// The same with a vector: (m) of (m, k) and (k).
Tensor addmv(const Tensor& input, const Tensor& matrix, const Tensor& vector, Scalar beta = 1,
             Scalar alpha = 1);

}  // namespace cuttle
