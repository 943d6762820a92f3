// Batch normalisation's tensors on the CPU as runs of elements that one vector loop takes, with
// what it needs to know of their channels. For kernels/cpu alone.
#pragma once

#include "../norm_terms.h"
#include "parallel.h"
#include "vector_level.h"

namespace cuttle::kernels::cpu {

/// One number for all elements of a run, where others have an array.
template <class T>
struct Same {
  T value;
  T operator[](int64_t) const { return value; }
};

/// The terms of a run's elements: a number each, or (in columns) an array each, one behind the
/// other.
template <class Values>
struct RunTerms {
  Values center, rstd, scale, shift;

  auto at(int64_t i) const {
    ChannelTerms<std::decay_t<decltype(center[i])>> terms;
    terms.center = center[i], terms.rstd = rstd[i], terms.scale = scale[i], terms.shift = shift[i];
    return terms;
  }
};

template <class T>
RunTerms<Same<T>> same_terms(const ChannelTerms<T>& terms) {
  return {{terms.center}, {terms.rstd}, {terms.scale}, {terms.shift}};
}

/// The terms of all channels, of statistics that the batch shares, as arrays in `scratch`.
template <class T>
RunTerms<const T*> all_terms(const NormTerms<T>& terms, int64_t channels, Scratch& scratch) {
  T* const to = scratch.get<T>(4 * channels);
  for (int64_t c = 0; c < channels; ++c) {
    const ChannelTerms<T> of_channel(terms, c, c);
    to[c] = of_channel.center;
    to[channels + c] = of_channel.rstd;
    to[2 * channels + c] = of_channel.scale;
    to[3 * channels + c] = of_channel.shift;
  }
  return {to, to + channels, to + 2 * channels, to + 3 * channels};
}

/// Calls f(offset, elements, terms, first channel) for runs that cover x, on several threads: rows
/// of all channels where those are innermost, else planes of one channel.
template <class T, class F>
void for_each_run(const NormShape& s, const NormTerms<T>& terms, const F& f) {
  if (s.inner == 1) {
    thread_local Scratch scratch;
    const RunTerms<const T*> all = all_terms(terms, s.channels, scratch);
    parallel_for(s.outer, grain_units(s.channels), [&](int64_t begin, int64_t end) {
      vectorised([&] {
        for (int64_t o = begin; o < end; ++o) f(o * s.channels, s.channels, all, int64_t{0});
      });
    });
    return;
  }
  parallel_for(s.outer * s.channels, grain_units(s.inner), [&](int64_t begin, int64_t end) {
    vectorised([&] {
      for (int64_t p = begin; p < end; ++p) {
        const int64_t c = p % s.channels;
        f(p * s.inner, s.inner, same_terms(ChannelTerms<T>(terms, c, c)), c);
      }
    });
  });
}

}  // namespace cuttle::kernels::cpu
