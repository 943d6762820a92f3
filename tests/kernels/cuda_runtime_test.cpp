// The runtime layer of the GPU backend: devices, streams, events, settings, scratch memory, errors.
#include <cuttle/kernels/cuda/overlap.h>
#include <cuttle/kernels/cuda_runtime.h>
#include <cuttle/kernels/fill.h>
#include <cuttle/kernels/gemm.h>
#include <cuttle/kernels/reduce.h>

#include "backend.h"

namespace cuttle::test {
namespace {

using namespace kernels;

TEST(CudaRuntime, CountsDevicesOrSaysWhyThereAreNone) {
  EXPECT_EQ(cuda::device_count() == 0, !cuda::why_unavailable().empty());
}

TEST(CudaRuntime, TheFasterBackendIsTheDefaultWhereThereAreTwo) {
  EXPECT_EQ(cuda::backend(),
            cuda::has_vendor_libraries() ? cuda::Backend::fastest : cuda::Backend::own);
  for (const cuda::Backend backend : {cuda::Backend::own, cuda::Backend::vendor}) {
    cuda::set_backend(backend);
    EXPECT_EQ(cuda::backend(), cuda::has_vendor_libraries() ? backend : cuda::Backend::own);
  }
  cuda::set_backend(cuda::Backend::fastest);
}

// Kernels overlap where the code that runs can wait: not where the driver has translated the code
// of an older architecture, whose wait is empty.
TEST(CudaRuntime, KernelsOverlapOnlyWithCodeThatWaits) {
  EXPECT_TRUE(cuda::code_waits(900, {900}));
  EXPECT_TRUE(cuda::code_waits(900, {800, 900}));
  EXPECT_TRUE(cuda::code_waits(1000, {900}));
  EXPECT_TRUE(cuda::code_waits(1210, {750, 1200}));
  EXPECT_FALSE(cuda::code_waits(800, {800}));
  EXPECT_FALSE(cuda::code_waits(890, {800, 900}));
  EXPECT_FALSE(cuda::code_waits(900, {800}));
  EXPECT_FALSE(cuda::code_waits(1000, {800, 900}));  // either may be the one with intermediate code
  EXPECT_FALSE(cuda::code_waits(1200, {800, 1210}));
}

TEST(CudaRuntime, ArchitectureIsThatOfTheDevice) {
  if (cuda::device_count() == 0) GTEST_SKIP() << "needs a GPU: " << cuda::why_unavailable();
  const cuda::DeviceProperties properties = cuda::device_properties(0);
  const int expected = 100 * properties.capability_major + 10 * properties.capability_minor;
  EXPECT_EQ(cuda::architecture(0), expected);
  EXPECT_EQ(cuda::architecture(0), expected);  // remembered
}

TEST(CudaRuntime, Tf32DefaultsAreThoseOfPyTorch) {  // but for the interpreter, which gains nothing
  EXPECT_EQ(cuda::allow_tf32_convolution(), cuda::has_vendor_libraries());
  EXPECT_FALSE(cuda::allow_tf32_matmul());
}

TEST(CudaRuntime, NewShapesAreTriedUnlessThatIsTurnedOff) {
  EXPECT_TRUE(cuda::benchmark());
  cuda::set_benchmark(false);
  EXPECT_FALSE(cuda::benchmark());
  cuda::set_benchmark(true);
}

using Gpu = KernelTest<OnCuda<cuda::Backend::own>>;

TEST_F(Gpu, HasAName) {
  const cuda::DeviceProperties properties = cuda::device_properties(0);
  EXPECT_FALSE(properties.name.empty());
  EXPECT_GT(properties.total_memory, 0u);
}

TEST_F(Gpu, EventsMarkTheEndOfWork) {
  cuda::Event event(0);
  EXPECT_TRUE(event.is_done());  // never recorded
  auto out = unset<float>(1025);
  fill<float>(stream, {1, {1025}, {{1}}}, 3, out.data());
  event.record(stream);
  const cuda::Stream other = cuda::create_stream(0);
  event.block(other);
  std::vector<float> values(1025);
  cuda::copy(other, values.data(), out.data(), 1025 * sizeof(float),
             cuda::CopyKind::device_to_host);
  cuda::synchronize(other);
  EXPECT_TRUE(event.is_done());
  EXPECT_EQ(values, std::vector<float>(1025, 3));
  cuda::Event moved = std::move(event);
  EXPECT_TRUE(moved.is_done());
  cuda::destroy_stream(other);
}

TEST_F(Gpu, MoreMemoryThanThereIsGivesNull) {
  EXPECT_EQ(cuda::allocate(0, size_t{1} << 60), nullptr);
  auto out = unset<float>(1);  // and no error stays behind
  fill<float>(stream, {0, {}, {}}, 1, out.data());
  EXPECT_EQ(out.to_host()[0], 1);
}

TEST_F(Gpu, ScratchMemoryIsKeptFromCallToCall) {
  const int64_t n = 70001;
  auto x = upload<float>(random_values<float>(n, 1));
  auto out = unset<float>(1);
  const auto two_pass_sum = [&] {
    reduce<float>(stream, ReduceOp::sum, 0, {{0, {}, {}}, {1, {n}, {{1}}}}, x.data(), {out.data()});
  };
  const cuda::ScratchStats before = cuda::scratch_stats(0);
  two_pass_sum();
  const cuda::ScratchStats first = cuda::scratch_stats(0);
  EXPECT_GT(first.bytes, before.bytes);
  for (int i = 0; i < 5; ++i) two_pass_sum();
  EXPECT_EQ(cuda::scratch_stats(0).allocations, first.allocations);
}

TEST_F(Gpu, ScratchMemoryGoesWithItsStream) {
  const int64_t n = 70001;
  auto x = upload<float>(random_values<float>(n, 1));
  auto out = unset<float>(1);
  const size_t before = cuda::scratch_stats(0).bytes;
  const cuda::Stream other = cuda::create_stream(0);
  reduce<float>(other, ReduceOp::sum, 0, {{0, {}, {}}, {1, {n}, {{1}}}}, x.data(), {out.data()});
  EXPECT_GT(cuda::scratch_stats(0).bytes, before);
  cuda::destroy_stream(other);
  EXPECT_EQ(cuda::scratch_stats(0).bytes, before);
}

TEST_F(Gpu, SizesBeyondTheKernelsAreRefusedInWords) {
  float x = 0;
  try {
    gemm<float>(stream, {.m = int64_t{1} << 31, .n = 1, .k = 1}, &x, &x, nullptr, &x);
    FAIL() << "no Error was thrown";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("gemm: a dimension of (2147483648, 1)"),
              std::string::npos)
        << error.what();
  }
}

}  // namespace
}  // namespace cuttle::test
