// Indices out of range, assignments to what indices name, and the order of what is written. (Other
// wrong uses: wrong_uses/indexing.cpp.)
#include <cuttle/core/autograd/grad_mode.h>
#include <cuttle/core/cuda.h>
#include <cuttle/core/indexing.h>
#include <cuttle/core/ops/arithmetic.h>

#include "indexing_cases.h"
#include "support/devices.h"
#include "support/expect.h"

namespace cuttle::test {
namespace {

using indexing::Slice;

class IndexingErrors : public DeviceTest {
 protected:
  Tensor x = {};
  void SetUp() override {
    DeviceTest::SetUp();
    if (!IsSkipped()) x = arange(12, {.dtype = float32, .device = device()}).view(3, 4);
  }
  Tensor of(std::initializer_list<int64_t> values) const { return integers(values, device()); }
};
CUTTLE_INSTANTIATE_DEVICES(IndexingErrors);

// On the CPU at once, on a GPU at the next wait; nothing else is harmed.
TEST_P(IndexingErrors, IndicesOutOfRange) {
  const auto waiting = [&](const std::function<void()>& f) {
    return [&, f] {
      f();
      if (x.is_cuda()) cuda::synchronize();
    };
  };
  const std::pair<std::function<void()>, std::string> cases[] = {
      {[&] {
         (void)x.index({of({0, 3})});
       },
       "index: index 3 is out of range for dimension 0 of size 3"},
      {[&] {
         (void)x.index({Slice(), of({0, -5})});
       },
       "index: index -5 is out of range for dimension 1 of size 4"},
      {[&] { (void)x.gather(1, of({-1}).unsqueeze(0)); },
       "gather: index -1 is out of range for dimension 1 of size 4"},
      {[&] { (void)x.index_select(0, of({7})); },
       "index_select: index 7 is out of range for dimension 0 of size 3"},
      {[&] { (void)x.take(of({12})); },
       "take: index 12 is out of range for dimension 0 of size 12"},
      {[&] { (void)x.index_add(0, of({3}), x.narrow(0, 0, 1)); },
       "index_add: index 3 is out of range for dimension 0 of size 3"},
      {[&] {
         x.index_put_({of({1, -4})}, 1);
       },
       "index_put: index -4 is out of range for dimension 0 of size 3"},
  };
  for (const auto& [f, sentence] : cases) EXPECT_EQ(error_of(waiting(f)), sentence);
  if (x.is_cuda()) {
    const Tensor picked = x.index_select(0, of({7, 1}));
    EXPECT_THROW(cuda::synchronize(), Error);
    EXPECT_TRUE(std::isnan(picked[0][0].item()));
    EXPECT_EQ(picked[1][0].item(), x[1][0].item());
  }
}

TEST_P(IndexingErrors, NamesAndElementsAreAssignedApart) {
  Tensor a = x.clone();
  a.index({0, Slice(1, 3)}) = 9;
  EXPECT_EQ(a.index({0}).to_vector<float>(), (std::vector<float>{0, 9, 9, 3}));
  a.index({a > 8}) = -1;
  EXPECT_EQ(a.index({0}).to_vector<float>(), (std::vector<float>{0, -1, -1, 3}));
  a.index({of({2, 2}), of({0, 0})}) = tensor({5.f, 6.f}).to(device());
  EXPECT_EQ(a.index({2, 0}).item(), 6);
  auto named = a.index({2});
  named = a.index({0});
  EXPECT_EQ(a.index({2, 0}).item(), 6);
  EXPECT_EQ(named.to_vector<float>(), (std::vector<float>{0, -1, -1, 3}));
  a.index({of({0, 0, 1}), 3}) += 10;
  a.index({Slice(), 3}) *= 2.f;
  EXPECT_EQ(a.index({Slice(), 3}).to_vector<float>(), (std::vector<float>{26, 34, -2}));
  named += 1;
  EXPECT_EQ(a.index({0, 0}).item(), 1);
  named -= 1;
  a.index({1}) = a.index({0});
  EXPECT_EQ(a[1].to_vector<float>(), named.to_vector<float>());
}

// The same bits in every run, and on every device the same order: 0.1 added many times.
TEST_P(IndexingErrors, SumsHaveAnOrder) {
  constexpr int64_t kMany = 3000;
  const Tensor index = randint(0, 7, {kMany}), values = randn({kMany});
  const Tensor expected = zeros(7).index_add(0, index, values);
  const Tensor found =
      zeros({7}, {.device = device()}).scatter_add(0, index.to(device()), values.to(device()));
  EXPECT_EQ(found.to_vector<float>(), expected.to_vector<float>());
}

}  // namespace
}  // namespace cuttle::test
