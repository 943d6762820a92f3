// Anomaly mode: finds the operation whose backward makes the first NaN, and where it was recorded.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "../profiler/hooks.h"

namespace cuttle {

/// True on a thread in anomaly mode.
bool is_anomaly_enabled() noexcept;
/// True on a thread that looks for NaN in what backwards give.
bool is_anomaly_check_nan_enabled() noexcept;
/// torch.autograd.set_detect_anomaly: for this thread from now on. `check_nan` false only notes
/// where operations are recorded, for the errors of backwards.
void set_detect_anomaly(bool enabled, bool check_nan = true) noexcept;

/// torch.autograd.detect_anomaly: `DetectAnomaly detect_anomaly;` around forward and backward. Each
/// operation notes where it is recorded: the calls that led there, the modules (their path) and the
/// AnomalyLabels. A backward that gives NaN throws an Error that names the operation and shows that
/// place; an Error from inside a backward gets it, too. On this thread alone. It is slow, and waits
/// for the device after each node: for searching, not for training.
class [[nodiscard]] DetectAnomaly {
 public:
  [[nodiscard]] explicit DetectAnomaly(bool check_nan = true) noexcept;
  ~DetectAnomaly();
  DetectAnomaly(const DetectAnomaly&) = delete;
  DetectAnomaly& operator=(const DetectAnomaly&) = delete;

 private:
  bool previous_enabled_, previous_check_nan_;
};

/// A name for what is recorded in its scope, in anomaly mode and for a profiler; scopes within each
/// other are joined by " > ". Modules name themselves.
class [[nodiscard]] AnomalyLabel {
 public:
  [[nodiscard]] explicit AnomalyLabel(std::string label);
  ~AnomalyLabel();
  AnomalyLabel(const AnomalyLabel&) = delete;
  AnomalyLabel& operator=(const AnomalyLabel&) = delete;

 private:
  std::optional<profiler::RangeScope> range_;
};

/// Where an operation was recorded. One recorded by a backward (create_graph) knows whose.
struct RecordedAt {
  std::vector<void*> calls;
  std::string labels;
  std::string backward_of;  // the operation whose backward recorded it; "" for none
  std::shared_ptr<const RecordedAt> of;

  /// A few lines, each with a line break in front.
  std::string str() const;
};

class Node;
class Tensor;
/// Throws Error where one of the gradients that the node's backward gave holds NaN.
void check_no_nan(const Node& node, const std::vector<Tensor>& gradients);

/// Here and now, on this thread.
std::shared_ptr<const RecordedAt> record_place();

}  // namespace cuttle
