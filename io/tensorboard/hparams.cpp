#include "hparams.h"

#include <algorithm>
#include <unordered_set>

#include "../../core/text.h"
#include "../../kernels/error.h"
#include "names.h"
#include "protobuf.h"
#include "summary_values.h"

namespace cuttle::tensorboard {
namespace {

using Value = std::variant<bool, double, std::string>;

// google.protobuf.Value: number_value = 2, string_value = 3, bool_value = 4.
Message value_message(const Value& value) {
  if (const auto* truth = std::get_if<bool>(&value)) return Message().integer(4, *truth);
  if (const auto* number = std::get_if<double>(&value)) return Message().float64(2, *number);
  return Message().bytes(3, std::get<std::string>(value));
}

// DataType of the HParams page: STRING = 1, BOOL = 2, FLOAT64 = 3.
int64_t type_number(const Value& value) {
  if (std::holds_alternative<bool>(value)) return 2;
  return std::holds_alternative<double>(value) ? 3 : 1;
}

void check_value(const HParam& value) {
  if (const auto* text = std::get_if<std::string>(&value.value()))
    check_utf8("add_hparams", "value", *text);
}

template <class Named>
void check_names(const Named& named) {
  std::unordered_set<std::string_view> seen;
  for (const auto& [name, value] : named) {
    check_utf8("add_hparams", "name", name);
    if (!seen.insert(name).second)
      fail("add_hparams: the name ", in_quotes(name), " stands there twice");
  }
}

void check_domains(const HParams& hparams, const HParamDomains& domains) {
  for (const auto& [name, values] : domains) {
    const auto found = std::find_if(hparams.begin(), hparams.end(),
                                    [&](const auto& hparam) { return hparam.first == name; });
    if (found == hparams.end())
      fail("add_hparams: there is a domain for ", in_quotes(name), ", which is no hyperparameter");
    for (const HParam& value : values) {
      check_value(value);
      if (value.value().index() != found->second.value().index())
        fail("add_hparams: the domain of ", in_quotes(name),
             " has values of another type than the hyperparameter");
    }
  }
}

// HParamInfo: name = 1, type = 4, domain_discrete = 5, a ListValue with values = 1.
Message info_message(const std::string& name, const HParam& hparam, const HParamDomains& domains) {
  Message info;
  info.bytes(1, name).integer(4, type_number(hparam.value()));
  for (const auto& [of, values] : domains) {
    if (of != name) continue;
    Message list;
    for (const HParam& value : values) list.message(1, value_message(value.value()));
    info.message(5, list);
  }
  return info;
}

// HParamsPluginData: version = 1 (of 0, which is not written), then one of experiment = 2,
// session_start_info = 3, session_end_info = 4.
Message summary(std::string_view tag, uint32_t field, const Message& content) {
  return summary_of(
      tag, Message().message(9, plugin_metadata("hparams", Message().message(field, content))));
}

}  // namespace

std::vector<Message> hparams_summaries(const HParams& hparams, const HParamMetrics& metrics,
                                       const HParamDomains& domains) {
  check_names(hparams);
  check_names(metrics);
  check_names(domains);
  check_domains(hparams, domains);
  // Experiment: hparam_infos = 4, metric_infos = 5 (MetricInfo: name = 1, a MetricName with
  // tag = 2). SessionStartInfo: hparams = 1, a map. SessionEndInfo: status = 1, SUCCESS = 1.
  Message experiment, start;
  for (const auto& [name, hparam] : hparams) {
    check_value(hparam);
    experiment.message(4, info_message(name, hparam, domains));
    start.message(1, Message().bytes(1, name).message(2, value_message(hparam.value())));
  }
  for (const auto& [name, value] : metrics)
    experiment.message(5, Message().message(1, Message().bytes(2, name)));
  return {summary("_hparams_/experiment", 2, experiment),
          summary("_hparams_/session_start_info", 3, start),
          summary("_hparams_/session_end_info", 4, Message().integer(1, 1))};
}

}  // namespace cuttle::tensorboard
