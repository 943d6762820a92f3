// Rows in order on the CPU: each thread takes rows. Short ones are sorted by comparison, long ones
// digit by digit. Compiled once for each type CUTTLE_ELEMENT (cmake/element_types.cmake).
#include "../sort.h"

#include <array>
#include <utility>

#include "../sort_keys.h"
#include "parallel.h"

namespace cuttle::kernels {
namespace {

template <class Key>
struct Keyed {
  Key key;
  uint32_t place;

  friend bool operator<(const Keyed& a, const Keyed& b) {
    return a.key < b.key || (a.key == b.key && a.place < b.place);
  }
};

/// Below, a comparison sort is done before 256 counters a digit are.
constexpr int64_t kLeastForDigits = 256;

/// Sorts by digits of eight bits from the lowest to the highest, each time keeping the order of
/// equals; digits that all keys share are skipped. The result lies in one of the two arrays.
template <class Key>
const Keyed<Key>* sort_by_digits(int64_t n, Keyed<Key>* from, Keyed<Key>* to) {
  std::array<std::array<uint32_t, 256>, sizeof(Key)> counts{};
  for (int64_t i = 0; i < n; ++i)
    for (size_t digit = 0; digit < sizeof(Key); ++digit)
      ++counts[digit][static_cast<uint8_t>(from[i].key >> (8 * digit))];
  for (size_t digit = 0; digit < sizeof(Key); ++digit) {
    const auto digit_of = [=](Key key) { return static_cast<uint8_t>(key >> (8 * digit)); };
    std::array<uint32_t, 256>& starts = counts[digit];
    if (starts[digit_of(from[0].key)] == n) continue;
    uint32_t start = 0;
    for (uint32_t& count : starts) start += std::exchange(count, start);
    for (int64_t i = 0; i < n; ++i) to[starts[digit_of(from[i].key)]++] = from[i];
    std::swap(from, to);
  }
  return from;
}

template <class T>
void sort_row(bool descending, int64_t n, const T* x, T* values, int64_t* places) {
  using Row = Keyed<SortKey<T>>;
  thread_local cpu::Scratch scratch;
  Row* const row = scratch.get<Row>(2 * n);
  for (int64_t i = 0; i < n; ++i) row[i] = {sort_key(x[i], descending), static_cast<uint32_t>(i)};
  const Row* sorted = row;
  if (n < kLeastForDigits)
    std::sort(row, row + n);
  else
    sorted = sort_by_digits(n, row, row + n);
  for (int64_t i = 0; i < n; ++i) {
    places[i] = sorted[i].place;
    values[i] = x[sorted[i].place];
  }
}

}  // namespace

template <class T>
void sort_rows(cpu::Stream, bool descending, int64_t rows, int64_t length, const T* x, T* values,
               int64_t* places) {
  constexpr int64_t kCost = 16;  // of an element, next to a copy
  cpu::parallel_for(rows, cpu::grain_units(length * kCost), [=](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      const int64_t at = row * length;
      sort_row(descending, length, x + at, values + at, places + at);
    }
  });
}

template void sort_rows(cpu::Stream, bool, int64_t, int64_t, const CUTTLE_ELEMENT*, CUTTLE_ELEMENT*,
                        int64_t*);

}  // namespace cuttle::kernels
