// Numbers and shapes of the golden files, where "inf", "-inf" and "nan" stand for themselves.
#pragma once

#include <cuttle/core/tensor.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace cuttle::test {

inline std::vector<double> numbers(const nlohmann::json& list) {
  std::vector<double> out;
  for (const auto& value : list)
    out.push_back(value.is_boolean()  ? static_cast<double>(value.get<bool>())
                  : value.is_string() ? std::stod(value.get<std::string>())
                                      : value.get<double>());
  return out;
}

inline Shape shape_of(const nlohmann::json& list) {
  return list.get<std::vector<int64_t>>();
}

/// As expect_near, but infinities must be equal and NaNs meet NaNs.
inline void expect_same(const Tensor& actual, const std::vector<double>& expected, double atol,
                        double rtol, const std::string& what) {
  const auto found = actual.to_vector<double>();
  ASSERT_EQ(found.size(), expected.size()) << what;
  for (size_t i = 0; i < found.size(); ++i) {
    const bool finite = std::isfinite(expected[i]);
    const bool same = std::isnan(expected[i]) ? std::isnan(found[i])
                      : finite
                          ? std::abs(found[i] - expected[i]) <= atol + rtol * std::abs(expected[i])
                          : found[i] == expected[i];
    ASSERT_TRUE(same) << what << ", element " << i << ": " << found[i] << ", expected "
                      << expected[i];
  }
}

}  // namespace cuttle::test
