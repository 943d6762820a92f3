// Running sums of weights, and the checks of probabilities, against loops.
#include <cuttle/kernels/multinomial.h>

#include "backend.h"

namespace cuttle::test {
namespace {

using namespace kernels;

template <class Backend>
using MultinomialTest = KernelTest<Backend>;
TYPED_TEST_SUITE(MultinomialTest, Backends, BackendName);

TYPED_TEST(MultinomialTest, SumsAreThoseOfTheColumnsUpToThere) {
  for (const int64_t rows : {1, 3})
    for (const int64_t cols : {1, 31, 33, 256, 1025}) {
      const auto weights = random_values<double>(static_cast<size_t>(rows * cols), 8, 0, 2);
      auto in = this->template upload<double>(weights);
      auto out = this->template unset<double>(static_cast<size_t>(rows * cols));
      cumulative_weights(this->stream, rows, cols, in.data(), out.data());
      const auto sums = out.to_host();
      for (int64_t r = 0; r < rows; ++r) {
        long double sum = 0;
        for (int64_t c = 0; c < cols; ++c) {
          sum += weights[static_cast<size_t>(r * cols + c)];
          ASSERT_NEAR(sums[r * cols + c], static_cast<double>(sum),
                      1e-12 * static_cast<double>(sum))
              << rows << " x " << cols << " at " << r << ", " << c;
        }
      }
    }
}

TYPED_TEST(MultinomialTest, ProbabilitiesFromZeroToOneAreTaken) {
  std::vector<double> p(1025, 0.5);
  p[0] = 0;
  p[1024] = 1;
  auto in = this->template upload<double>(p);
  check_probabilities(this->stream, 1025, in.data());
  EXPECT_EQ(in.to_host(), p);  // waits, and would throw
}

}  // namespace
}  // namespace cuttle::test
