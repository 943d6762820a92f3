// Scans, sorts, selections and counts in CUDA graphs, and what a capture refuses.
#include <cuttle/core/cuda_graph.h>
#include <cuttle/core/ops/arithmetic.h>
#include <cuttle/core/ops/ordering.h>

#include "cuda_graphs.h"
#include "samples.h"
#include "support/expect.h"

namespace cuttle::test {
namespace {

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
