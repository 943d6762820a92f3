// The rows of the elementwise table as tests go through them: with operands, numbers for their
// parameters, and a range in which they are smooth.
#pragma once

#include <cuttle/core/creation.h>
#include <cuttle/core/ops/arithmetic.h>
#include <cuttle/core/ops/elementwise_run.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

namespace cuttle::test {

using kernels::Elementwise;
using kernels::ElementwiseRow;

inline std::vector<Elementwise> all_rows() {
  std::vector<Elementwise> rows;
  for (int i = 0; i < kernels::kElementwiseRows; ++i) rows.push_back(static_cast<Elementwise>(i));
  return rows;
}

/// What the tests and tests/golden/generate_elementwise.py call the row with.
inline std::vector<Scalar> parameters_of(Elementwise op) {
  switch (op) {
    case Elementwise::add_scaled:
      return {3};
    case Elementwise::softplus:
      return {2.0, 3.0};
    case Elementwise::leaky_relu:
      return {0.25};
    case Elementwise::elu:
      return {1.5, 1.25, 0.75};
    case Elementwise::hardtanh:
      return {-1.0, 2.5};
    case Elementwise::threshold:
      return {0.5, -2.0};
    case Elementwise::nan_to_num:
      return {0.5, 7.0, -8.0};
    case Elementwise::addcmul:
    case Elementwise::addcdiv:
      return {0.5};
    default:
      return {};
  }
}

/// The same for any dtype: integers have whole parameters.
inline std::vector<Scalar> parameters_of(Elementwise op, DType dtype) {
  std::vector<Scalar> parameters = parameters_of(op);
  if (!is_floating_point(dtype) && op != Elementwise::add_scaled)
    for (Scalar& parameter : parameters) parameter = static_cast<int>(parameter.to<double>() * 2);
  return parameters;
}

inline Tensor run_row(Elementwise op, const std::vector<Argument>& x) {
  DType dtype = boolean;
  for (const Argument& operand : x)
    if (!operand.is_number() && operand.tensor->defined())
      dtype = promote_types(dtype, operand.tensor->dtype());
  const std::vector<Scalar> parameters = parameters_of(op, dtype);
  switch (x.size()) {
    case 1:
      return elementwise<1>(op, {x[0]}, parameters);
    case 2:
      return elementwise<2>(op, {x[0], x[1]}, parameters);
    default:
      return elementwise<3>(op, {x[0], x[1], x[2]}, parameters);
  }
}
inline Tensor run_row(Elementwise op, const std::vector<Tensor>& x) {
  return run_row(op, std::vector<Argument>(x.begin(), x.end()));
}
inline Tensor& run_row_in_place(Elementwise op, Tensor& self, const std::vector<Tensor>& x) {
  const DType dtype = self.defined() ? self.dtype() : float32;
  const std::vector<Scalar> parameters = parameters_of(op, dtype);
  switch (x.size()) {
    case 1:
      return elementwise_in_place<1>(op, self, {self}, parameters);
    case 2:
      return elementwise_in_place<2>(op, self, {self, x[1]}, parameters);
    default:
      return elementwise_in_place<3>(op, self, {self, x[1], x[2]}, parameters);
  }
}

/// Where operand k of a row is smooth, apart from jumps that it does not reach.
inline std::pair<double, double> smooth_range(Elementwise op, size_t operand) {
  using Range = std::pair<double, double>;
  static const std::map<Elementwise, std::vector<Range>> ranges = {
      {Elementwise::acosh, {{1.2, 2}}},
      {Elementwise::div_trunc, {{2.2, 2.8}, {1, 1.05}}},
      {Elementwise::floor_divide, {{-2.8, -2.2}, {1, 1.05}}},
      {Elementwise::remainder, {{-2.8, -2.2}, {1, 1.05}}},
      {Elementwise::fmod, {{-2.8, -2.2}, {1, 1.05}}},
  };
  const auto found = ranges.find(op);
  return found == ranges.end() ? Range{0.2, 0.8} : found->second[operand];
}

inline std::string row_name(Elementwise op) {
  return std::string(kernels::row_of(op).name);
}

}  // namespace cuttle::test
