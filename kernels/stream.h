// The two places a kernel can run. Every kernel takes one of these first; which one picks the
// overload, so kernels/<op>.h lists each operation twice with otherwise equal signatures.
#pragma once

namespace cuttle::kernels {

namespace cpu {
/// Work on the calling thread (kernels spread it over OpenMP threads); done when the call returns.
struct Stream {};
}  // namespace cpu

namespace cuda {
/// A CUDA stream of one device; work is queued and the call returns at once.
/// `handle` is a cudaStream_t (nullptr: the device's default stream).
struct Stream {
  void* handle = nullptr;
  int device = 0;

  friend bool operator==(const Stream&, const Stream&) = default;
};
}  // namespace cuda

}  // namespace cuttle::kernels
