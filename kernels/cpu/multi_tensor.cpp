// Norm, scaling and interpolation of many arrays on the CPU. The norm adds up pieces of a fixed
// size, so that it does not depend on the number of threads.
#include "../multi_tensor.h"

#include <cmath>
#include <vector>

#include "../formulas_choices.h"
#include "../multi_norm_sum.h"
#include "parallel.h"
#include "vector_level.h"

namespace cuttle::kernels {
namespace {

constexpr int64_t kPiece = 4096;

/// A piece by several sums at once, which a vector unit adds side by side.
template <class T>
double sum_of(const NormSum& norm, const T* x, int64_t n) {
  constexpr int64_t kLanes = 8;
  double lanes[kLanes] = {};
  int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes)
    for (int64_t k = 0; k < kLanes; ++k)
      lanes[k] = norm.join(lanes[k], norm.of(static_cast<double>(x[i + k])));
  for (int64_t k = 0; i < n; ++i, ++k)
    lanes[k] = norm.join(lanes[k], norm.of(static_cast<double>(x[i])));
  double sum = lanes[0];
  for (int64_t k = 1; k < kLanes; ++k) sum = norm.join(sum, lanes[k]);
  return sum;
}

/// Calls visit(array, from, to, number) for each piece of all arrays, on several threads.
template <class Array, class Visit>
void for_each_piece(std::span<const Array> arrays, const Visit& visit) {
  std::vector<int64_t> first = {0};  // the number of each array's first piece
  for (const Array& array : arrays)
    first.push_back(first.back() + (array.numel + kPiece - 1) / kPiece);
  cpu::parallel_for(first.back(), cpu::grain_units(kPiece), [&](int64_t begin, int64_t end) {
    size_t a = static_cast<size_t>(std::upper_bound(first.begin(), first.end(), begin) -
                                   first.begin() - 1);
    cpu::vectorised([&] {
      for (int64_t piece = begin; piece < end; ++piece) {
        while (piece >= first[a + 1]) ++a;
        const int64_t from = (piece - first[a]) * kPiece;
        visit(arrays[a], from, std::min(from + kPiece, arrays[a].numel), piece);
      }
    });
  });
}

template <class Array>
int64_t pieces_of(std::span<const Array> arrays) {
  int64_t count = 0;
  for (const Array& array : arrays) count += (array.numel + kPiece - 1) / kPiece;
  return count;
}

}  // namespace

template <class T>
void multi_norm(cpu::Stream, double p, std::span<const ArrayOf<const T>> arrays, T* total) {
  const NormSum norm = {p};
  std::vector<double> sums(static_cast<size_t>(pieces_of(arrays)));
  for_each_piece(arrays, [&](const ArrayOf<const T>& x, int64_t from, int64_t to, int64_t piece) {
    sums[static_cast<size_t>(piece)] = sum_of(norm, x.data + from, to - from);
  });
  double sum = 0;
  for (const double each : sums) sum = norm.join(sum, each);
  *total = static_cast<T>(norm.norm(sum));
}

template <class T>
void multi_scale(cpu::Stream, const T* factor, std::span<const ArrayOf<T>> arrays, float* found) {
  std::vector<char> bad(static_cast<size_t>(pieces_of(arrays)));
  const T by = *factor;
  for_each_piece(arrays, [&](const ArrayOf<T>& x, int64_t from, int64_t to, int64_t piece) {
    T* const data = x.data;
    bool finite = true;
    for (int64_t i = from; i < to; ++i) {
      finite = finite & (data[i] - data[i] == 0);  // NaN for what is not
      data[i] *= by;
    }
    bad[static_cast<size_t>(piece)] = !finite;
  });
  for (const char each : bad)
    if (each && found) *found = 1;
}

template <class T>
void multi_lerp(cpu::Stream, const T* weight, std::span<const PairOf<T>> pairs) {
  const T by = *weight;
  for_each_piece(pairs, [&](const PairOf<T>& pair, int64_t from, int64_t to, int64_t) {
    T* const data = pair.data;
    const T* const other = pair.other;
    for (int64_t i = from; i < to; ++i) data[i] = formulas::Lerp::value(data[i], other[i], by);
  });
}

#define CUTTLE_INSTANTIATE(T)                                                               \
  template void multi_norm<T>(cpu::Stream, double, std::span<const ArrayOf<const T>>, T*);  \
  template void multi_scale<T>(cpu::Stream, const T*, std::span<const ArrayOf<T>>, float*); \
  template void multi_lerp<T>(cpu::Stream, const T*, std::span<const PairOf<T>>);
CUTTLE_INSTANTIATE(float)
CUTTLE_INSTANTIATE(double)

}  // namespace cuttle::kernels
