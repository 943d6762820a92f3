// Products of matrices and tensors, as PyTorch has them (tests/golden/generate_matrix.py).
#include <cuttle/core/ops/linear.h>
#include <cuttle/core/ops/matmul.h>
#include <cuttle/core/ops/products.h>

#include "golden_cases.h"
#include "support/devices.h"

namespace cuttle::test {
namespace {

using Args = nlohmann::json;

Scalar scalar(const Args& value) {
  return value.is_number_integer() ? Scalar(value.get<int64_t>()) : Scalar(value.get<double>());
}

/// f(a, b).
GoldenFunction pairwise(Tensor (*f)(const Tensor&, const Tensor&)) {
  return [f](const Inputs& x, const Args&) -> Inputs { return {f(x[0], x[1])}; };
}

/// f(input, a, b, beta, alpha).
GoldenFunction summed(Tensor (*f)(const Tensor&, const Tensor&, const Tensor&, Scalar, Scalar)) {
  return [f](const Inputs& x, const Args& a) -> Inputs {
    return {f(x[0], x[1], x[2], scalar(a["beta"]), scalar(a["alpha"]))};
  };
}

/// x.addmm_(a, b, beta, alpha) and its kin, of a copy.
GoldenFunction summed_in_place(Tensor& (Tensor::*f)(const Tensor&, const Tensor&, Scalar, Scalar)) {
  return [f](const Inputs& x, const Args& a) -> Inputs {
    Tensor out = x[0].clone();
    return {(out.*f)(x[1], x[2], scalar(a["beta"]), scalar(a["alpha"]))};
  };
}

Inputs tensordot_of(const Inputs& x, const Args& a) {
  const auto& dims = a["dims"];
  if (dims.is_number()) return {tensordot(x[0], x[1], dims.get<int64_t>())};
  return {tensordot(x[0], x[1], dims[0].get<std::vector<int64_t>>(),
                    dims[1].get<std::vector<int64_t>>())};
}

Inputs cross_of(const Inputs& x, const Args& a) {
  if (!a.contains("dim")) return {cross(x[0], x[1])};
  return {cross(x[0], x[1], a["dim"].get<int64_t>())};
}

class MatrixGolden : public DeviceTest {
 protected:
  const GoldenFunctions functions = {
      {"matmul", pairwise(matmul)},
      {"linear",
       [](const Inputs& x, const Args&) -> Inputs {
         return {linear(x[0], x[1], x.size() > 2 ? x[2] : Tensor())};
       }},
      {"mm", pairwise(mm)},
      {"bmm", pairwise(bmm)},
      {"mv", pairwise(mv)},
      {"outer", pairwise(outer)},
      {"dot", pairwise(dot)},
      {"vdot", pairwise(vdot)},
      {"inner", pairwise(inner)},
      {"kron", pairwise(kron)},
      {"addmm", summed(addmm)},
      {"baddbmm", summed(baddbmm)},
      {"addbmm", summed(addbmm)},
      {"addmv", summed(addmv)},
      {"addr", summed(addr)},
      {"addmm_", summed_in_place(&Tensor::addmm_)},
      {"baddbmm_", summed_in_place(&Tensor::baddbmm_)},
      {"addbmm_", summed_in_place(&Tensor::addbmm_)},
      {"addmv_", summed_in_place(&Tensor::addmv_)},
      {"addr_", summed_in_place(&Tensor::addr_)},
      {"trace", [](const Inputs& x, const Args&) -> Inputs { return {trace(x[0])}; }},
      {"tensordot", tensordot_of},
      {"cross", cross_of},
      {"einsum",
       [](const Inputs& x, const Args& a) -> Inputs {
         return {einsum(a["equation"].get<std::string>(), x)};
       }},
  };
};
CUTTLE_INSTANTIATE_DEVICES(MatrixGolden);

TEST_P(MatrixGolden, ValuesAndGradients) {
  expect_all_golden("matrix.json", functions, device());
}

TEST_P(MatrixGolden, SecondDerivatives) {
  expect_second_derivatives("matrix.json", functions, device());
}

}  // namespace
}  // namespace cuttle::test
