// Matrix products of a warpgroup on tensor cores: wgmma (compute capability 9.0, compiled for
// sm_90a). 128 threads call together; the products run beside them until the wait. Operands lie in
// shared memory, or A in registers. In the interpreter they are computed at the wait
// (simt/language/ warpgroup.h), from descriptors decoded as the hardware does.
//
// d[4j .. 4j + 3] of a lane are columns 8j to 8j + 7, as mma.cuh has them; warp w of the warpgroup
// has rows 16w to 16w + 15.
#pragma once

#include <cstdint>

#include "ptx.cuh"

namespace cuttle::kernels::cuda {

/// The 32-bit address of something in shared memory.
__device__ __forceinline__ uint32_t shared_address(const void* pointer) {
#if defined(__CUDACC__)
  return static_cast<uint32_t>(__cvta_generic_to_shared(pointer));
#else
  return simt::shared_offset(pointer);
#endif
}

/// Describes a matrix whose unit is 8 rows of 16 bytes, 128 contiguous bytes at any multiple of 16.
/// depth_stride: bytes to the next 16 bytes of a row; row_stride: to the next 8 rows.
__device__ __forceinline__ uint64_t matrix_descriptor(uint32_t address, uint32_t depth_stride,
                                                      uint32_t row_stride) {
  return uint64_t{address >> 4} | uint64_t{depth_stride >> 4} << 16 |
         uint64_t{row_stride >> 4} << 32;
}

/// Describes rows of 128 bytes with their 16-byte units swizzled: unit u lies at u ^ (address / 128
/// % 8). The swizzle is one of addresses, so the first row may be any row; the next eight depths of
/// TF32, or sixteen of bf16, begin 32 bytes further. row_stride: bytes to the next 8 rows.
__device__ __forceinline__ uint64_t swizzled_descriptor(uint32_t address, uint32_t row_stride) {
  return uint64_t{address >> 4} | uint64_t{1} << 16 | uint64_t{row_stride >> 4} << 32 |
         uint64_t{1} << 62;
}

/// Shows the calling thread's writes to shared memory to later products; before the barrier that
/// comes before them.
__device__ __forceinline__ void show_to_products() {
#if defined(__CUDACC__)
  CUTTLE_PTX_90A("fence.proxy.async.shared::cta;" ::: "memory");
#endif
}

/// Before the first product, and after other writes to the registers that products use.
__device__ __forceinline__ void open_products() {
#if defined(__CUDACC__)
  CUTTLE_PTX_90A("wgmma.fence.sync.aligned;" ::: "memory");
#endif
}

/// Makes a group of the products since the last call.
__device__ __forceinline__ void commit_products() {
#if defined(__CUDACC__)
  CUTTLE_PTX_90A("wgmma.commit_group.sync.aligned;" ::: "memory");
#else
  simt::commit_products();
#endif
}

/// Waits until at most the `GroupsLeft` youngest groups are under way.
template <int GroupsLeft>
__device__ __forceinline__ void wait_for_products() {
#if defined(__CUDACC__)
  CUTTLE_PTX_90A("wgmma.wait_group.sync.aligned %0;" ::"n"(GroupsLeft) : "memory");
#else
  simt::wait_for_products(GroupsLeft);
#endif
}

/// Keeps the compiler from moving reads or writes of registers that products use across this point.
template <int Count>
__device__ __forceinline__ void pin_registers([[maybe_unused]] float (&values)[Count]) {
#if defined(__CUDACC__)
  CUTTLE_UNROLL
  for (int i = 0; i < Count; ++i) CUTTLE_PTX_90A("" : "+f"(values[i])::"memory");
#endif
}

#if defined(__CUDACC__)

/// The instructions, by the number of columns; defined for those below.
template <int N>
struct Wgmma;

#define CUTTLE_D8(i)                                                                          \
  "+f"(d[i]), "+f"(d[i + 1]), "+f"(d[i + 2]), "+f"(d[i + 3]), "+f"(d[i + 4]), "+f"(d[i + 5]), \
      "+f"(d[i + 6]), "+f"(d[i + 7])
// One instruction: `sums` names the registers of D, a and b those behind them.
#define CUTTLE_WGMMA_INSTRUCTION(N, type, depth, sums, a, b, end, ...)                          \
  CUTTLE_PTX_90A(                                                                               \
      "{\n.reg .pred add;\nsetp.eq.u32 add, 1, 1;\n"                                            \
      "wgmma.mma_async.sync.aligned.m64n" #N "k" #depth ".f32." type "." type " {" sums "}, " a \
      ", " b ", add, 1, 1" end ";\n}"                                                           \
      : __VA_ARGS__)
#define CUTTLE_WGMMA(N, sums, a, b, a0, a1, a2, a3, a4, ...)                                    \
  template <>                                                                                   \
  struct Wgmma<N> {                                                                             \
    static __device__ __forceinline__ void tf32(float (&d)[N / 2], uint64_t a_, uint64_t b_) {  \
      CUTTLE_WGMMA_INSTRUCTION(N, "tf32", 8, sums, a, b, "", __VA_ARGS__ : "l"(a_), "l"(b_));   \
    }                                                                                           \
    static __device__ __forceinline__ void bf16(float (&d)[N / 2], uint64_t a_, uint64_t b_) {  \
      CUTTLE_WGMMA_INSTRUCTION(N, "bf16", 16, sums, a, b, ", 0, 0", __VA_ARGS__                 \
                               : "l"(a_), "l"(b_));                                             \
    }                                                                                           \
    static __device__ __forceinline__ void tf32(float (&d)[N / 2], const uint32_t (&a_)[4],     \
                                                uint64_t b_) {                                  \
      CUTTLE_WGMMA_INSTRUCTION(N, "tf32", 8, sums, "{" a0 "," a1 "," a2 "," a3 "}", a4, "",     \
                               __VA_ARGS__                                                      \
                               : "r"(a_[0]), "r"(a_[1]), "r"(a_[2]), "r"(a_[3]), "l"(b_));      \
    }                                                                                           \
    static __device__ __forceinline__ void bf16(float (&d)[N / 2], const uint32_t (&a_)[4],     \
                                                uint64_t b_) {                                  \
      CUTTLE_WGMMA_INSTRUCTION(N, "bf16", 16, sums, "{" a0 "," a1 "," a2 "," a3 "}", a4, ", 0", \
                               __VA_ARGS__                                                      \
                               : "r"(a_[0]), "r"(a_[1]), "r"(a_[2]), "r"(a_[3]), "l"(b_));      \
    }                                                                                           \
  };
#define CUTTLE_P0 "%0,%1,%2,%3,%4,%5,%6,%7"
#define CUTTLE_P1 CUTTLE_P0 ",%8,%9,%10,%11,%12,%13,%14,%15"
#define CUTTLE_P2 CUTTLE_P1 ",%16,%17,%18,%19,%20,%21,%22,%23"
#define CUTTLE_P3 CUTTLE_P2 ",%24,%25,%26,%27,%28,%29,%30,%31"
#define CUTTLE_P4 CUTTLE_P3 ",%32,%33,%34,%35,%36,%37,%38,%39"
#define CUTTLE_P5 CUTTLE_P4 ",%40,%41,%42,%43,%44,%45,%46,%47"
#define CUTTLE_P6 CUTTLE_P5 ",%48,%49,%50,%51,%52,%53,%54,%55"
#define CUTTLE_P7 CUTTLE_P6 ",%56,%57,%58,%59,%60,%61,%62,%63"
#define CUTTLE_P8 CUTTLE_P7 ",%64,%65,%66,%67,%68,%69,%70,%71"
#define CUTTLE_P9 CUTTLE_P8 ",%72,%73,%74,%75,%76,%77,%78,%79"
#define CUTTLE_P10 CUTTLE_P9 ",%80,%81,%82,%83,%84,%85,%86,%87"
#define CUTTLE_P11 CUTTLE_P10 ",%88,%89,%90,%91,%92,%93,%94,%95"
#define CUTTLE_P12 CUTTLE_P11 ",%96,%97,%98,%99,%100,%101,%102,%103"
#define CUTTLE_P13 CUTTLE_P12 ",%104,%105,%106,%107,%108,%109,%110,%111"
#define CUTTLE_P14 CUTTLE_P13 ",%112,%113,%114,%115,%116,%117,%118,%119"
#define CUTTLE_P15 CUTTLE_P14 ",%120,%121,%122,%123,%124,%125,%126,%127"
CUTTLE_WGMMA(16, CUTTLE_P0, "%8", "%9", "%8", "%9", "%10", "%11", "%12", CUTTLE_D8(0))
CUTTLE_WGMMA(32, CUTTLE_P1, "%16", "%17", "%16", "%17", "%18", "%19", "%20", CUTTLE_D8(0),
             CUTTLE_D8(8))
CUTTLE_WGMMA(64, CUTTLE_P3, "%32", "%33", "%32", "%33", "%34", "%35", "%36", CUTTLE_D8(0),
             CUTTLE_D8(8), CUTTLE_D8(16), CUTTLE_D8(24))
CUTTLE_WGMMA(80, CUTTLE_P4, "%40", "%41", "%40", "%41", "%42", "%43", "%44", CUTTLE_D8(0),
             CUTTLE_D8(8), CUTTLE_D8(16), CUTTLE_D8(24), CUTTLE_D8(32))
CUTTLE_WGMMA(96, CUTTLE_P5, "%48", "%49", "%48", "%49", "%50", "%51", "%52", CUTTLE_D8(0),
             CUTTLE_D8(8), CUTTLE_D8(16), CUTTLE_D8(24), CUTTLE_D8(32), CUTTLE_D8(40))
CUTTLE_WGMMA(128, CUTTLE_P7, "%64", "%65", "%64", "%65", "%66", "%67", "%68", CUTTLE_D8(0),
             CUTTLE_D8(8), CUTTLE_D8(16), CUTTLE_D8(24), CUTTLE_D8(32), CUTTLE_D8(40),
             CUTTLE_D8(48), CUTTLE_D8(56))
CUTTLE_WGMMA(256, CUTTLE_P15, "%128", "%129", "%128", "%129", "%130", "%131", "%132", CUTTLE_D8(0),
             CUTTLE_D8(8), CUTTLE_D8(16), CUTTLE_D8(24), CUTTLE_D8(32), CUTTLE_D8(40),
             CUTTLE_D8(48), CUTTLE_D8(56), CUTTLE_D8(64), CUTTLE_D8(72), CUTTLE_D8(80),
             CUTTLE_D8(88), CUTTLE_D8(96), CUTTLE_D8(104), CUTTLE_D8(112), CUTTLE_D8(120))
#undef CUTTLE_P0
#undef CUTTLE_P1
#undef CUTTLE_P2
#undef CUTTLE_P3
#undef CUTTLE_P4
#undef CUTTLE_P5
#undef CUTTLE_P6
#undef CUTTLE_P7
#undef CUTTLE_P8
#undef CUTTLE_P9
#undef CUTTLE_P10
#undef CUTTLE_P11
#undef CUTTLE_P12
#undef CUTTLE_P13
#undef CUTTLE_P14
#undef CUTTLE_P15
#undef CUTTLE_WGMMA
#undef CUTTLE_WGMMA_INSTRUCTION
#undef CUTTLE_D8

#endif

/// d += A · B, m64nNk8 of TF32 with both described: A by rows, B by columns, both along the depth.
template <int N>
__device__ __forceinline__ void wgmma_tf32(float (&d)[N / 2], uint64_t a, uint64_t b CUTTLE_SITE) {
#if defined(__CUDACC__)
  Wgmma<N>::tf32(d, a, b);
#else
  simt::wgmma(d, N, false, nullptr, a, b, site);
#endif
}

/// The same with A in registers: bits of TF32 numbers, laid out as mma_m16n8k8 takes them.
template <int N>
__device__ __forceinline__ void wgmma_tf32(float (&d)[N / 2], const uint32_t (&a)[4],
                                           uint64_t b CUTTLE_SITE) {
#if defined(__CUDACC__)
  Wgmma<N>::tf32(d, a, b);
#else
  simt::wgmma(d, N, false, a, 0, b, site);
#endif
}

/// d += A · B, m64nNk16 of bf16.
template <int N>
__device__ __forceinline__ void wgmma_bf16(float (&d)[N / 2], uint64_t a, uint64_t b CUTTLE_SITE) {
#if defined(__CUDACC__)
  Wgmma<N>::bf16(d, a, b);
#else
  simt::wgmma(d, N, true, nullptr, a, b, site);
#endif
}

/// The same with A in registers, laid out as mma_m16n8k16 takes it.
template <int N>
__device__ __forceinline__ void wgmma_bf16(float (&d)[N / 2], const uint32_t (&a)[4],
                                           uint64_t b CUTTLE_SITE) {
#if defined(__CUDACC__)
  Wgmma<N>::bf16(d, a, b);
#else
  simt::wgmma(d, N, true, a, 0, b, site);
#endif
}

}  // namespace cuttle::kernels::cuda
