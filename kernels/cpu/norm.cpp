// The sums that are the gradients of a normalisation's weight and bias, on the CPU: in double, over
// pieces of the outer slices that the shape fixes and that are added up in their order.
#include "../norm.h"

#include "lane_sums.h"
#include "norm_runs.h"

namespace cuttle::kernels {
namespace {

using cpu::RunTerms;
using cpu::Same;

/// Channels whose sums are kept together, and elements of each that make one piece.
constexpr int64_t kChannels = 256;
constexpr int64_t kPieceElements = 1024;

struct Sums {
  double weight[kChannels], bias[kChannels];
};

/// Adds n elements to n channels' sums.
template <bool kRelu, class T, class Terms>
void add_columns(int64_t n, const Terms& terms, const T* x, const T* dy, double* weight,
                 double* bias) {
  cpu::each_lane(n, [=](int64_t i) {
    const ChannelTerms<T> own = terms.at(i);
    const double g = own.template passed<kRelu>(x[i], dy[i]);
    weight[i] += g * static_cast<double>(own.normal(x[i]));
    bias[i] += g;
  });
}

/// Adds n elements to one channel's.
template <bool kRelu, class T>
void add_plane(int64_t n, const ChannelTerms<T>& terms, const T* x, const T* dy, double& weight,
               double& bias) {
  const auto sums = cpu::lane_sums(n, [=](int64_t i) {
    const double g = terms.template passed<kRelu>(x[i], dy[i]);
    return std::array{g * static_cast<double>(terms.normal(x[i])), g};
  });
  weight += sums[0], bias += sums[1];
}

/// What a piece reads; `all`: the terms of every channel, where the batch shares them and channels
/// are innermost.
template <class T>
struct Job {
  const NormShape& shape;
  const NormTerms<T>& terms;
  const RunTerms<const T*>& all;
  const T *x, *dy;

  /// The terms of x̂ alone where each outer slice has statistics of its own.
  ChannelTerms<T> terms_of(int64_t o, int64_t c) const {
    if (shape.shared) return ChannelTerms<T>(terms, c, c);
    NormTerms<T> statistics = terms;
    statistics.weight = statistics.bias = nullptr;
    return ChannelTerms<T>(statistics, o * shape.groups + c / shape.per_group(), c);
  }
};

/// The sums of channels [first, first + n) over one outer slice.
template <bool kRelu, class T>
void add_slice(const Job<T>& job, int64_t o, int64_t first, int64_t n, Sums& sums) {
  const NormShape& s = job.shape;
  const int64_t at = (o * s.channels + first) * s.inner;
  if (s.inner > 1) {
    for (int64_t c = 0; c < n; ++c)
      add_plane<kRelu>(s.inner, job.terms_of(o, first + c), job.x + at + c * s.inner,
                       job.dy + at + c * s.inner, sums.weight[c], sums.bias[c]);
  } else if (s.shared) {
    const RunTerms<const T*> terms = {job.all.center + first, job.all.rstd + first,
                                      job.all.scale + first, job.all.shift + first};
    add_columns<kRelu>(n, terms, job.x + at, job.dy + at, sums.weight, sums.bias);
  } else {
    for (int64_t c = 0; c < n;) {  // from group to group
      const int64_t group_end = ((first + c) / s.per_group() + 1) * s.per_group();
      const int64_t width = std::min(n, group_end - first) - c;
      add_columns<kRelu>(width, cpu::same_terms(job.terms_of(o, first + c)), job.x + at + c,
                         job.dy + at + c, sums.weight + c, sums.bias + c);
      c += width;
    }
  }
}

template <bool kRelu, class T>
void sum_affine(const Job<T>& job, T* dweight, T* dbias) {
  const NormShape& s = job.shape;
  const int64_t tiles = (s.channels + kChannels - 1) / kChannels;
  const int64_t slices = std::max<int64_t>(1, kPieceElements / std::max<int64_t>(1, s.inner));
  const int64_t pieces = std::max<int64_t>(1, (s.outer + slices - 1) / slices);
  thread_local cpu::Scratch scratch;
  Sums* const parts = scratch.get<Sums>(tiles * pieces);
  const auto width_of = [&](int64_t tile) {
    return std::min(kChannels, s.channels - tile * kChannels);
  };
  const int64_t work = std::min(s.outer, slices) * s.inner * std::min(kChannels, s.channels);
  cpu::parallel_for(tiles * pieces, cpu::grain_units(work), [&](int64_t begin, int64_t end) {
    cpu::vectorised([&] {
      for (int64_t i = begin; i < end; ++i) {
        parts[i] = {};
        const int64_t tile = i / pieces, piece = i % pieces;
        for (int64_t o = piece * slices; o < std::min(s.outer, (piece + 1) * slices); ++o)
          add_slice<kRelu>(job, o, tile * kChannels, width_of(tile), parts[i]);
      }
    });
  });
  for (int64_t tile = 0; tile < tiles; ++tile)
    for (int64_t c = 0; c < width_of(tile); ++c) {
      double weight = 0, bias = 0;
      for (int64_t p = tile * pieces; p < (tile + 1) * pieces; ++p) {
        weight += parts[p].weight[c];
        bias += parts[p].bias[c];
      }
      dweight[tile * kChannels + c] = static_cast<T>(weight);
      dbias[tile * kChannels + c] = static_cast<T>(bias);
    }
}

}  // namespace

template <class T>
void norm_backward_affine(cpu::Stream, const NormShape& s, const NormTerms<T>& terms, const T* x,
                          const T* dy, T* dweight, T* dbias) {
  thread_local cpu::Scratch scratch;
  RunTerms<const T*> all = {};
  if (s.shared && s.inner == 1) all = cpu::all_terms(terms, s.channels, scratch);
  const Job<T> job = {s, terms, all, x, dy};
  if (terms.relu)
    sum_affine<true>(job, dweight, dbias);
  else
    sum_affine<false>(job, dweight, dbias);
}

#define CUTTLE_INSTANTIATE(T)                                                                      \
  template void norm_backward_affine(cpu::Stream, const NormShape&, const NormTerms<T>&, const T*, \
                                     const T*, T*, T*);
CUTTLE_INSTANTIATE(float)
CUTTLE_INSTANTIATE(double)

}  // namespace cuttle::kernels
