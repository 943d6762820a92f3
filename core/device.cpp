#include "device.h"

#include <charconv>

#include "../kernels/error.h"
#include "cuda.h"

namespace cuttle {
namespace {

int checked_cuda_index(int index, std::string_view text) {
  const int count = cuda::device_count();
  if (count == 0)
    fail("Device(\"", text, "\"): no CUDA device can be used here: ", cuda::why_unavailable(),
         "; ask cuda::is_available() first, or use Device(\"cpu\")");
  if (index < 0) return cuda::current_device();
  if (index >= count)
    fail("Device(\"", text, "\"): this machine has ", count, " CUDA device", count == 1 ? "" : "s",
         ", numbered from 0");
  return index;
}

}  // namespace

Device::Device(std::string_view text) {
  if (text == "cpu" || text == "cpu:0") return;
  const std::string_view name = text.substr(0, text.find(':'));
  if (name == "cpu") fail("Device(\"", text, "\"): there is one CPU, \"cpu\" or \"cpu:0\"");
  if (name != "cuda") fail("Device(\"", text, "\"): a device is \"cpu\", \"cuda\" or \"cuda:0\"");
  int index = -1;
  if (name.size() < text.size()) {
    const char* const first = text.data() + name.size() + 1;
    const char* const last = text.data() + text.size();
    const auto [end, error] = std::from_chars(first, last, index);
    if (error != std::errc() || end != last || index < 0)
      fail("Device(\"", text, "\"): a number must follow the colon, as in \"cuda:0\"");
  }
  type_ = DeviceType::cuda;
  index_ = checked_cuda_index(index, text);
}

Device::Device(DeviceType type, int index) : type_(type) {
  if (type == DeviceType::cuda)
    index_ = checked_cuda_index(index, index < 0 ? "cuda" : "cuda:" + std::to_string(index));
}

std::string Device::str() const {
  return is_cpu() ? "cpu" : "cuda:" + std::to_string(index_);
}

std::ostream& operator<<(std::ostream& out, const Device& device) {
  return out << device.str();
}

}  // namespace cuttle
