// Where operations tell the profiler what they do. While nobody listens each costs the host one
// relaxed load.
#pragma once

#include <atomic>
#include <source_location>
#include <span>
#include <string_view>

#include "../device.h"

namespace cuttle {

class Tensor;

namespace profiler {

namespace detail {
extern constinit std::atomic<bool> listening;
}

/// Whether a Profiler runs or NVTX ranges are written.
inline bool is_listening() noexcept {
  return detail::listening.load(std::memory_order_relaxed);
}

/// Around the launch of kernels, which belong to the operation that this thread named last
/// (begin_operation) or, where that has ended, to the one that ends next, or else to the file that
/// `where` names.
class LaunchScope {
 public:
  explicit LaunchScope(const Device& device, const std::source_location& where) {
    if (is_listening()) [[unlikely]]
      begin(device, where);
  }
  ~LaunchScope() {
    if (began_) [[unlikely]]
      end();
  }
  LaunchScope(const LaunchScope&) = delete;
  LaunchScope& operator=(const LaunchScope&) = delete;

 private:
  [[gnu::cold]] void begin(const Device& device, const std::source_location& where);
  [[gnu::cold]] void end() noexcept;

  bool began_ = false;
};

/// Names the operation that this thread begins: the checks of its operands do. `op` outlives the
/// program. Call these three while is_listening() alone.
[[gnu::cold]] void begin_operation(std::string_view op);
/// The operation is done, and gave these tensors: recording it says so.
[[gnu::cold]] void end_operation(std::string_view op, std::span<const Tensor> outputs,
                                 std::span<const Tensor> inputs);
/// Ranges of one thread lie within each other. What is launched in an operation's or a backward's
/// belongs to it; a module's call and a range of the user's only enclose operations.
enum class RangeKind { operation, backward, module, user };
[[gnu::cold]] void begin_range(RangeKind kind, std::string_view name);
[[gnu::cold]] void end_range() noexcept;

/// A range for a scope, where somebody listens when it begins.
class RangeScope {
 public:
  RangeScope(RangeKind kind, std::string_view name) {
    if (is_listening()) [[unlikely]]
      begin_range(kind, name), began_ = true;
  }
  ~RangeScope() {
    if (began_) [[unlikely]]
      end_range();
  }
  RangeScope(const RangeScope&) = delete;
  RangeScope& operator=(const RangeScope&) = delete;

 private:
  bool began_ = false;
};

}  // namespace profiler
}  // namespace cuttle
