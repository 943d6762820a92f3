#include "anomaly.h"

#include "../ops/arithmetic.h"
#include "backtrace.h"
#include "grad_mode.h"
#include "node.h"

namespace cuttle {
namespace {

constinit thread_local bool anomaly_enabled = false;
constinit thread_local bool nan_is_checked = true;
thread_local std::vector<std::string> labels;

}  // namespace

bool is_anomaly_enabled() noexcept {
  return anomaly_enabled;
}
bool is_anomaly_check_nan_enabled() noexcept {
  return anomaly_enabled && nan_is_checked;
}

void set_detect_anomaly(bool enabled, bool check_nan) noexcept {
  anomaly_enabled = enabled;
  nan_is_checked = check_nan;
}

DetectAnomaly::DetectAnomaly(bool check_nan) noexcept
    : previous_enabled_(anomaly_enabled), previous_check_nan_(nan_is_checked) {
  set_detect_anomaly(true, check_nan);
}
DetectAnomaly::~DetectAnomaly() {
  set_detect_anomaly(previous_enabled_, previous_check_nan_);
}

AnomalyLabel::AnomalyLabel(std::string label) {
  labels.push_back(std::move(label));
  range_.emplace(profiler::RangeKind::module, labels.back());
}
AnomalyLabel::~AnomalyLabel() {
  labels.pop_back();
}

std::shared_ptr<const RecordedAt> record_place() {
  auto place = std::make_shared<RecordedAt>();
  place->calls = capture_backtrace();
  for (const std::string& label : labels)
    place->labels += (place->labels.empty() ? "" : " > ") + label;
  if (const auto replayed = replayed_node()) {
    place->backward_of = replayed->op();
    place->of = replayed->recorded_at();
  }
  return place;
}

void check_no_nan(const Node& node, const std::vector<Tensor>& gradients) {
  for (size_t i = 0; i < gradients.size(); ++i) {
    if (!gradients[i].defined()) continue;
    const NoGradGuard no_grad;
    const Tensor gradient = gradients[i].detach();
    const auto count = (gradient != gradient).to(int64).sum().item<int64_t>();
    if (count == 0) continue;
    fail("backward of '", node.op(), "' gave NaN in the gradient of its input ", i, " (", count,
         " of the ", gradient.numel(), " elements of shape ", gradient.shape(), "). '", node.op(),
         "' was recorded ",
         node.recorded_at() ? "here:" + node.recorded_at()->str()
                            : "outside of anomaly mode; turn it on before the forward, too");
  }
}

std::string RecordedAt::str() const {
  std::string text;
  if (!labels.empty()) text += "\n  in " + labels;
  text += describe_backtrace(calls);
  if (!backward_of.empty()) {
    text += "\nby the backward of '" + backward_of + "'";
    text += of ? ", which was recorded here:" + of->str() : ", recorded without anomaly mode";
  }
  return text.empty() ? "\n  (nothing is known of the calls)" : text;
}

}  // namespace cuttle
