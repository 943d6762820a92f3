// Matrix product by cuBLAS, behind the signature of kernels/gemm.h; gemm.cu chooses it.
#include "../../copy.h"
#include "../../cuda_runtime.h"
#include "../../elementwise.h"
#include "../check.h"
#include "cublas_handle.h"
#include "vendor.h"

namespace cuttle::kernels::cuda {

namespace {

cublasStatus_t call(cublasHandle_t handle, cublasOperation_t op_b, cublasOperation_t op_a, int n,
                    int m, int k, const float* alpha, const float* b, int ldb, long long stride_b,
                    const float* a, int lda, long long stride_a, const float* beta, float* c,
                    long long stride_c, int batch) {
  return cublasSgemmStridedBatched(handle, op_b, op_a, n, m, k, alpha, b, ldb, stride_b, a, lda,
                                   stride_a, beta, c, n, stride_c, batch);
}
cublasStatus_t call(cublasHandle_t handle, cublasOperation_t op_b, cublasOperation_t op_a, int n,
                    int m, int k, const double* alpha, const double* b, int ldb, long long stride_b,
                    const double* a, int lda, long long stride_a, const double* beta, double* c,
                    long long stride_c, int batch) {
  return cublasDgemmStridedBatched(handle, op_b, op_a, n, m, k, alpha, b, ldb, stride_b, a, lda,
                                   stride_a, beta, c, n, stride_c, batch);
}

/// C = bias in every row, or C += bias.
template <class T>
void put_bias(Stream stream, const GemmShape& s, const T* bias, T* c) {
  if (s.accumulate) {
    const StridedLoop<3> loop = {
        3, {s.batch, s.m, s.n}, {{s.stride_c, s.n, 1}, {0, 0, 1}, {s.stride_c, s.n, 1}}};
    binary(stream, BinaryOp::add, loop, static_cast<const T*>(c), bias, c);
  } else {
    const StridedLoop<2> loop = {3, {s.batch, s.m, s.n}, {{0, 0, 1}, {s.stride_c, s.n, 1}}};
    kernels::copy(stream, loop, bias, c);
  }
}

}  // namespace

/// cuBLAS counts columns first: to it our row-major C is Cᵀ (n, m) = op(B)ᵀ · op(A)ᵀ, so the
/// operands change places and keep their transpositions. Deterministic, because each stream has a
/// handle and a workspace of its own and cuBLAS leaves atomics off unless asked.
template <class T>
void gemm_cublas(Stream stream, const GemmShape& s, const T* a, const T* b, const T* bias, T* c) {
  if (bias != nullptr) put_bias(stream, s, bias, c);
  const T alpha = 1;
  const T beta = s.accumulate || bias != nullptr ? 1 : 0;
  StreamLease lease(stream);
  const DeviceGuard guard(stream.device);
  const cublasHandle_t handle = cublas_handle(lease, stream);
  check_cublas(cublasSetMathMode(
                   handle, allow_tf32_matmul() ? CUBLAS_TF32_TENSOR_OP_MATH : CUBLAS_DEFAULT_MATH),
               "cublasSetMathMode");
  const int m = static_cast<int>(s.m), n = static_cast<int>(s.n), k = static_cast<int>(s.k);
  check_cublas(call(handle, s.transpose_b ? CUBLAS_OP_T : CUBLAS_OP_N,
                    s.transpose_a ? CUBLAS_OP_T : CUBLAS_OP_N, n, m, k, &alpha, b,
                    static_cast<int>(s.step_b()), s.stride_b, a, static_cast<int>(s.step_a()),
                    s.stride_a, &beta, c, s.stride_c, static_cast<int>(s.batch)),
               "gemm");
}

template void gemm_cublas(Stream, const GemmShape&, const float*, const float*, const float*,
                          float*);
template void gemm_cublas(Stream, const GemmShape&, const double*, const double*, const double*,
                          double*);

}  // namespace cuttle::kernels::cuda
