// cuDNN's engines and plans for the tutorial network's convolutions, made for an H100 that need not
// be there: cuDNN takes its description in its place.
#include <cuttle/kernels/cuda/vendor/conv2d_cudnn_plan.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

namespace cuttle::test {
namespace {

using namespace kernels;
using namespace kernels::cuda;

#if CUDNN_VERSION >= 90800

constexpr std::string_view kH100 = R"({
  "cudaDeviceId": 0, "deviceName": "NVIDIA H100 80GB HBM3", "deviceVer": 900, "smVersion": 900,
  "driverVer": 13000, "maxGridSize": [2147483647, 65535, 65535], "maxBlockSize": [1024, 1024, 64],
  "regsPerBlock": 65536, "multiProcessorCount": 132, "smClockRateKHz": 1980000,
  "memClockRateKHz": 2619000, "l2CacheSize": 52428800, "warpSize": 32,
  "maxSharedMemoryPerBlock": 49152, "maxSharedMemoryPerBlockOptin": 232448,
  "reservedSharedMemoryPerBlock": 1024, "maxRegistersPerSM": 65536, "pciDeviceId": 0,
  "maxCtasPerSM": 32, "maxThreadsPerBlock": 1024, "maxThreadsPerSM": 2048, "isTccDriver": 0,
  "supportCoopLaunch": 1, "totalGlobalMem": 85000000000})";

class CudnnPlan : public ::testing::Test {
 protected:
  CudnnPlan() : h100_(CUDNN_BACKEND_DEVICEPROP_DESCRIPTOR) {
    const std::string text(kH100);  // cuDNN wants the closing zero
    h100_.set_all(CUDNN_ATTR_DEVICEPROP_JSON_REPRESENTATION,
                  std::span<const char>(text.c_str(), text.size() + 1));
    if (!h100_.try_finalize()) h100_known_ = false;
  }
  void SetUp() override {
    if (!h100_known_) GTEST_SKIP() << "this cuDNN wants another description of a GPU";
  }

  std::vector<CudnnEngine> engines(const ConvolutionProblem& problem, bool tf32) {
    return convolution_engines(target_, operation_graph(nullptr, problem), tf32);
  }

  CudnnDescriptor h100_;
  bool h100_known_ = true;
  CudnnTarget target_ = {nullptr, &h100_};
};

Conv2dShape layer(int64_t c, int64_t size, int64_t o) {
  return {.n = 64,
          .c = c,
          .h = size,
          .w = size,
          .o = o,
          .kh = 5,
          .kw = 5,
          .oh = size,
          .ow = size,
          .padding_h = 2,
          .padding_w = 2};
}

const Conv2dShape kLayers[] = {layer(3, 32, 32), layer(32, 16, 32), layer(32, 8, 64)};
constexpr ConvolutionPass kPasses[] = {ConvolutionPass::forward, ConvolutionPass::backward_input,
                                       ConvolutionPass::backward_weight};

TEST_F(CudnnPlan, EveryPassOfTheTutorialHasOne) {
  for (const cudnnDataType_t type : {CUDNN_DATA_FLOAT, CUDNN_DATA_DOUBLE})
    for (const Conv2dShape& shape : kLayers)
      for (const ConvolutionPass pass : kPasses)
        for (const bool with_bias : {false, true}) {
          if (with_bias && pass != ConvolutionPass::forward) continue;
          int plans = 0;
          for (CudnnEngine& engine : engines({pass, type, shape, with_bias}, false)) {
            const auto plan = convolution_plan(target_, std::move(engine));
            if (plan) EXPECT_LE(plan->workspace_bytes, size_t{256} << 20);
            plans += plan.has_value();
          }
          EXPECT_GT(plans, 0) << "type " << type << ", pass " << static_cast<int>(pass)
                              << ", channels " << shape.c << ", bias " << with_bias;
        }
}

TEST_F(CudnnPlan, EnginesHaveNamesOfTheirOwn) {
  const auto found = engines({ConvolutionPass::forward, CUDNN_DATA_FLOAT, kLayers[1], true}, true);
  std::set<std::string> names;
  for (const CudnnEngine& engine : found) names.insert(engine.name);
  EXPECT_EQ(names.size(), found.size());
  EXPECT_EQ(found.front().name.rfind("engine ", 0), 0u) << found.front().name;
  // The same in every process, hence in a second look.
  const auto again = engines({ConvolutionPass::forward, CUDNN_DATA_FLOAT, kLayers[1], true}, true);
  ASSERT_EQ(again.size(), found.size());
  for (size_t i = 0; i < found.size(); ++i) EXPECT_EQ(again[i].name, found[i].name);
}

bool uses_tensor_cores(const CudnnEngine& engine) {
  const auto engine_descriptors = engine.config.get_descriptors(CUDNN_ATTR_ENGINECFG_ENGINE,
                                                                CUDNN_BACKEND_ENGINE_DESCRIPTOR, 1);
  for (const auto note : engine_descriptors.front().get_all<cudnnBackendNumericalNote_t>(
           CUDNN_ATTR_ENGINE_NUMERICAL_NOTE, CUDNN_NUMERICAL_NOTE_TYPE_COUNT))
    if (note == CUDNN_NUMERICAL_NOTE_TENSOR_CORE) return true;
  return false;
}

TEST_F(CudnnPlan, TensorCoresServeFloat32OnlyWhereTf32IsAllowed) {
  for (const Conv2dShape& shape : kLayers)
    for (const ConvolutionPass pass : kPasses) {
      const ConvolutionProblem problem = {pass, CUDNN_DATA_FLOAT, shape, false};
      int on_tensor_cores = 0;
      for (const CudnnEngine& engine : engines(problem, true))
        on_tensor_cores += uses_tensor_cores(engine);
      EXPECT_GT(on_tensor_cores, 0);
      for (const CudnnEngine& engine : engines(problem, false))
        EXPECT_FALSE(uses_tensor_cores(engine)) << engine.name;
    }
}

#else

TEST(CudnnPlan, NeedsANewerLibrary) {
  GTEST_SKIP() << "cuDNN makes plans for a GPU that is not there from 9.8 on";
}

#endif

}  // namespace
}  // namespace cuttle::test
