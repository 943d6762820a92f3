// The choice among our own kernel and cuDNN's engines.
#include "conv2d_choice.h"

#include <array>
#include <map>
#include <memory>
#include <sstream>

#include "../../cuda_graph.h"
#include "../../cuda_runtime.h"
#include "../../error.h"
#include "../check.h"
#include "../choices.h"
#include "cudnn_handle.h"

namespace cuttle::kernels::cuda {

namespace {

constexpr size_t kMostTrials = 8;          // plans, in the order of the heuristic
constexpr double kTrialMilliseconds = 30;  // for one problem

constexpr const char* kPassNames[] = {"conv2d forward", "conv2d input gradient",
                                      "conv2d weight gradient"};

/// The problem in words that are the same in every process.
std::string name_of(const ConvolutionProblem& problem, bool tf32, int device) {
  const Conv2dShape& s = problem.shape;
  std::ostringstream text;
  text << kPassNames[static_cast<int>(problem.pass)] << (problem.with_bias ? " with bias" : "")
       << (problem.type == CUDNN_DATA_DOUBLE ? ", float64"
           : tf32                            ? ", TF32"
                                             : ", float32")
       << ", input [" << s.n << "," << s.c << "," << s.h << "," << s.w << "], weight [" << s.o
       << "," << s.c / s.groups << "," << s.kh << "," << s.kw << "], stride " << s.stride_h << "x"
       << s.stride_w << ", padding " << s.padding_h << "x" << s.padding_w << ", dilation "
       << s.dilation_h << "x" << s.dilation_w << ", groups " << s.groups
       << (backend() == Backend::vendor ? ", cuDNN alone" : "") << ", on "
       << device_properties(device).name;
  return text.str();
}

/// Everything a choice depends on.
using Key = std::array<int64_t, 24>;

Key key_of(const ConvolutionProblem& problem, int device) {
  const Conv2dShape& s = problem.shape;
  return {static_cast<int64_t>(problem.pass),
          problem.type,
          problem.with_bias,
          allow_tf32_convolution(),
          static_cast<int64_t>(backend()),
          benchmark(),
          static_cast<int64_t>(choices_version()),
          device,
          s.n,
          s.c,
          s.h,
          s.w,
          s.o,
          s.kh,
          s.kw,
          s.oh,
          s.ow,
          s.stride_h,
          s.stride_w,
          s.padding_h,
          s.padding_w,
          s.dilation_h,
          s.dilation_w,
          s.groups};
}

/// Guarded by `mutex`, which is held while a choice is made, too.
struct Kept {
  std::mutex mutex;
  std::map<Key, std::unique_ptr<KeptPlan>> plans;             // nullptr: our own kernel
  std::map<int, Owned<cudnnHandle_t, cudnnDestroy>> handles;  // one a device, to make plans with
};

/// Never destroyed: at the end of the program cuDNN may be gone before our destructors run.
Kept& kept() {
  static Kept* const instance = std::make_unique<Kept>().release();
  return *instance;
}

cudnnHandle_t planning_handle(int device) {
  auto& handle = kept().handles[device];
  if (handle.get() == nullptr) check_cudnn(cudnnCreate(handle.out()), "cudnnCreate");
  return handle.get();
}

std::vector<CudnnEngine> engines_of(const CudnnTarget& target, const ConvolutionProblem& problem,
                                    bool tf32) {
  try {
    return convolution_engines(target, operation_graph(target.handle, problem), tf32);
  } catch (const Error&) {
    return {};  // cuDNN cannot even describe it
  }
}

std::unique_ptr<KeptPlan> make_plan(const CudnnTarget& target, CudnnEngine engine) {
  std::optional<ConvolutionPlan> plan = convolution_plan(target, std::move(engine));
  if (!plan) return nullptr;
  return std::make_unique<KeptPlan>(std::move(*plan));
}

/// The first engine, of those called `name` unless that is empty, that makes a plan.
std::unique_ptr<KeptPlan> first_plan(const CudnnTarget& target, std::vector<CudnnEngine>& engines,
                                     const std::string& name) {
  for (CudnnEngine& engine : engines) {
    if (!name.empty() && engine.name != name) continue;
    if (auto plan = make_plan(target, std::move(engine))) return plan;
  }
  return nullptr;
}

/// Times own kernel (where `try_own`) and plans; records the choice.
std::unique_ptr<KeptPlan> try_all(Stream stream, const CudnnTarget& target,
                                  std::vector<CudnnEngine>& engines, const std::string& name,
                                  bool try_own, const std::function<void()>& run_own,
                                  const std::function<bool(KeptPlan&)>& run_plan) {
  std::vector<Candidate> candidates;
  std::vector<std::unique_ptr<KeptPlan>> plans;
  if (try_own) {
    candidates.push_back({kOwn, [&] { return run_own(), true; }});
    plans.push_back(nullptr);
  }
  for (CudnnEngine& engine : engines) {
    if (candidates.size() >= kMostTrials + (try_own ? 1 : 0)) break;
    auto plan = make_plan(target, std::move(engine));
    if (!plan) continue;
    candidates.push_back({plan->plan.name, [&run_plan, p = plan.get()] { return run_plan(*p); }});
    plans.push_back(std::move(plan));
  }
  if (candidates.empty()) return nullptr;
  const size_t best = fastest(stream, candidates, kTrialMilliseconds);
  record_choice(name, candidates[best].name);
  return std::move(plans[best]);
}

}  // namespace

KeptPlan* choose_convolution(Stream stream, const ConvolutionProblem& problem,
                             const std::function<void()>& run_own,
                             const std::function<bool(KeptPlan&)>& run_plan) {
  const Backend mode = backend();
  if (mode == Backend::own || (mode == Backend::fastest && !benchmark())) return nullptr;
  const Key key = key_of(problem, stream.device);
  const std::lock_guard lock(kept().mutex);
  const auto found = kept().plans.find(key);
  if (found != kept().plans.end()) return found->second.get();

  const bool tf32 = allow_tf32_convolution();
  const std::string name = name_of(problem, tf32, stream.device);
  refuse_while_capturing("the first use of this problem (" + name + ")",
                         "run the same work once before the capture begins, or set "
                         "cuda::Backend::own");
  const DeviceGuard guard(stream.device);
  const std::string known = chosen(name);
  std::unique_ptr<KeptPlan> plan;
  if (known != kOwn) {
    const CudnnTarget target = {planning_handle(stream.device)};
    std::vector<CudnnEngine> engines = engines_of(target, problem, tf32);
    if (!known.empty()) plan = first_plan(target, engines, known);
    if (plan == nullptr && !benchmark()) plan = first_plan(target, engines, "");
    if (plan == nullptr && benchmark())
      plan = try_all(stream, target, engines, name, mode == Backend::fastest, run_own, run_plan);
  }
  return kept().plans.emplace(key, std::move(plan)).first->second.get();
}

}  // namespace cuttle::kernels::cuda
