// Tensor-core instructions and asynchronous copies (kernels/cuda/tensor_core) against double
// precision. The oracle places each element by the tables of the PTX ISA, "Warp level matrix
// instructions", from the matrix's side: which lane and register hold A(row, column).
#include <cuttle/kernels/cuda/tensor_core/async_copy.cuh>
#include <cuttle/kernels/cuda/tensor_core/mma.cuh>
#include <cuttle/kernels/cuda/tensor_core/wgmma.cuh>

#include <cmath>
#include <limits>
#include <random>

#include "support.h"

namespace simt_test {
namespace {

namespace tensor_core = cuttle::kernels::cuda;

/// A matrix of multiples of 1/64 in [-2, 2]: exact as TF32, as bf16 and in every sum below.
std::vector<float> exact_matrix(int count, unsigned seed) {
  std::mt19937 random(seed);
  std::vector<float> values(count);
  for (float& v : values) v = static_cast<float>(static_cast<int>(random() % 257) - 128) / 64.f;
  return values;
}

std::vector<double> product(const std::vector<float>& a, const std::vector<float>& b,
                            const std::vector<float>& c, int depth) {
  std::vector<double> d(c.begin(), c.end());
  for (int row = 0; row < 16; ++row) {
    for (int column = 0; column < 8; ++column) {
      for (int k = 0; k < depth; ++k) {
        d[row * 8 + column] += double{a[row * depth + k]} * double{b[k * 8 + column]};
      }
    }
  }
  return d;
}

// ---- numbers ----

__global__ void round_kernel(const float* in, float* out) {
  out[threadIdx.x] = tensor_core::round_to_tf32(in[threadIdx.x]);
}

TEST(SimtTensorCore, RoundsToTf32) {
  const float step = std::ldexp(1.f, -10), infinity = std::numeric_limits<float>::infinity();
  const std::vector<float> in = {1.f,
                                 1.f + step / 2,  // a tie goes away from zero
                                 -1.f - step / 2,
                                 1.f + step * 3 / 2,
                                 1.f + step / 2 - step / 4096,
                                 std::numeric_limits<float>::max(),  // rounds up to infinity
                                 -infinity,
                                 0.f,
                                 std::nanf("1")};
  const std::vector<float> want = {1.f, 1.f + step, -1.f - step, 1.f + 2 * step,
                                   1.f, infinity,   -infinity,   0.f};
  const DeviceArray<float> values(in), out(in.size());
  EXPECT_CUDA(launch(round_kernel, 1, static_cast<unsigned>(in.size()), 0, nullptr, values.data(),
                     out.data()));
  const std::vector<float> got = out.host();
  for (size_t i = 0; i < want.size(); ++i) EXPECT_EQ(got[i], want[i]) << in[i];
  EXPECT_TRUE(std::isnan(got.back()));
}

__global__ void pack_kernel(const float* in, uint32_t* out) {
  out[0] = tensor_core::pack_bf16(in[0], in[1]);
}

TEST(SimtTensorCore, PacksBf16) {
  const auto packed = [](float low, float high) {
    const DeviceArray<float> in(std::vector<float>{low, high});
    const DeviceArray<uint32_t> out(1);
    EXPECT_CUDA(launch(pack_kernel, 1, 1, 0, nullptr, in.data(), out.data()));
    return out.host()[0];
  };
  EXPECT_EQ(packed(1.f, -2.f), 0xc0003f80u);
  EXPECT_EQ(packed(1.f + 1.f / 256, 1.f + 3.f / 256), 0x3f823f80u);  // ties to even
  EXPECT_EQ(packed(std::numeric_limits<float>::infinity(), std::nanf("")), 0x7fff7f80u);
}

// ---- products ----

struct Product {
  const float *a, *b;  // row-major, 16 × depth and depth × 8
  float* d;            // 16 × 8
};

__device__ void load_sums(float (&d)[4], const float* from, int g, int t) {
  for (int i = 0; i < 4; ++i) d[i] = from[(g + i / 2 * 8) * 8 + 2 * t + i % 2];
}
__device__ void store_sums(const float (&d)[4], float* to, int g, int t) {
  for (int i = 0; i < 4; ++i) to[(g + i / 2 * 8) * 8 + 2 * t + i % 2] = d[i];
}

__global__ void tf32_kernel(Product p) {
  const int g = static_cast<int>(threadIdx.x) / 4, t = static_cast<int>(threadIdx.x) % 4;
  const float a[4] = {p.a[g * 8 + t], p.a[(g + 8) * 8 + t], p.a[g * 8 + t + 4],
                      p.a[(g + 8) * 8 + t + 4]};
  const float b[2] = {p.b[t * 8 + g], p.b[(t + 4) * 8 + g]};
  float d[4];
  load_sums(d, p.d, g, t);
  tensor_core::mma_m16n8k8(d, a, b);
  store_sums(d, p.d, g, t);
}

__global__ void bf16_kernel(Product p) {
  const int g = static_cast<int>(threadIdx.x) / 4, t = static_cast<int>(threadIdx.x) % 4;
  uint32_t a[4], b[2];
  for (int i = 0; i < 4; ++i) {
    const float* from = p.a + (g + i % 2 * 8) * 16 + 2 * t + i / 2 * 8;
    a[i] = tensor_core::pack_bf16(from[0], from[1]);
  }
  for (int i = 0; i < 2; ++i) {
    const float* from = p.b + (2 * t + i * 8) * 8 + g;
    b[i] = tensor_core::pack_bf16(from[0], from[8]);
  }
  float d[4];
  load_sums(d, p.d, g, t);
  tensor_core::mma_m16n8k16(d, a, b);
  store_sums(d, p.d, g, t);
}

std::vector<float> run_product(void (*kernel)(Product), const std::vector<float>& a,
                               const std::vector<float>& b, const std::vector<float>& c) {
  const DeviceArray<float> in_a(a), in_b(b), sums(c);
  EXPECT_CUDA(launch(kernel, 1, 32, 0, nullptr, Product{in_a.data(), in_b.data(), sums.data()}));
  return sums.host();
}

TEST(SimtTensorCore, ProductsOfExactNumbers) {
  for (const int depth : {8, 16}) {
    const std::vector<float> a = exact_matrix(16 * depth, 1), b = exact_matrix(depth * 8, 2),
                             c = exact_matrix(16 * 8, 3);
    const std::vector<double> want = product(a, b, c, depth);
    const std::vector<float> got = run_product(depth == 8 ? tf32_kernel : bf16_kernel, a, b, c);
    for (size_t i = 0; i < want.size(); ++i) EXPECT_EQ(got[i], want[i]) << depth << " at " << i;
  }
}

// Bits below TF32's are dropped, not rounded: 1 + 2⁻¹¹ + 2⁻¹² counts as 1.
TEST(SimtTensorCore, TruncatesOperands) {
  std::vector<float> a(16 * 8, 0.f), b(8 * 8, 0.f);
  a[3 * 8 + 5] = 1.f + std::ldexp(3.f, -12);
  b[5 * 8 + 6] = -1.f - std::ldexp(3.f, -12);
  const std::vector<float> got = run_product(tf32_kernel, a, b, std::vector<float>(16 * 8, 0.f));
  for (int i = 0; i < 16 * 8; ++i) EXPECT_EQ(got[i], i == 3 * 8 + 6 ? -1.f : 0.f) << i;
}

// ---- the sparse product ----

struct SparseProduct {
  const float *a, *b;        // a: 16 × 8, the given elements
  const uint8_t* positions;  // 16 × 8: 0 or 1, which of its pair each one is
  float* d;
};

__global__ void sparse_kernel(SparseProduct p) {
  const int g = static_cast<int>(threadIdx.x) / 4, t = static_cast<int>(threadIdx.x) % 4;
  const float a[4] = {p.a[g * 8 + t], p.a[(g + 8) * 8 + t], p.a[g * 8 + t + 4],
                      p.a[(g + 8) * 8 + t + 4]};
  float b[4];
  for (int i = 0; i < 4; ++i) b[i] = p.b[(t + 4 * i) * 8 + g];
  uint32_t metadata = 0;
  for (int pair = 0; pair < 4 && t < 2; ++pair) {
    for (int half = 0; half < 2; ++half) {
      const bool second = p.positions[(g + 8 * half) * 8 + 4 * t + pair] != 0;
      metadata |= (second ? tensor_core::kSecondOfPair : tensor_core::kFirstOfPair)
                  << (16 * half + 4 * pair);
    }
  }
  float d[4];
  load_sums(d, p.d, g, t);
  tensor_core::mma_sparse_m16n8k16(d, a, b, metadata);
  store_sums(d, p.d, g, t);
}

TEST(SimtTensorCore, SparseProduct) {
  const std::vector<float> a = exact_matrix(16 * 8, 4), b = exact_matrix(16 * 8, 5),
                           c = exact_matrix(16 * 8, 6);
  std::mt19937 random(7);
  std::vector<uint8_t> positions(16 * 8);
  for (uint8_t& position : positions) position = random() % 2;
  std::vector<float> whole(16 * 16, 0.f);
  for (int i = 0; i < 16 * 8; ++i) whole[2 * i + positions[i]] = a[i];
  const std::vector<double> want = product(whole, b, c, 16);

  const DeviceArray<float> in_a(a), in_b(b), sums(c);
  const DeviceArray<uint8_t> in_positions(positions);
  EXPECT_CUDA(launch(sparse_kernel, 1, 32, 0, nullptr,
                     SparseProduct{in_a.data(), in_b.data(), in_positions.data(), sums.data()}));
  const std::vector<float> got = sums.host();
  for (size_t i = 0; i < want.size(); ++i) EXPECT_EQ(got[i], want[i]) << i;
}

// ---- asynchronous copies ----

// Three groups of a copy each: what has arrived after each wait, then zeros in place of a copy.
__global__ void copy_kernel(const float* in, float* out) {
  CUTTLE_SHARED(float, tile, [4][32][4]);
  const int lane = static_cast<int>(threadIdx.x);
  for (int i = 0; i < 4; ++i) {
    for (int j = 0; j < 4; ++j) tile[i][lane][j] = -1.f;
  }
  tensor_core::copy_async<16>(tile[0][lane], in + 4 * lane, true);
  tensor_core::commit_copies();
  tensor_core::copy_async<8>(tile[1][lane], in + 4 * lane, true);
  tensor_core::copy_async<4>(tile[1][lane] + 3, in, false);
  tensor_core::commit_copies();
  tensor_core::copy_async<16>(tile[2][lane], in + 4 * lane, true);  // in no group
  const auto show = [&](int step) {
    for (int i = 0; i < 4; ++i) {
      for (int j = 0; j < 4; ++j) out[((step * 4 + i) * 32 + lane) * 4 + j] = tile[i][lane][j];
    }
  };
  tensor_core::wait_for_copies<1>();
  show(0);
  tensor_core::wait_for_copies<0>();
  show(1);
  tensor_core::commit_copies();
  tensor_core::wait_for_copies<0>();
  show(2);
}

TEST(SimtTensorCore, CopiesArriveAtTheWait) {
  const DeviceArray<float> in(counting<float>(32 * 4)), out(3 * 4 * 32 * 4);
  EXPECT_CUDA(launch(copy_kernel, 1, 32, 0, nullptr, in.data(), out.data()));
  const std::vector<float> got = out.host();
  const auto at = [&](int step, int i, int lane, int j) {
    return got[((step * 4 + i) * 32 + lane) * 4 + j];
  };
  for (int lane = 0; lane < 32; ++lane) {
    for (int j = 0; j < 4; ++j) {
      const float source = static_cast<float>(4 * lane + j);
      for (int step = 0; step < 3; ++step) EXPECT_EQ(at(step, 0, lane, j), source);
      EXPECT_EQ(at(0, 1, lane, j), -1.f);
      EXPECT_EQ(at(1, 1, lane, j), j < 2 ? source : j == 2 ? -1.f : 0.f);
      EXPECT_EQ(at(1, 2, lane, j), -1.f);
      EXPECT_EQ(at(2, 2, lane, j), source);
      EXPECT_EQ(at(2, 3, lane, j), -1.f);
    }
  }
}

// ---- products of a warpgroup ----

constexpr int kColumns = 32, kWords = 16;  // of B; of a row: two steps of eight words
// Rows of 128 bytes with the swizzle; the first row of A is not a multiple of eight.
constexpr int kFirstRow = 3, kSwizzledA = 72 * 128;
constexpr int kWarpgroupShared = kSwizzledA + kColumns * 128;

struct WarpgroupJob {
  const uint32_t *a, *b;  // 64 × kWords and kColumns × kWords: tf32, or two bf16
  float* d;               // after a wait for the first step, and for both: 64 × kColumns each
  bool swizzled, a_in_registers, bf16;
};

/// Puts rows of kWords words where a descriptor looks for them.
__device__ void place_rows(const uint32_t* from, int rows, char* to, int first_row, bool swizzled) {
  for (int i = static_cast<int>(threadIdx.x); i < rows * kWords; i += 128) {
    const int row = i / kWords + first_row, word = i % kWords;
    const int at = swizzled ? row * 128 + ((word / 4) ^ (row % 8)) * 16 + word % 4 * 4
                            : word / 4 * rows * 16 + (row - first_row) * 16 + word % 4 * 4;
    *reinterpret_cast<uint32_t*>(to + at) = from[i];
  }
}

__global__ void warpgroup_kernel(WarpgroupJob job) {
  CUTTLE_DYNAMIC_SHARED(char, shared);
  place_rows(job.a, 64, shared, kFirstRow, job.swizzled);
  place_rows(job.b, kColumns, shared + kSwizzledA, 0, job.swizzled);
  tensor_core::show_to_products();
  __syncthreads();

  const int lane = static_cast<int>(threadIdx.x) % 32, g = lane / 4, t = lane % 4;
  const int first_row = static_cast<int>(threadIdx.x) / 32 * 16;
  float d[kColumns / 2] = {};
  const auto describe = [&](uint32_t address, int rows, int step) {
    return job.swizzled
               ? tensor_core::swizzled_descriptor(address + 32 * step, 1024)
               : tensor_core::matrix_descriptor(address + 32 * rows * step, 16 * rows, 128);
  };
  const uint32_t address =
      tensor_core::shared_address(shared) + (job.swizzled ? kFirstRow * 128 : 0);
  tensor_core::pin_registers(d);
  tensor_core::open_products();
  for (int step = 0; step < 2; ++step) {
    const uint64_t a = describe(address, 64, step);
    const uint64_t b = describe(tensor_core::shared_address(shared + kSwizzledA), kColumns, step);
    uint32_t registers[4];
    for (int i = 0; i < 4; ++i) {
      registers[i] = job.a[(first_row + g + i % 2 * 8) * kWords + 8 * step + t + i / 2 * 4];
    }
    if (job.bf16) {
      if (job.a_in_registers) tensor_core::wgmma_bf16<kColumns>(d, registers, b);
      if (!job.a_in_registers) tensor_core::wgmma_bf16<kColumns>(d, a, b);
    } else {
      if (job.a_in_registers) tensor_core::wgmma_tf32<kColumns>(d, registers, b);
      if (!job.a_in_registers) tensor_core::wgmma_tf32<kColumns>(d, a, b);
    }
    tensor_core::commit_products();
  }
  const auto store = [&](float* to) {
    for (int i = 0; i < kColumns / 2; ++i) {
      const int row = first_row + g + i % 4 / 2 * 8, column = i / 4 * 8 + 2 * t + i % 2;
      to[row * kColumns + column] = d[i];
    }
  };
  tensor_core::wait_for_products<1>();
  store(job.d);
  tensor_core::wait_for_products<0>();
  store(job.d + 64 * kColumns);
}

/// The numbers of a row, in the order of the depth.
std::vector<double> unpacked(const std::vector<uint32_t>& words, int row, int count, bool bf16) {
  const auto number = [](uint32_t bits) {
    float value;
    std::memcpy(&value, &bits, sizeof value);
    return double{value};
  };
  std::vector<double> values;
  for (int i = 0; i < count; ++i) {
    const uint32_t word = words[row * kWords + i];
    if (bf16) values.push_back(number(word << 16));
    values.push_back(number(bf16 ? word & 0xffff0000u : word));
  }
  return values;
}

std::vector<uint32_t> exact_words(int rows, bool bf16, unsigned seed) {
  const std::vector<float> values = exact_matrix(rows * kWords * 2, seed);
  std::vector<uint32_t> words(rows * kWords);
  for (size_t i = 0; i < words.size(); ++i) {
    uint32_t low, high;
    std::memcpy(&low, &values[2 * i], 4);
    std::memcpy(&high, &values[2 * i + 1], 4);
    words[i] = bf16 ? low >> 16 | (high & 0xffff0000u) : low;
  }
  return words;
}

TEST(SimtTensorCore, WarpgroupProductsArriveAtTheWait) {
  for (int variant = 0; variant < 8; ++variant) {
    const bool swizzled = variant & 1, in_registers = variant & 2, bf16 = variant & 4;
    const std::vector<uint32_t> a = exact_words(64, bf16, 8), b = exact_words(kColumns, bf16, 9);
    const DeviceArray<uint32_t> in_a(a), in_b(b);
    const DeviceArray<float> out(2 * 64 * kColumns);
    EXPECT_CUDA(
        launch(warpgroup_kernel, 1, 128, kWarpgroupShared, nullptr,
               WarpgroupJob{in_a.data(), in_b.data(), out.data(), swizzled, in_registers, bf16}));
    const std::vector<float> got = out.host();
    for (int step = 0; step < 2; ++step) {
      for (int row = 0; row < 64; ++row) {
        const std::vector<double> left = unpacked(a, row, 8 * (step + 1), bf16);
        for (int column = 0; column < kColumns; ++column) {
          const std::vector<double> right = unpacked(b, column, 8 * (step + 1), bf16);
          double want = 0;
          for (size_t k = 0; k < left.size(); ++k) want += left[k] * right[k];
          ASSERT_EQ(got[(step * 64 + row) * kColumns + column], want)
              << "variant " << variant << ", step " << step << ", " << row << ", " << column;
        }
      }
    }
  }
}

}  // namespace
}  // namespace simt_test
