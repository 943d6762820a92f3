// Parametrising a suite by device: every device of the build, a missing GPU shown as SKIPPED.
#pragma once

#include <cuttle/core/cuda.h>
#include <cuttle/core/device.h>
#include <gtest/gtest.h>

#include <string>

#include "backends.h"

namespace cuttle::test {

/// A fixture for tests that run on each device; skips those that this machine cannot run.
///     class Softmax : public cuttle::test::DeviceTest {};
///     CUTTLE_INSTANTIATE_DEVICES(Softmax);
///     TEST_P(Softmax, SumsToOne) { … device() … }
class DeviceTest : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    if (GetParam() == "cuda" && !cuda::is_available())
      GTEST_SKIP() << "needs a CUDA device: " << cuda::why_unavailable();
  }
  Device device() const { return Device(GetParam()); }
};

#define CUTTLE_INSTANTIATE_DEVICES(suite)                                                  \
  INSTANTIATE_TEST_SUITE_P(Devices, suite, ::testing::ValuesIn(::cuttle::test::devices()), \
                           [](const auto& device_info) { return std::string(device_info.param); })

}  // namespace cuttle::test
