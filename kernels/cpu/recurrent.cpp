// Time steps of recurrent layers on the CPU: rows are shared out, their elements vectorised.
#include "../recurrent_cells.h"
#include "parallel.h"
#include "vector_level.h"
#include "vector_math.h"

namespace cuttle::kernels {
namespace {

struct LaneMath {
  template <class T>
  static T sigmoid(T x) {
    return cpu::sigmoid_lane(x);
  }
  template <class T>
  static T tanh(T x) {
    return cpu::tanh_lane(x);
  }
};

/// A cell's element costs about as much as copying this many.
constexpr int64_t kCellCost = 8;

}  // namespace

template <class T>
void cell_forward(cpu::Stream, CellKind kind, const CellForward<T>& step) {
  for_cell<LaneMath>(kind, [&]<class Cell>() {
    const int64_t grain = cpu::grain_units(step.hidden * kCellCost);
    cpu::parallel_for(step.rows, grain, [s = step](int64_t begin, int64_t end) {
      cpu::vectorised([s, begin, end] {
        for (int64_t row = begin; row < end; ++row)
          cpu::each_lane(s.hidden, [=](int64_t j) { Cell::forward(s, row, j); });
      });
    });
  });
}

template <class T>
void cell_backward(cpu::Stream, CellKind kind, const CellBackward<T>& step) {
  for_cell<LaneMath>(kind, [&]<class Cell>() {
    const int64_t grain = cpu::grain_units(step.hidden * kCellCost);
    cpu::parallel_for(step.rows, grain, [s = step](int64_t begin, int64_t end) {
      cpu::vectorised([s, begin, end] {
        for (int64_t row = begin; row < end; ++row) {
          if (s.dy == nullptr) {
            cpu::each_lane(s.hidden, [=](int64_t j) { Cell::backward(s, T(0), row, j); });
            continue;
          }
          const T* const dy = s.dy + row * s.hidden;
          cpu::each_lane(s.hidden, [=](int64_t j) { Cell::backward(s, dy[j], row, j); });
        }
      });
    });
  });
}

#define CUTTLE_INSTANTIATE(T)                                                  \
  template void cell_forward<T>(cpu::Stream, CellKind, const CellForward<T>&); \
  template void cell_backward<T>(cpu::Stream, CellKind, const CellBackward<T>&);
CUTTLE_INSTANTIATE(float)
CUTTLE_INSTANTIATE(double)

}  // namespace cuttle::kernels
