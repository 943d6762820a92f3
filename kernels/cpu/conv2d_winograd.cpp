// Winograd's F(2 × 2, 3 × 3) (Lavin and Gray, "Fast algorithms for convolutional neural networks",
// 2015): 2 × 2 outputs are Aᵀ [Σ_c (G g Gᵀ) ⊙ (Bᵀ d B)] A of a patch d of 4 × 4 inputs and the taps
// g. The sums over channels are 16 matrix products, with 16 multiplications where 36 would be.
#include "conv2d_winograd.h"

#include "conv2d_turned.h"
#include "onednn_plans.h"
#include "vector_level.h"

namespace cuttle::kernels::cpu {
namespace {

using dnnl::memory;

constexpr int64_t kPoints = 16;  // of a transformed patch
constexpr int64_t kBlock = 64;   // tiles that are at work at once, and stay in the second cache

/// Σ of 16 products: patches (16, tiles, c) times weight (16, c, o).
struct ProductKey {
  int64_t tiles, c, o;
  friend bool operator==(const ProductKey&, const ProductKey&) = default;
};
struct ProductHash {
  size_t operator()(const ProductKey& key) const { return hash_of({key.tiles, key.c, key.o}); }
};
struct Product {
  dnnl::matmul run;
  memory::desc a, b, c, scratch;
};

memory::desc dense(int64_t rows, int64_t columns) {
  return {{kPoints, rows, columns}, memory::data_type::f32, memory::format_tag::abc};
}

Product make_product(const ProductKey& key) {
  const memory::desc a = dense(key.tiles, key.c), b = dense(key.c, key.o);
  const memory::desc c = dense(key.tiles, key.o);
  const auto description = describe_matmul(a, b, {}, c, /*accumulate=*/false);
  return {dnnl::matmul(description), a, b, c, description.scratchpad_desc()};
}

/// Bᵀ of four numbers, Aᵀ of four, and G of three, of which the caller has halved what it must.
inline void to_patch(float a, float b, float c, float d, float* to, int step) {
  to[0] = a - c, to[step] = b + c, to[2 * step] = c - b, to[3 * step] = b - d;
}
inline void to_outputs(float a, float b, float c, float d, float* to, int step) {
  to[0] = (a + b) + c, to[step] = (b - c) - d;
}
inline void to_points(float a, float b, float c, float* to, int step) {
  const float ends = a + c;
  to[0] = a, to[step] = 0.5f * (ends + b), to[2 * step] = 0.5f * (ends - b), to[3 * step] = c;
}

/// u (16, O, C) = G g Gᵀ of the taps of each pair of channels, in reverse order if `reversed`.
void transform_weight(const Conv2dShape& s, const float* weight, bool reversed, float* u) {
  const int64_t channels = s.c, plane = s.o * s.c;
  const int64_t step = reversed ? -channels : channels, first = reversed ? 8 * channels : 0;
  parallel_for(s.o, grain_units(kPoints * channels), [=](int64_t begin, int64_t end) {
    vectorised([=] {
      for (int64_t o = begin; o < end; ++o) {
        const float* const g = weight + o * 9 * channels + first;
        float* const to = u + o * channels;
        each_lane(channels, [=](int64_t c) {
          float rows[12], points[16];
          to_points(g[c], g[c + 3 * step], g[c + 6 * step], rows, 3);
          to_points(g[c + step], g[c + 4 * step], g[c + 7 * step], rows + 1, 3);
          to_points(g[c + 2 * step], g[c + 5 * step], g[c + 8 * step], rows + 2, 3);
          to_points(rows[0], rows[1], rows[2], points, 1);
          to_points(rows[3], rows[4], rows[5], points + 4, 1);
          to_points(rows[6], rows[7], rows[8], points + 8, 1);
          to_points(rows[9], rows[10], rows[11], points + 12, 1);
          for (int p = 0; p < kPoints; ++p) to[p * plane + c] = points[p];
        });
      }
    });
  });
}

/// Between the orders of channels of a transformed weight: (16, O, C) to (16, C, O).
struct ExchangeKey {
  int64_t c, o;
  int threads;  // oneDNN plans for a number of threads
  friend bool operator==(const ExchangeKey&, const ExchangeKey&) = default;
};
struct ExchangeHash {
  size_t operator()(const ExchangeKey& key) const { return hash_of({key.c, key.o, key.threads}); }
};
struct Exchange {
  dnnl::reorder run;
  memory::desc from, to;
};

Exchange make_exchange(const ExchangeKey& key) {
  const memory::desc from{
      {kPoints, key.c, key.o}, memory::data_type::f32, {key.o * key.c, 1, key.c}};
  const memory::desc to = dense(key.c, key.o);
  return {dnnl::reorder({onednn_engine(), from, onednn_engine(), to}), from, to};
}

void exchange_channels(const Conv2dShape& s, const float* u, float* to) {
  const OnednnThreads threads;
  const Exchange& exchange = needed_plan<Exchange, ExchangeHash>(
      "conv2d", ExchangeKey{s.c, s.o, omp_get_max_threads()}, make_exchange);
  memory source = as_memory(exchange.from, u), destination = as_memory(exchange.to, to);
  exchange.run.execute(onednn_stream(), source, destination);
  onednn_stream().wait();
}

/// The outputs in tiles of 2 × 2, row by row, image by image.
struct Tiles {
  explicit Tiles(const Conv2dShape& shape)
      : s(shape), rows((s.oh + 1) / 2), columns((s.ow + 1) / 2) {}
  int64_t count() const { return s.n * rows * columns; }
  int64_t image(int64_t tile) const { return tile / (rows * columns); }
  int64_t top(int64_t tile) const { return tile / columns % rows * 2; }
  int64_t left(int64_t tile) const { return tile % columns * 2; }

