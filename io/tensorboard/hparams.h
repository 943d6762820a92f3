// Hyperparameters for TensorBoard's HParams page.
#pragma once

#include <concepts>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "protobuf.h"

namespace cuttle {

/// A hyperparameter's value: a number, true or false, or a text.
class HParam {
 public:
  HParam(bool value) : value_(value) {}  // NOLINT: a value is a hyperparameter
  template <class T>
  requires std::integral<T> || std::floating_point<T> HParam(T value)
      : value_(static_cast<double>(value)) {}                     // NOLINT
  HParam(std::string value) : value_(std::move(value)) {}         // NOLINT
  HParam(std::string_view value) : HParam(std::string(value)) {}  // NOLINT
  HParam(const char* value) : HParam(std::string(value)) {}       // NOLINT

  const std::variant<bool, double, std::string>& value() const noexcept { return value_; }

 private:
  std::variant<bool, double, std::string> value_;
};

/// {{"lr", 0.1}, {"batch_size", 64}, {"optimizer", "SGD"}}
using HParams = std::vector<std::pair<std::string, HParam>>;
/// What they came to: {{"hparam/accuracy", 0.93}}.
using HParamMetrics = std::vector<std::pair<std::string, double>>;
/// All values that a hyperparameter can take, where there are few: {{"optimizer", {"SGD",
/// "Adam"}}}.
using HParamDomains = std::vector<std::pair<std::string, std::vector<HParam>>>;

namespace tensorboard {

/// The three summaries that open a run of the HParams page: the experiment, the session's start and
/// its end. Throws Error for names and texts that are not UTF-8, for a name that stands there twice
/// and for domains of other types or names.
std::vector<Message> hparams_summaries(const HParams& hparams, const HParamMetrics& metrics,
                                       const HParamDomains& domains);

}  // namespace tensorboard
}  // namespace cuttle
