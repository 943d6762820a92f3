// Assertions on errors and on lists of values.
#pragma once

#include <cuttle/core/tensor.h>
#include <cuttle/kernels/error.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

namespace cuttle::test {

/// The sentence of the Error that f() throws; a failure of the test if it throws none.
template <class F>
std::string error_of(F&& f) {
  try {
    f();
  } catch (const Error& error) {
    return error.what();
  }
  ADD_FAILURE() << "no Error was thrown";
  return "";
}

/// |actual − expected| ≤ atol + rtol · |expected| for every element.
inline void expect_near(const std::vector<double>& actual, const std::vector<double>& expected,
                        double atol, double rtol, const std::string& what) {
  ASSERT_EQ(actual.size(), expected.size()) << what;
  for (size_t i = 0; i < actual.size(); ++i)
    ASSERT_LE(std::abs(actual[i] - expected[i]), atol + rtol * std::abs(expected[i]))
        << what << ", element " << i << ": " << actual[i] << ", expected " << expected[i];
}

inline void expect_near(const Tensor& actual, const std::vector<double>& expected, double atol,
                        double rtol, const std::string& what) {
  expect_near(actual.to_vector<double>(), expected, atol, rtol, what);
}

}  // namespace cuttle::test
