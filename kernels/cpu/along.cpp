// Elements to and from places along a dimension, on the CPU.
#include "../along.h"

#include "parallel.h"

namespace cuttle::kernels {
namespace {

/// Calls move(element among those picked, element among the whole ones).
template <class Move>
void for_each_pick(const AlongShape& shape, const int64_t* places, const Move& move) {
  cpu::parallel_for(shape.outer * shape.picks, cpu::grain_units(shape.inner),
                    [&](int64_t begin, int64_t end) {
                      for (int64_t line = begin; line < end; ++line) {
                        const int64_t outer = line / shape.picks * shape.length;
                        for (int64_t i = 0; i < shape.inner; ++i) {
                          const int64_t at = line * shape.inner + i;
                          move(at, (outer + places[at]) * shape.inner + i);
                        }
                      }
                    });
}

template <class Word>
void take(const AlongShape& shape, const void* x, const int64_t* places, void* out) {
  const auto* const from = static_cast<const Word*>(x);
  auto* const to = static_cast<Word*>(out);
  for_each_pick(shape, places, [=](int64_t at, int64_t whole) { to[at] = from[whole]; });
}

template <class Word>
void put(const AlongShape& shape, const void* x, const int64_t* places, void* out) {
  const auto* const from = static_cast<const Word*>(x);
  auto* const to = static_cast<Word*>(out);
  for_each_pick(shape, places, [=](int64_t at, int64_t whole) { to[whole] = from[at]; });
}

}  // namespace

void take_along(cpu::Stream, const AlongShape& shape, const void* x, const int64_t* places,
                void* out) {
  with_word(shape.element_size, [&]<class Word>() { take<Word>(shape, x, places, out); });
}

void put_along(cpu::Stream, const AlongShape& shape, const void* x, const int64_t* places,
               void* out) {
  with_word(shape.element_size, [&]<class Word>() { put<Word>(shape, x, places, out); });
}

}  // namespace cuttle::kernels
