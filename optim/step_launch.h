// One launch of an optimizer's kernel: the parameters that it updates, and what it reads that the
// host changes from step to step.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <vector>

#include "../core/tensor.h"
#include "../kernels/optimizer_step.h"

namespace cuttle {

/// The options in the memory of the device: a captured step, replayed, reads what is there then.
template <class Rule>
class DeviceOptions {
 public:
  using Settings = kernels::StepSettings<Rule>;

  explicit DeviceOptions(const Device& device);
  /// What kernels queued from now on read; `skip` is a float32 number on the device, or undefined.
  /// Waits for nothing, and copies only what changed.
  void set(const typename Rule::Options& options, const Tensor& skip);
  Settings* get() const { return static_cast<Settings*>(memory_.raw_data()); }

 private:
  Tensor memory_;  // Settings
  bool is_set_ = false;
  typename Rule::Options options_;  // as the device has them
  Tensor skip_;
};

/// One parameter's part of a step: dense tensors whose elements lie in the same order.
struct StepUpdate {
  size_t index = 0;  // the parameter's number in the optimizer
  Tensor parameter = {};
  const void* memory = nullptr;  // where the parameter lies
  Tensor value = {};             // the parameter, or a dense copy of one that has gaps
  Tensor gradient = {};
  // By slot of the optimizer; undefined for what is not used.
  std::array<Tensor, kernels::kMostStates + 2> states = {};
};

/// The parameters of one group, device and dtype, which one kernel updates.
template <class Rule>
class StepLaunch {
 public:
  /// [slot][parameter]: what the optimizer keeps.
  using Kept = std::vector<std::shared_ptr<std::vector<Tensor>>>;

  StepLaunch(const Device& device, DType dtype) : device_(device), dtype_(dtype) {}

  bool takes(const Tensor& value) const {
    return value.device() == device_ && value.dtype() == dtype_;
  }
  void add(StepUpdate update) { updates_.push_back(std::move(update)); }
  const std::vector<StepUpdate>& updates() const noexcept { return updates_; }
  /// Lets the tensors go; what the device has of the options stays for the next step.
  void clear() noexcept { updates_.clear(); }

  /// Before the kernel runs or is replayed: gives it the options, and its states what `kept` holds
  /// for their parameters. From then on they are what is kept; a parameter for which nothing was
  /// kept takes its first step. Throws Error for what a captured kernel cannot follow: a parameter
  /// that has moved, and a state where the options wanted none.
  void prepare(const typename Rule::Options& options, const Tensor& skip, const Kept& kept);
  /// Queues the kernel, then copies to parameters that have gaps.
  void run();

 private:
  DeviceOptions<Rule>& options();

  Device device_;
  DType dtype_;
  std::vector<StepUpdate> updates_;
  std::optional<DeviceOptions<Rule>> options_;  // made when first needed
};

}  // namespace cuttle
