// Deliberately broken kernels and host programs, each a function that launches one mistake. The
// program broken_kernels runs one by name; test_findings checks what the tools say about it.
#pragma once

#include <cuttle/kernels/simt/device.h>

#include <cstdio>
#include <cstdlib>
#include <vector>

namespace broken {

using cuttle::simt::launch;
using cuttle::simt::launch_overlapping;

constexpr int kThreads = 128;  // of a block, where nothing else is said
constexpr int kBlocks = 4;

struct Case {
  const char* name;
  void (*run)();
};
std::vector<Case> barrier_cases();
std::vector<Case> warp_cases();
std::vector<Case> memory_cases();
std::vector<Case> race_cases();
std::vector<Case> host_cases();
std::vector<Case> other_cases();
std::vector<Case> tensor_core_cases();

/// Ends the program with "broken_kernels: <what>" and status 3 unless the condition holds: what a
/// test of the kernel's results would do.
inline void require(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "broken_kernels: %s\n", what);
  std::exit(3);
}
inline void require(cudaError_t error) {
  require(error == cudaSuccess, cudaGetErrorName(error));
}

/// Device memory with the numbers 0, 1, 2, …; freed by the destructor.
class Ints {
 public:
  explicit Ints(int count) : host_(static_cast<size_t>(count)) {
    for (int i = 0; i < count; ++i) host_[static_cast<size_t>(i)] = i;
    require(cudaMalloc(&data_, bytes()));
    require(cudaMemcpy(data_, host_.data(), bytes(), cudaMemcpyHostToDevice));
  }
  ~Ints() { cudaFree(data_); }
  Ints(const Ints&) = delete;
  Ints& operator=(const Ints&) = delete;

  int* data() const { return data_; }
  const std::vector<int>& host() {
    require(cudaMemcpy(host_.data(), data_, bytes(), cudaMemcpyDeviceToHost));
    return host_;
  }

 private:
  size_t bytes() const { return host_.size() * sizeof(int); }

  int* data_ = nullptr;
  std::vector<int> host_;
};

}  // namespace broken
