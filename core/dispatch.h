// From a tensor's device to the kernels of that device. Library code includes this in .cpp files;
// CUTTLE_CUDA is defined there when the build has a GPU backend.
#pragma once

#include <initializer_list>
#include <source_location>
#include <string_view>

#include "../kernels/stream.h"
#include "profiler/hooks.h"
#include "tensor.h"

namespace cuttle {

/// The stream on which this thread's work for a CUDA device is queued (cuda_stream.h). Throws Error
/// in a forked child, and where it would leave the graph that this thread captures.
kernels::cuda::Stream current_stream(const Device& device);

/// Calls f(stream) with a kernels::cpu::Stream or a kernels::cuda::Stream: the overload that f then
/// picks runs on that device.
template <class F>
decltype(auto) on_device(const Device& device, F&& f,
                         const std::source_location& where = std::source_location::current()) {
  const profiler::LaunchScope scope(device, where);
  switch (device.type()) {
    case DeviceType::cuda:
#if defined(CUTTLE_CUDA)
      return f(current_stream(device));
#else
      break;
#endif
    case DeviceType::cpu:
      return f(kernels::cpu::Stream{});
  }
  fail("this build has no kernels for ", device);
}

/// Throws Error naming the operation and the devices unless all defined tensors are on one device;
/// also if one that must be there is undefined.
void check_same_device(std::string_view op, std::initializer_list<const Tensor*> tensors);
/// Throws Error naming the operation and the dtypes unless all defined tensors have one dtype.
void check_same_dtype(std::string_view op, std::initializer_list<const Tensor*> tensors);
/// The tensor, or an Error naming the operation if it is undefined.
const Tensor& check_defined(std::string_view op, const Tensor& tensor);

}  // namespace cuttle
