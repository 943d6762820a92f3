// One launch of SGD's kernel: the parameters that it updates, and what it reads that the host
// changes from step to step.
#pragma once

#include <optional>
#include <vector>

#include "../core/tensor.h"
#include "../kernels/sgd.h"

namespace cuttle {

/// The options and which parameters take their first step, in the memory of the device: a captured
/// step, replayed, reads what is there then.
class SgdScalars {
 public:
  SgdScalars(const Device& device, DType dtype, size_t parameters);

  size_t parameters() const noexcept { return first_steps_.size(); }
  /// What kernels queued from now on read. Waits for nothing, and copies only what changed.
  void set(const kernels::SgdOptions& options, const std::vector<bool>& first_steps);

  template <class T>
  const kernels::SgdFactors<T>* factors() const {
    return static_cast<const kernels::SgdFactors<T>*>(memory_.raw_data());
  }
  /// The flag of the launch's n-th parameter.
  const bool* first_step(size_t n) const;

 private:
  DType dtype_;
  size_t factors_size_;
  Tensor memory_;  // SgdFactors<T>, then a bool a parameter
  bool is_set_ = false;
  kernels::SgdOptions options_;  // as the device has them
  std::vector<bool> first_steps_;
};

/// One parameter's part of a step: three dense tensors whose elements lie in the same order.
struct SgdUpdate {
  size_t index = 0;  // the parameter's number in the optimizer
  Tensor parameter = {};
  const void* memory = nullptr;  // where the parameter lies
  Tensor value = {};             // the parameter, or a dense copy of one that has gaps
  Tensor gradient = {};
  Tensor momentum_buffer = {};  // undefined without momentum
};

/// The parameters of one group, device and dtype, which one kernel updates.
class SgdLaunch {
 public:
  SgdLaunch(const Device& device, DType dtype) : device_(device), dtype_(dtype) {}

  bool takes(const Tensor& value) const {
    return value.device() == device_ && value.dtype() == dtype_;
  }
  void add(SgdUpdate update) { updates_.push_back(std::move(update)); }
  const std::vector<SgdUpdate>& updates() const noexcept { return updates_; }
  /// Lets the tensors go; what the device has of the options stays for the next step.
  void clear() noexcept { updates_.clear(); }

  /// Before the kernel runs or is replayed: gives it the options, and momentum buffers what `kept`
  /// holds for their parameters, by number. From then on the buffers are what is kept; a parameter
  /// for which nothing was kept takes its first step. Throws Error for what a captured kernel
  /// cannot follow: a parameter that has moved, and momentum where there was none.
  void prepare(const kernels::SgdOptions& options, std::vector<Tensor>& kept);
  /// Queues the kernel, then copies to parameters that have gaps.
  void run();

 private:
  /// Those for as many parameters as there are now.
  SgdScalars& scalars();

  Device device_;
  DType dtype_;
  std::vector<SgdUpdate> updates_;
  std::optional<SgdScalars> scalars_;  // made once it is known for how many parameters
};

}  // namespace cuttle
