// Time steps of recurrent layers. See kernels/recurrent.h.
#include <cmath>

#include "../recurrent_cells.h"
#include "gpu.h"

namespace cuttle::kernels {

namespace {

using namespace cuda;  // launch_overlapping, blocks_for of this folder

constexpr int kThreads = 256;

struct DeviceMath {
  template <class T>
  static CUTTLE_HOST_DEVICE T sigmoid(T x) {
    return 1 / (1 + std::exp(-x));
  }
  template <class T>
  static CUTTLE_HOST_DEVICE T tanh(T x) {
    return std::tanh(x);
  }
};

/// One step of a cell (kernels/recurrent_cells.h), forward.
/// Launch: blocks of 256, a thread an element of h, neighbours along the hidden units.
/// Bound: memory, each array once; for the few rows of a usual step, latency. Deterministic.
template <class Cell, class T>
__global__ void __launch_bounds__(kThreads) cell_forward_kernel(CellForward<T> step) {
  const int64_t at = int64_t{blockIdx.x} * kThreads + threadIdx.x;
  wait_for_predecessor();
  if (at < step.rows * step.hidden) Cell::forward(step, at / step.hidden, at % step.hidden);
}

/// The same backward. Launch, bound as above.
template <class Cell, class T>
__global__ void __launch_bounds__(kThreads) cell_backward_kernel(CellBackward<T> step) {
  const int64_t at = int64_t{blockIdx.x} * kThreads + threadIdx.x;
  wait_for_predecessor();
  if (at >= step.rows * step.hidden) return;
  const T dy = step.dy != nullptr ? step.dy[at] : T(0);
  Cell::backward(step, dy, at / step.hidden, at % step.hidden);
}

}  // namespace

template <class T>
void cell_forward(cuda::Stream stream, CellKind kind, const CellForward<T>& step) {
  const int64_t n = step.rows * step.hidden;
  if (n == 0) return;
  for_cell<DeviceMath>(kind, [&]<class Cell>() {
    launch_overlapping(stream, {blocks_for(n, kThreads), kThreads}, cell_forward_kernel<Cell, T>,
                       step);
  });
}

template <class T>
void cell_backward(cuda::Stream stream, CellKind kind, const CellBackward<T>& step) {
  const int64_t n = step.rows * step.hidden;
  if (n == 0) return;
  for_cell<DeviceMath>(kind, [&]<class Cell>() {
    launch_overlapping(stream, {blocks_for(n, kThreads), kThreads}, cell_backward_kernel<Cell, T>,
                       step);
  });
}

#define CUTTLE_RECURRENT(T)                                                  \
  template void cell_forward(cuda::Stream, CellKind, const CellForward<T>&); \
  template void cell_backward(cuda::Stream, CellKind, const CellBackward<T>&);
CUTTLE_RECURRENT(float)
CUTTLE_RECURRENT(double)

}  // namespace cuttle::kernels
