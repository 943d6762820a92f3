// Asking cuDNN's heuristic for engines, filtering them, and building plans.
#include "conv2d_cudnn_plan.h"

#include <algorithm>

#include "../../error.h"

namespace cuttle::kernels::cuda {

namespace {

constexpr int64_t kMostEngines = 64;  // asked for of each mode of the heuristic
constexpr int64_t kMostKnobs = CUDNN_KNOB_TYPE_COUNTS;
constexpr int64_t kMostWorkspace = int64_t{256} << 20;  // bytes

/// Says for which GPU a descriptor is made, where no handle does.
void set_properties(CudnnDescriptor& descriptor, const CudnnTarget& target, bool is_plan) {
  if (target.properties == nullptr) return;
#if CUDNN_VERSION >= 90800
  descriptor.set(is_plan ? CUDNN_ATTR_EXECUTION_PLAN_DEVICEPROP : CUDNN_ATTR_ENGINEHEUR_DEVICEPROP,
                 *target.properties);
#else
  fail("plans for a GPU that is not there need cuDNN 9.8 or later");
#endif
}

template <class Note>
bool holds(const std::vector<Note>& notes, Note note) {
  return std::find(notes.begin(), notes.end(), note) != notes.end();
}

bool is_wanted(const CudnnDescriptor& engine, bool tf32) {
  const auto numerical = engine.get_all<cudnnBackendNumericalNote_t>(
      CUDNN_ATTR_ENGINE_NUMERICAL_NOTE, CUDNN_NUMERICAL_NOTE_TYPE_COUNT);
  const auto behavior = engine.get_all<cudnnBackendBehaviorNote_t>(CUDNN_ATTR_ENGINE_BEHAVIOR_NOTE,
                                                                   CUDNN_BEHAVIOR_NOTE_TYPE_COUNT);
  if (holds(numerical, CUDNN_NUMERICAL_NOTE_NONDETERMINISTIC) ||
      holds(behavior, CUDNN_BEHAVIOR_NOTE_RUNTIME_COMPILATION))
    return false;
  return tf32 || (!holds(numerical, CUDNN_NUMERICAL_NOTE_TENSOR_CORE) &&
                  !holds(numerical, CUDNN_NUMERICAL_NOTE_DOWN_CONVERT_INPUTS));
}

CudnnDescriptor engine_of(const CudnnDescriptor& config) {
  auto engines =
      config.get_descriptors(CUDNN_ATTR_ENGINECFG_ENGINE, CUDNN_BACKEND_ENGINE_DESCRIPTOR, 1);
  if (engines.empty()) fail("cuDNN named an engine configuration without an engine");
  return std::move(engines.front());
}

std::string name_of(const CudnnDescriptor& config, const CudnnDescriptor& engine) {
  std::vector<std::pair<int, int64_t>> knobs;
  for (const CudnnDescriptor& knob : config.get_descriptors(
           CUDNN_ATTR_ENGINECFG_KNOB_CHOICES, CUDNN_BACKEND_KNOB_CHOICE_DESCRIPTOR, kMostKnobs))
    knobs.emplace_back(knob.get<cudnnBackendKnobType_t>(CUDNN_ATTR_KNOB_CHOICE_KNOB_TYPE),
                       knob.get<int64_t>(CUDNN_ATTR_KNOB_CHOICE_KNOB_VALUE));
  std::sort(knobs.begin(), knobs.end());
  std::string name =
      "engine " + std::to_string(engine.get<int64_t>(CUDNN_ATTR_ENGINE_GLOBAL_INDEX)) + " (";
  for (const auto& [type, value] : knobs)
    name += (name.back() == '(' ? "" : " ") + std::to_string(type) + "=" + std::to_string(value);
  return name + ")";
}

}  // namespace

std::vector<CudnnEngine> convolution_engines(const CudnnTarget& target,
                                             const CudnnDescriptor& graph, bool tf32) {
  std::vector<CudnnEngine> engines;
  for (const cudnnBackendHeurMode_t mode : {CUDNN_HEUR_MODE_A, CUDNN_HEUR_MODE_FALLBACK}) {
    CudnnDescriptor heuristic(CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR);
    heuristic.set(CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH, graph)
        .set(CUDNN_ATTR_ENGINEHEUR_MODE, mode);
    set_properties(heuristic, target, /*is_plan=*/false);
    if (!heuristic.try_finalize()) continue;  // this mode knows no engine
    for (CudnnDescriptor& config : heuristic.get_descriptors(
             CUDNN_ATTR_ENGINEHEUR_RESULTS, CUDNN_BACKEND_ENGINECFG_DESCRIPTOR, kMostEngines)) {
      const CudnnDescriptor engine = engine_of(config);
      if (!is_wanted(engine, tf32)) continue;
      std::string name = name_of(config, engine);
      const bool is_new = std::none_of(engines.begin(), engines.end(),
                                       [&](const CudnnEngine& e) { return e.name == name; });
      if (is_new) engines.push_back({std::move(name), std::move(config)});
    }
  }
  return engines;
}

std::optional<ConvolutionPlan> convolution_plan(const CudnnTarget& target, CudnnEngine engine) {
  CudnnDescriptor plan(CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR);
  if (target.handle != nullptr) plan.set(CUDNN_ATTR_EXECUTION_PLAN_HANDLE, target.handle);
  set_properties(plan, target, /*is_plan=*/true);
  plan.set(CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG, engine.config);
  if (!plan.try_finalize()) return std::nullopt;
  const auto workspace = plan.get<int64_t>(CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE);
  if (workspace > kMostWorkspace) return std::nullopt;
  return ConvolutionPlan{std::move(engine.name), std::move(plan), static_cast<size_t>(workspace)};
}

}  // namespace cuttle::kernels::cuda
