// The sentence of each wrong use of views and indices, and that a refusal changes nothing.
#include <cuttle/core/autograd/grad_mode.h>
#include <cuttle/core/cuda.h>
#include <cuttle/core/indexing.h>
#include <cuttle/core/ops/arithmetic.h>

#include "indexing_cases.h"
#include "support/devices.h"
#include "support/expect.h"

namespace cuttle::test {
namespace {

using indexing::None;
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

TEST_P(IndexingErrors, Views) {
  const std::pair<std::function<void()>, std::string> cases[] = {
      {[&] { (void)x.split(-1); },
       "split: parts of size -1 cannot make up size 3 of dimension 0 in shape [3, 4]"},
      {[&] {
         (void)x.split({1, 1});
       },
       "split: the sizes add up to 2, dimension 0 of shape [3, 4] is 3"},
      {[&] {
         (void)x.split({4, -1});
       },
       "split: sizes must not be negative, got -1"},
      {[&] { (void)x.chunk(0); }, "chunk: the number of chunks must be at least 1, got 0"},
      {[&] { (void)x.tensor_split(0); },
       "tensor_split: the number of sections must be at least 1, got 0"},
      {[&] { (void)x[0][0].unbind(); }, "unbind: a tensor without dimensions cannot be cut"},
      {[&] { (void)x.diagonal(0, 1, -1); }, "diagonal: the two dimensions must differ, both are 1"},
      {[&] { (void)x[0].diagonal(); }, "diagonal: needs two dimensions, the tensor has 1"},
      {[&] { (void)x.view(3, 2, 2).diag(); },
       "diag: expected one or two dimensions, got shape [3, 2, 2]; use diagonal or diag_embed"},
      {[&] { (void)x.unfold(1, 5, 1); },
       "unfold: a window of 5 does not fit into size 4 of dimension 1 in shape [3, 4]"},
      {[&] { (void)x.unfold(1, 2, 0); }, "unfold: the step must be at least 1, got 0"},
      {[&] {
         (void)x.movedim({0, 1}, {0});
       },
       "movedim: 2 dimensions cannot go to 1 places"},
      {[&] {
         (void)x.movedim({0, 0}, {0, 1});
       },
       "movedim: a dimension or a place is named twice, moving dimension 0 to 1 of a tensor of "
       "shape [3, 4]"},
      {[&] {
         (void)x.as_strided({3, 5}, {4, 1});
       },
       "as_strided: shape [3, 5] with strides [4, 1] from element 0 on reaches beyond the 12 "
       "elements of the tensor's memory"},
      {[&] { (void)x.as_strided({2}, {INT64_MAX}); },
       "as_strided: shape [2] with strides [9223372036854775807] from element 0 on reaches beyond "
       "the 12 elements of the tensor's memory"},
      {[&] { (void)x.as_strided({2}, {-1}); },
       "as_strided: sizes and strides must not be negative, got shape [2] and strides [-1]"},
      {[&] {
         (void)x.as_strided({2, 2}, {1});
       },
       "as_strided: 1 strides for a shape of 2 dimensions, [2, 2]"},
      {[&] {
         (void)x.unflatten(1, {3, -1});
       },
       "unflatten: dimension 1 of size 4 cannot become [3, -1]"},
      {[&] { (void)x[0].mT(); }, "mT: expected a matrix or a stack of them, got shape [4]"},
  };
  for (const auto& [f, sentence] : cases) EXPECT_EQ(error_of(f), sentence);
}

TEST_P(IndexingErrors, Index) {
  const Tensor mask = zeros({2, 4}, {.dtype = boolean, .device = device()});
  const std::pair<std::function<void()>, std::string> cases[] = {
      {[&] { (void)x.index({3}); }, "index: index 3 is out of range for dimension 0 of size 3"},
      {[&] {
         (void)x.index({0, -5});
       },
       "index: index -5 is out of range for dimension 0 of size 4"},
      {[&] {
         (void)x.index({0, 0, None, 0});
       },
       "index: too many indices: 3 dimensions are named and the tensor, of shape [3, 4], has 2"},
      {[&] {
         (void)x.index({"...", "..."});
       },
       "index: only one ellipsis can stand for the dimensions not named"},
      {[&] { (void)x.index({".."}); },
       "index: \"...\" is the only text that is an index, got \"..\""},
      {[&] { (void)x.index({Slice(None, None, -1)}); },
       "index: the step of a slice must be at least 1, got -1; flip the dimension to walk "
       "backwards"},
      {[&] { (void)x.index({mask}); },
       "index: the mask of shape [2, 4] does not fit the tensor, whose dimension 0 is 3 and the "
       "mask's dimension 0 is 2"},
      {[&] { (void)x.index({x[0]}); },
       "index: an index must be int64 or a narrower integer, got float32 of shape [4]; convert it "
       "with .to(int64)"},
      {[&] {
         (void)x.index({of({0, 1}), of({0, 1, 2})});
       },
       "index: shapes [2] and [3] do not broadcast: dimension 0 is 2 in one and 3 in the other; "
       "they must be equal, or one of them 1"},
      {[&] {
         x.index_put_({of({0, 1})}, of({1, 2, 3}));
       },
       "index_put: shapes [2, 4] and [3] do not broadcast: dimension 1 is 4 in one and 3 in the "
       "other; they must be equal, or one of them 1"},
      {[&] {
         x.index_put_({0, of({1})}, x.narrow(1, 0, 2));
       },
       "index_put: values of shape [3, 2] do not broadcast to the [1] that is indexed"},
  };
  for (const auto& [f, sentence] : cases) EXPECT_EQ(error_of(f), sentence);
  EXPECT_EQ(x.version(), 0);
}

TEST_P(IndexingErrors, GatherAndItsKin) {
  const Tensor two = of({0, 1}).view(1, 2),
               big = zeros({5, 1}, {.dtype = int64, .device = device()});
  const Tensor mask = x > 3;
  const std::pair<std::function<void()>, std::string> cases[] = {
      {[&] { (void)x.gather(0, of({0})); },
       "gather: the index (shape [1]) must have as many dimensions as the tensor (shape [3, 4])"},
      {[&] { (void)x.gather(1, big); },
       "gather: the index of shape [5, 1] is larger than the tensor of shape [3, 4] in dimension "
       "0; "
       "only along dimension 1 may it be"},
      {[&] { (void)x.gather(0, x); },
       "gather: an index must be int64 or a narrower integer, got float32 of shape [3, 4]; convert "
       "it with .to(int64)"},
      {[&] { (void)x.scatter(0, two, x.narrow(1, 0, 1)); },
       "scatter: the source of shape [3, 1] is smaller than the index of shape [1, 2] in dimension "
       "1"},
      {[&] { (void)x.scatter_add(0, two, of({1})); },
       "scatter_add: all tensors must have one dtype, got float32 (shape [3, 4]) and int64 (shape "
       "[1]); convert one with .to(dtype)"},
      {[&] { (void)x.scatter(0, two, 1, "mean"); },
       "scatter: reduce must be \"add\" or \"multiply\", got \"mean\""},
      {[&] { (void)x.detach().requires_grad_().scatter(0, two, 2, "multiply"); },
       "scatter: the derivative of multiplying by index is not defined here; use x.index_select or "
       "x.gather, multiply, and write the products back"},
      {[&] { (void)x.index_select(0, two); },
       "index_select: the index must have one dimension, got shape [1, 2]; use gather or "
       "x.index({...}) for several"},
      {[&] {
         (void)x.index_add(0, of({0, 1}), x);
       },
       "index_add: expected a source of shape [2, 4] for 2 indices into dimension 0 of shape [3, "
       "4], got [3, 4]"},
      {[&] {
         (void)x.index_copy(1, of({0, 1}), x);
       },
       "index_copy: expected a source of shape [3, 2] for 2 indices into dimension 1 of shape [3, "
       "4], got [3, 4]"},
      {[&] { (void)x.index_fill(1, of({0}), x); },
       "index_fill: the value must be a number or a tensor without dimensions, got shape [3, 4]"},
      {[&] { (void)x.masked_fill(x, 1); },
       "masked_fill: the mask must be bool, got float32; compare it, with != 0 for example"},
      {[&] { x.masked_fill_(mask.unsqueeze(0), 1); },
       "masked_fill: the mask of shape [1, 3, 4] does not broadcast to the tensor's [3, 4]"},
      {[&] { (void)x.masked_scatter(mask, x[0]); },
       "masked_scatter: the mask has 8 elements set, the source of shape [4] only 4 elements"},
      {[&] {
         (void)x.put(of({0, 1}), x[0]);
       },
       "put: 2 indices (shape [2]) for 4 values (shape [4]); there must be as many"},
      {[&] { (void)x.take_along_dim(of({0}), 0); },
       "take_along_dim: the indices (shape [1]) must have as many dimensions as the tensor (shape "
       "[3, 4])"},
  };
  for (const auto& [f, sentence] : cases) EXPECT_EQ(error_of(f), sentence);
  EXPECT_EQ(x.version(), 0);
}

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
