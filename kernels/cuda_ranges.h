// Named ranges that NVIDIA's tools show beside a thread's kernels (NVTX). In the interpreter they
// do nothing.
#pragma once

namespace cuttle::kernels::cuda {

/// Ranges of a thread lie within each other.
void push_range(const char* name) noexcept;
void pop_range() noexcept;

}  // namespace cuttle::kernels::cuda
