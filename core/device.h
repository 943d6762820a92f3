// Where a tensor's memory lies and its operations run.
#pragma once

#include <ostream>
#include <string>
#include <string_view>

namespace cuttle {

enum class DeviceType { cpu, cuda };

/// "cpu", or one CUDA device: "cuda" (the current one), "cuda:0", "cuda:1"…
class Device {
 public:
  /// The CPU.
  Device() = default;
  /// Throws Error if the text names no device, or one that this machine or build does not have.
  Device(std::string_view text);                                       // NOLINT: "cuda" is a device
  Device(const char* text) : Device(std::string_view(text)) {}         // NOLINT
  Device(const std::string& text) : Device(std::string_view(text)) {}  // NOLINT
  /// `index` counts CUDA devices from 0; -1 is the current one.
  explicit Device(DeviceType type, int index = -1);

  DeviceType type() const noexcept { return type_; }
  /// Which CUDA device; 0 on the CPU.
  int index() const noexcept { return index_; }
  bool is_cpu() const noexcept { return type_ == DeviceType::cpu; }
  bool is_cuda() const noexcept { return type_ == DeviceType::cuda; }
  /// "cpu" or "cuda:0".
  std::string str() const;

  friend bool operator==(const Device&, const Device&) = default;

 private:
  DeviceType type_ = DeviceType::cpu;
  int index_ = 0;
};

std::ostream& operator<<(std::ostream& out, const Device& device);

}  // namespace cuttle
