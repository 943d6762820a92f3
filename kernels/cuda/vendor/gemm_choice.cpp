// The choice between cuBLAS and our own matrix product: made once a shape and kept.
#include <array>
#include <map>
#include <memory>
#include <mutex>
#include <sstream>
#include <type_traits>

#include "../../cuda_graph.h"
#include "../../cuda_runtime.h"
#include "../choices.h"
#include "vendor.h"

namespace cuttle::kernels::cuda {

namespace {

constexpr const char* kCublas = "cuBLAS";

/// Everything a choice depends on.
using Key = std::array<int64_t, 16>;

struct Kept {
  std::mutex mutex;
  std::map<Key, bool> cublas;
};

/// Never destroyed: global objects of a program may compute after everything else is gone.
Kept& kept() {
  static Kept* const instance = std::make_unique<Kept>().release();
  return *instance;
}

/// The problem in words that are the same in every process.
std::string name_of(const GemmShape& s, bool is_double, bool with_bias, int device) {
  std::ostringstream text;
  text << "gemm" << (with_bias ? " with bias" : "")
       << (is_double             ? ", float64"
           : allow_tf32_matmul() ? ", TF32"
                                 : ", float32")
       << ", [" << s.m << "," << s.k << "]" << (s.transpose_a ? " stored transposed" : "")
       << (s.step_a() > s.row_a() ? " in longer rows" : "") << " x [" << s.k << "," << s.n << "]"
       << (s.transpose_b ? " stored transposed" : "")
       << (s.step_b() > s.row_b() ? " in longer rows" : "") << ", batch " << s.batch << ", on "
       << device_properties(device).name;
  return text.str();
}

/// What an earlier process chose, or the faster one by trial.
bool cublas_is_faster(Stream stream, const std::string& name,
                      const std::function<void()>& run_cublas,
                      const std::function<void()>& run_own) {
  refuse_while_capturing("the first use of this problem (" + name + ")",
                         "run the same work once before the capture begins, or set "
                         "cuda::Backend::own");
  std::string choice = chosen(name);
  if (choice != kOwn && choice != kCublas) {
    const std::vector<Candidate> candidates = {{kOwn, [&] { return run_own(), true; }},
                                               {kCublas, [&] { return run_cublas(), true; }}};
    choice = candidates[fastest(stream, candidates, 0)].name;
    record_choice(name, choice);
  }
  return choice == kCublas;
}

}  // namespace

template <class T>
bool gemm_by_cublas(Stream stream, const GemmShape& s, const T* a, const T* b, const T* bias, T* c,
                    const std::function<void()>& run_own) {
  const auto run_cublas = [&] { gemm_cublas(stream, s, a, b, bias, c); };
  const Backend mode = backend();
  if (mode == Backend::own || (mode == Backend::fastest && !benchmark())) return false;
  // A sum into C cannot be repeated, so nothing is tried.
  if (mode == Backend::vendor || s.accumulate) return run_cublas(), true;

  constexpr bool kDouble = std::is_same_v<T, double>;
  const Key key = {s.m,           s.n,
                   s.k,           s.batch,
                   s.transpose_a, s.transpose_b,
                   s.stride_a,    s.stride_b,
                   s.step_a(),    s.step_b(),
                   s.stride_c,    bias != nullptr,
                   kDouble,       allow_tf32_matmul(),
                   stream.device, static_cast<int64_t>(choices_version())};
  bool cublas = false;
  {
    const std::lock_guard lock(kept().mutex);
    const auto found = kept().cublas.find(key);
    if (found == kept().cublas.end()) {
      const std::string name = name_of(s, kDouble, bias != nullptr, stream.device);
      cublas = kept().cublas[key] = cublas_is_faster(stream, name, run_cublas, run_own);
    } else {
      cublas = found->second;
    }
  }
  if (cublas) run_cublas();
  return cublas;
}

template bool gemm_by_cublas(Stream, const GemmShape&, const float*, const float*, const float*,
                             float*, const std::function<void()>&);
template bool gemm_by_cublas(Stream, const GemmShape&, const double*, const double*, const double*,
                             double*, const std::function<void()>&);

}  // namespace cuttle::kernels::cuda