  Conv2dShape s;
  int64_t rows, columns;
};

/// v (16, count, C) = Bᵀ d B of the patches of tiles [first, first + count); `zeros` (C).
void transform_input(const Tiles& tiles, int64_t first, int64_t count, const float* x,
                     const float* zeros, float* v) {
  const Conv2dShape& s = tiles.s;
  const int64_t plane = count * s.c;
  for (int64_t t = 0; t < count; ++t) {
    const int64_t top = tiles.top(first + t) - s.padding_h;
    const int64_t left = tiles.left(first + t) - s.padding_w;
    const float* d[kPoints];
    for (int64_t p = 0; p < kPoints; ++p) {
      const int64_t h = top + p / 4, w = left + p % 4;
      const bool is_inside = h >= 0 && h < s.h && w >= 0 && w < s.w;
      d[p] = is_inside ? x + ((tiles.image(first + t) * s.h + h) * s.w + w) * s.c : zeros;
    }
    float* const to = v + t * s.c;
    each_lane(s.c, [=](int64_t c) {
      float rows[16], points[16];
      to_patch(d[0][c], d[4][c], d[8][c], d[12][c], rows, 4);
      to_patch(d[1][c], d[5][c], d[9][c], d[13][c], rows + 1, 4);
      to_patch(d[2][c], d[6][c], d[10][c], d[14][c], rows + 2, 4);
      to_patch(d[3][c], d[7][c], d[11][c], d[15][c], rows + 3, 4);
      to_patch(rows[0], rows[1], rows[2], rows[3], points, 1);
      to_patch(rows[4], rows[5], rows[6], rows[7], points + 4, 1);
      to_patch(rows[8], rows[9], rows[10], rows[11], points + 8, 1);
      to_patch(rows[12], rows[13], rows[14], rows[15], points + 12, 1);
      for (int p = 0; p < kPoints; ++p) to[p * plane + c] = points[p];
    });
  }
}

/// y = Aᵀ m A + bias of tiles [first, first + count), m (16, count, O). `nowhere` (O) takes what
/// lies beyond y.
void transform_output(const Tiles& tiles, int64_t first, int64_t count, const float* m,
                      const float* bias, float* nowhere, float* y) {
  const Conv2dShape& s = tiles.s;
  const int64_t plane = count * s.o;
  for (int64_t t = 0; t < count; ++t) {
    const int64_t top = tiles.top(first + t), left = tiles.left(first + t);
    float* const at = y + ((tiles.image(first + t) * s.oh + top) * s.ow + left) * s.o;
    const bool has_right = left + 1 < s.ow, has_below = top + 1 < s.oh;
    float* const right = has_right ? at + s.o : nowhere;
    float* const below = has_below ? at + s.ow * s.o : nowhere;
    float* const corner = has_right && has_below ? at + (s.ow + 1) * s.o : nowhere;
    const float* const from = m + t * s.o;
    each_lane(s.o, [=](int64_t o) {
      const auto point = [=](int64_t p) { return from[p * plane + o]; };
      float rows[8], out[4];
      to_outputs(point(0), point(4), point(8), point(12), rows, 4);
      to_outputs(point(1), point(5), point(9), point(13), rows + 1, 4);
      to_outputs(point(2), point(6), point(10), point(14), rows + 2, 4);
      to_outputs(point(3), point(7), point(11), point(15), rows + 3, 4);
      to_outputs(rows[0], rows[1], rows[2], rows[3], out, 1);
      to_outputs(rows[4], rows[5], rows[6], rows[7], out + 2, 1);
      corner[o] = out[3] + bias[o];
      below[o] = out[2] + bias[o];
      right[o] = out[1] + bias[o];
      at[o] = out[0] + bias[o];
    });
  }
}

/// u: (16, C, O).
void convolve_block(const Tiles& tiles, int64_t first, int64_t count, const float* x,
                    const float* u, const float* bias, float* y) {
  const Conv2dShape& s = tiles.s;
  const OnednnThreads alone(true);
  const Product& product =
      needed_plan<Product, ProductHash>("conv2d", ProductKey{count, s.c, s.o}, make_product);
  const int64_t widest = std::max(s.c, s.o);
  thread_local Scratch scratch, of_product;
  float* const zeros = scratch.get<float>(kPoints * count * (s.c + s.o) + 2 * widest);
  float *const nowhere = zeros + widest, *const v = nowhere + widest;
  float* const m = v + kPoints * count * s.c;
  std::fill_n(zeros, widest, 0.f);
  vectorised([&] { transform_input(tiles, first, count, x, zeros, v); });
  product.run.execute(onednn_stream(),
                      {{DNNL_ARG_SRC, as_memory(product.a, v)},
                       {DNNL_ARG_WEIGHTS, as_memory(product.b, u)},
                       {DNNL_ARG_DST, as_memory(product.c, m)},
                       {DNNL_ARG_SCRATCHPAD,
                        as_memory(product.scratch, of_product.bytes(product.scratch.get_size()))}});
  onednn_stream().wait();
  const float* const row = bias != nullptr ? bias : zeros;
  vectorised([&] { transform_output(tiles, first, count, m, row, nowhere, y); });
}

/// Enough tiles to be worth a transformed weight, and one that stays in the caches.
bool is_worth_it(const Conv2dShape& s) {
  constexpr int64_t kLeastTiles = 256, kMostWeight = int64_t{1} << 21;
  return can_turn(s) && s.kh == 3 && s.kw == 3 && s.dilation_h == 1 && s.dilation_w == 1 &&
         kPoints * s.c * s.o <= kMostWeight && std::min({s.oh, s.ow, s.h, s.w}) >= 4 &&
         Tiles(s).count() >= kLeastTiles;
}

/// u: (16, C, O).
void convolve(const Conv2dShape& s, const float* x, const float* u, const float* bias, float* y) {
  const Tiles tiles(s);
  parallel_for((tiles.count() + kBlock - 1) / kBlock, 1, [&](int64_t begin, int64_t end) {
    for (int64_t block = begin; block < end; ++block) {
      const int64_t first = block * kBlock;
      convolve_block(tiles, first, std::min(kBlock, tiles.count() - first), x, u, bias, y);
    }
  });
}

/// The transformed weight's memory, and as much again if the order of its channels changes.
float* transformed_scratch(const Conv2dShape& s, int copies) {
  thread_local Scratch scratch;
  return scratch.get<float>(copies * kPoints * s.o * s.c);
}

}  // namespace

bool uses_winograd(const Conv2dShape& s) {
  return is_worth_it(s) || is_worth_it(turned(s));
}

bool conv2d_forward_winograd(const Conv2dShape& s, const float* x, const float* weight,
                             const float* bias, float* y) {
  if (!is_worth_it(s)) return false;
  try {
    float* const by_output = transformed_scratch(s, 2);
    float* const u = by_output + kPoints * s.o * s.c;
    transform_weight(s, weight, /*reversed=*/false, by_output);
    exchange_channels(s, by_output, u);
    convolve(s, x, u, bias, y);
    return true;
  } catch (const dnnl::error& error) {
    fail_onednn("conv2d", error);
  }
}

bool conv2d_backward_input_winograd(const Conv2dShape& s, const float* dy, const float* weight,
                                    float* dx) {
  if (!is_worth_it(turned(s))) return false;
  try {
    float* const u = transformed_scratch(s, 1);
    transform_weight(s, weight, /*reversed=*/true, u);
    convolve(turned(s), dy, u, nullptr, dx);
    return true;
  } catch (const dnnl::error& error) {
    fail_onednn("conv2d", error);
  }
}

}  // namespace cuttle::kernels::cpu
