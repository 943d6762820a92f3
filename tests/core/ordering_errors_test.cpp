// What users get wrong with scans, sorts, selections and counts, and what a capture refuses.
#include <cuttle/core/cuda_graph.h>
#include <cuttle/core/ops/arithmetic.h>
#include <cuttle/core/ops/ordering.h>

#include "cuda_graphs.h"
#include "samples.h"
#include "support/devices.h"
#include "support/expect.h"

namespace cuttle::test {
namespace {

class OrderingErrors : public DeviceTest {
 protected:
  template <class F>
  static void expect(F&& action, const std::string& sentence) {
    EXPECT_EQ(error_of(action), sentence);
  }
};
CUTTLE_INSTANTIATE_DEVICES(OrderingErrors);

TEST_P(OrderingErrors, SayWhatWasGotOfSorts) {
  const Tensor x = ones({2, 3}, {.device = device()}), none = zeros({2, 0}, {.device = device()});
  expect([&] { (void)x.topk(4); },
         "topk: k must lie between 0 and 3, the size of dimension -1 of shape [2, 3], got 4");
  expect([&] { (void)topk(x, -1, 0); },
         "topk: k must lie between 0 and 2, the size of dimension 0 of shape [2, 3], got -1");
  expect([&] { (void)x.kthvalue(0); },
         "kthvalue: k counts from 1 to 3, the size of dimension -1 of shape [2, 3], got 0");
  expect([&] { (void)none.median(1); },
         "median: dimension 1 of shape [2, 0] is empty and has no median");
  expect([&] { (void)zeros({0}, {.dtype = int64, .device = device()}).median(); },
         "median: dimension 0 of shape [0] is empty and has no median");
  expect([&] { (void)(x == 1).nanmedian(0); },
         "nanmedian: not defined for bool; convert first, with .to(float32) for example");
  EXPECT_EQ(error_of([&] { (void)x.sort(2); }).substr(0, 33), "sort: dimension 2 is out of range");
  EXPECT_EQ(error_of([&] { (void)x.argsort(-3); }).substr(0, 23), "argsort: dimension -3 i");
}

TEST_P(OrderingErrors, SayWhatWasGotOfSelections) {
  const Tensor x = ones({2, 3}, {.device = device()});
  expect([&] { (void)x.masked_select(x); },
         "masked_select: expected a bool mask, got float32; compare, with mask != 0");
  EXPECT_EQ(
      error_of([&] { (void)x.masked_select(ones({2}, {.device = device()}) > 0); }).substr(0, 15),
      "masked_select: ");
  expect([&] { (void)full({}, 1.0, {.device = device()}).unique(true, false, false, 0); },
         "unique: a tensor without dimensions has no slices; leave out dim");
  expect(
      [&] {
        (void)zeros({2, 0}, {.device = device()}).unique_consecutive(false, false, 0);
      },
      "unique_consecutive: a tensor of shape [2, 0] has no slices along dimension 0 that could "
      "be compared");
}

TEST_P(OrderingErrors, SayWhatWasGotOfCounts) {
  const Tensor x = ones({2, 3}, {.device = device()});
  const Tensor n = tensor(std::vector<int64_t>{1, 0, 3}).to(device());
  expect([&] { (void)x.histc(0); }, "histc: there must be at least 1 bin, got 0");
  expect([&] { (void)n.histc(3); },
         "histc: expected a floating dtype, got int64; convert first, with .to(float32) for "
         "example, or use bincount");
  expect([&] { (void)x.histc(3, 2, 1); }, "histc: min must not be above max, got min = 2, max = 1");
  expect([&] { (void)(x / zeros({1}, {.device = device()})).histc(3); },
         "histc: the bins would reach from inf to inf, which is not finite; give min and max");
  expect([&] { (void)x.bincount(); },
         "bincount: expected integers in one dimension, got float32 of shape [2, 3]");
  expect([&] { (void)n.bincount(-1); }, "bincount: minlength must be at least 0, got -1");
  expect([&] { (void)(n - 1).bincount(); }, "bincount: numbers must be at least 0, got -1");
  expect([&] { (void)n.bincount(x); },
         "bincount: one weight a number is needed, got weights of shape [2, 3] for numbers of "
         "shape [3]");
}

TEST_P(OrderingErrors, SayWhatWasGotOfSearches) {
  const Tensor x = ones({2, 3}, {.device = device()}), edges = ones({4}, {.device = device()});
  expect([&] { (void)bucketize(x, x); },
         "bucketize: boundaries must have one dimension, got shape [2, 3]");
  expect([&] { (void)searchsorted(x, 1); },
         "searchsorted: a number is looked for in a sequence of one dimension, got shape [2, 3]");
  expect([&] { (void)searchsorted(x, edges); },
         "searchsorted: the sequences must be one of one dimension, or one for each row of the "
         "values; got [2, 3] for values of shape [4]");
  expect([&] { (void)searchsorted(edges, x, false, false, x.argsort()); },
         "searchsorted: sorter must be int64 of the sequences' shape [4], got int64 of shape [2, "
         "3]");
  EXPECT_EQ(error_of([&] { (void)bucketize(x.to(int64), edges); }).substr(0, 46),
            "bucketize: all tensors must have one dtype, go");
}

TEST_P(OrderingErrors, NameUndefinedTensors) {
  const std::string rest =
      ": got an undefined tensor; was a default-constructed Tensor never assigned?";
  const Tensor none;
  expect([&] { (void)sort(none); }, "sort" + rest);
  expect([&] { (void)argsort(none); }, "argsort" + rest);
  expect([&] { (void)topk(none, 1); }, "topk" + rest);
  expect([&] { (void)median(none); }, "median" + rest);
  expect([&] { (void)nanmedian(none, 0); }, "nanmedian" + rest);
  expect([&] { (void)nonzero(none); }, "nonzero" + rest);
  expect([&] { (void)masked_select(none, none); }, "masked_select" + rest);
  expect([&] { (void)unique(none); }, "unique" + rest);
  expect([&] { (void)bincount(none); }, "bincount" + rest);
  expect([&] { (void)histc(none); }, "histc" + rest);
  expect([&] { (void)searchsorted(none, none); }, "searchsorted" + rest);
  expect([&] { (void)bucketize(none, none); }, "bucketize" + rest);
}

class OrderingCaptures : public CudaGraphs {};

TEST_F(OrderingCaptures, RefuseWhatHasAShapeOfItsValues) {
  const Tensor x = filled(2), n = x.to(int64);
  const auto refusal = [&](const std::function<void()>& call) {
    cuda::CUDAGraph graph;
    cuda::synchronize();
    const cuda::StreamGuard guard(*stream_);
    cuda::CaptureGuard capturing(graph);
    return error_of(call);
  };
  const std::string rest = " cannot be captured into a CUDA graph: ";
  const auto starts = [&](const std::string& op, const std::function<void()>& call) {
    const std::string sentence = refusal(call);
    EXPECT_EQ(sentence.substr(0, op.size() + rest.size()), op + rest) << sentence;
  };
  starts("nonzero", [&] { (void)x.nonzero(); });
  starts("masked_select", [&] { (void)x.masked_select(x > 0); });
  starts("unique", [&] { (void)x.unique(); });
  starts("unique_consecutive", [&] { (void)x.unique_consecutive(); });
  starts("bincount", [&] { (void)n.bincount(); });
  starts("histc", [&] { (void)x.histc(3); });
}

TEST_F(OrderingCaptures, TakeSortsAndScans) {
  Tensor x = filled(1, 300);
  const auto step = [&] { return x.cumsum(0).sort(0, true).values; };
  (void)step();
  cuda::CUDAGraph graph;
  Tensor out;
  capture(graph, [&] { out = step(); });
  x.fill_(2);
  graph.replay();
  EXPECT_EQ(out.select(0, 0).item(), 600);
}

}  // namespace
}  // namespace cuttle::test
