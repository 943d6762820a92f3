// Matrix product of bfloat16 on the CPU: oneDNN's, with sums in float that are rounded once, tile
// by tile as the product of float. Primitives are kept by the shape of a tile.
#include "gemm_tiles.h"
#include "onednn_plans.h"

namespace cuttle::kernels {
namespace {

using cpu::GemmTile;
using dnnl::memory;

/// A tile's product; `c_step`: from row to row of C.
struct Key {
  int64_t m, n, k, step_a, step_b, step_c;
  bool transpose_a, transpose_b, has_bias, accumulate;

  friend bool operator==(const Key&, const Key&) = default;
};

struct KeyHash {
  size_t operator()(const Key& k) const {
    return cpu::hash_of({k.m, k.n, k.k, k.step_a, k.step_b, k.step_c, k.transpose_a, k.transpose_b,
                         k.has_bias, k.accumulate});
  }
};

struct Plan {
  dnnl::matmul product;
  memory::desc a, b, bias, c, scratch;
};

memory::desc matrix(int64_t rows, int64_t columns, int64_t step, bool transposed) {
  return {{rows, columns},
          memory::data_type::bf16,
          transposed ? memory::dims{1, step} : memory::dims{step, 1}};
}

Plan make_plan(const Key& key) {
  Plan plan;
  plan.a = matrix(key.m, key.k, key.step_a, key.transpose_a);
  plan.b = matrix(key.k, key.n, key.step_b, key.transpose_b);
  plan.c = matrix(key.m, key.n, key.step_c, false);
  if (key.has_bias) plan.bias = matrix(1, key.n, key.n, false);
  const auto description = cpu::describe_matmul(plan.a, plan.b, plan.bias, plan.c, key.accumulate);
  plan.scratch = description.scratchpad_desc();
  plan.product = dnnl::matmul(description);
  return plan;
}

void multiply_tile(const GemmShape& s, const GemmTile& tile, const BFloat16* a, const BFloat16* b,
                   const BFloat16* bias, BFloat16* c) {
  const Plan* const plan = cpu::kept_plan<Plan, KeyHash>(
      Key{tile.rows, tile.columns, s.k, s.step_a(), s.step_b(), s.n, s.transpose_a, s.transpose_b,
          bias != nullptr, s.accumulate},
      make_plan);
  if (plan == nullptr) fail("gemm: oneDNN has no product of bfloat16 for this processor");
  thread_local cpu::Scratch scratch;
  dnnl::stream& stream = cpu::onednn_stream();
  const int64_t row = tile.row, column = tile.column;
  std::unordered_map<int, memory> arguments = {
      {DNNL_ARG_SRC, cpu::as_memory(plan->a, a + row * (s.transpose_a ? 1 : s.step_a()))},
      {DNNL_ARG_WEIGHTS, cpu::as_memory(plan->b, b + column * (s.transpose_b ? s.step_b() : 1))},
      {DNNL_ARG_DST, cpu::as_memory(plan->c, c + row * s.n + column)},
      {DNNL_ARG_SCRATCHPAD,
       cpu::as_memory(plan->scratch, scratch.bytes(plan->scratch.get_size()))}};
  if (bias != nullptr) arguments.emplace(DNNL_ARG_BIAS, cpu::as_memory(plan->bias, bias + column));
  plan->product.execute(stream, arguments);
  stream.wait();
}

/// What is left of the product where k is 0.
void store_bias(const GemmShape& s, const BFloat16* bias, BFloat16* c) {
  for (int64_t i = 0; i < s.m; ++i)
    for (int64_t j = 0; j < s.n; ++j) {
      BFloat16& to = c[i * s.n + j];
      to = BFloat16((s.accumulate ? float(to) : 0.f) + (bias ? float(bias[j]) : 0.f));
    }
}

}  // namespace

template <>
void gemm<BFloat16>(cpu::Stream, const GemmShape& s, const BFloat16* a, const BFloat16* b,
                    const BFloat16* bias, BFloat16* c) {
  if (s.m == 0 || s.n == 0) return;
  if (s.k == 0) {
    for (int64_t batch = 0; batch < s.batch; ++batch) store_bias(s, bias, c + batch * s.stride_c);
    return;
  }
  try {
    cpu::for_each_tile(s, [&](const GemmTile& tile) {
      multiply_tile(s, tile, a + tile.batch * s.stride_a, b + tile.batch * s.stride_b, bias,
                    c + tile.batch * s.stride_c);
    });
  } catch (const dnnl::error& error) {
    cpu::fail_onednn("gemm", error);
  }
}

}  // namespace cuttle::kernels
