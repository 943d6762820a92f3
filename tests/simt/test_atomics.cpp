// Atomic operations on global and shared memory, over several blocks and OS threads.
#include <cuttle/kernels/simt/options.h>

#include <algorithm>

#include "support.h"

namespace simt_test {
namespace {

__global__ void histogram_kernel(const int* in, int n, int* bins) {  // bins (16)
  CUTTLE_SHARED(int, local, [16]);
  const int i = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  if (threadIdx.x < 16) local[threadIdx.x] = 0;
  __syncthreads();
  if (i < n) atomicAdd(&local[in[i] % 16], 1);
  __syncthreads();
  if (threadIdx.x < 16) atomicAdd(&bins[threadIdx.x], local[threadIdx.x]);
}

TEST(SimtAtomics, Histogram) {
  cuttle::simt::Options& options = cuttle::simt::options();
  const auto before = options;
  for (const unsigned os_threads : {1u, 3u}) {
    options.os_threads = os_threads;
    for (const int n : {1, 31, 33, 1025, 50000}) {
      std::vector<int> expected(16, 0);
      for (int i = 0; i < n; ++i) ++expected[i % 16];
      const DeviceArray<int> in(counting<int>(static_cast<size_t>(n)));
      const DeviceArray<int> bins(std::vector<int>(16, 0));
      EXPECT_CUDA(
          launch(histogram_kernel, (n + 127) / 128, 128, 0, nullptr, in.data(), n, bins.data()));
      EXPECT_EQ(bins.host(), expected);
    }
  }
  options = before;
}

struct Words {
  int sub, least, most, all, some, odd, exchanged, swapped;
  unsigned up, down;
  float real;
  double wide;
  unsigned long long large;
};

__global__ void every_atomic_kernel(Words* w) {
  const int i = static_cast<int>(threadIdx.x);
  atomicSub(&w->sub, 2);
  atomicMin(&w->least, 50 - i);
  atomicMax(&w->most, i * 3);
  atomicAnd(&w->all, ~(1 << i % 8));
  atomicOr(&w->some, 1 << i % 4);
  atomicXor(&w->odd, 1);
  atomicExch(&w->exchanged, 9);
  atomicCAS(&w->swapped, 5, 6);
  atomicInc(&w->up, 9);
  atomicDec(&w->down, 4);
  atomicAdd(&w->real, 0.5f);
  atomicAdd(&w->wide, 0.25);
  atomicAdd(&w->large, 1ull << 33);
}

TEST(SimtAtomics, EachOperation) {
  Words start{};
  start.least = 1000;
  start.all = 0xfff;
  start.swapped = 5;
  const DeviceArray<Words> words(std::vector<Words>{start});
  EXPECT_CUDA(launch(every_atomic_kernel, 1, 33, 0, nullptr, words.data()));
  const Words got = words.host()[0];
  EXPECT_EQ(got.sub, -66);
  EXPECT_EQ(got.least, 18);
  EXPECT_EQ(got.most, 96);
  EXPECT_EQ(got.all, 0xf00);
  EXPECT_EQ(got.some, 0xf);
  EXPECT_EQ(got.odd, 1);
  EXPECT_EQ(got.exchanged, 9);
  EXPECT_EQ(got.swapped, 6);
  EXPECT_EQ(got.up, 3u);    // 33 steps of a cycle of 10
  EXPECT_EQ(got.down, 2u);  // 0, then 4, 3, 2, 1, 0, 4, …
  EXPECT_EQ(got.real, 16.5f);
  EXPECT_EQ(got.wide, 8.25);
  EXPECT_EQ(got.large, 33ull << 33);
}

template <class T>
__global__ void old_integers_kernel(T* word, T* old) {
  old[0] = atomicAdd(word, T{5});
  old[1] = atomicSub(word, T{2});
  old[2] = atomicMin(word, T{90});
  old[3] = atomicMin(word, T{95});
  old[4] = atomicMax(word, T{77});
  old[5] = atomicMax(word, T{110});
  old[6] = atomicAnd(word, T{0x6b});
  old[7] = atomicOr(word, T{0x10});
  old[8] = atomicXor(word, T{0x33});
  old[9] = atomicExch(word, T{41});
  old[10] = atomicCAS(word, T{40}, T{1});  // writes nothing
  old[11] = atomicCAS(word, T{41}, T{2});
  old[12] = *word;
}

template <class T>
void expect_old_integers() {
  const DeviceArray<T> word(std::vector<T>{100}), old(13);
  EXPECT_CUDA(launch(old_integers_kernel<T>, 1, 1, 0, nullptr, word.data(), old.data()));
  EXPECT_EQ(old.host(),
            (std::vector<T>{100, 105, 103, 90, 90, 90, 110, 0x6a, 0x7a, 0x49, 41, 41, 2}));
}

TEST(SimtAtomics, IntegersReturnTheOldValue) {
  expect_old_integers<int>();
  expect_old_integers<unsigned>();
  expect_old_integers<unsigned long long>();
}

template <class T>
__global__ void old_reals_kernel(T* word, T* old) {
  old[0] = atomicAdd(word, T{0.5});
  old[1] = atomicExch(word, T{-3});
  old[2] = atomicAdd(word, T{0.25});
  old[3] = *word;
}

TEST(SimtAtomics, RealsReturnTheOldValue) {
  const DeviceArray<float> word(std::vector<float>{1}), old(4);
  EXPECT_CUDA(launch(old_reals_kernel<float>, 1, 1, 0, nullptr, word.data(), old.data()));
  EXPECT_EQ(old.host(), (std::vector<float>{1, 1.5f, -3, -2.75f}));
  const DeviceArray<double> wide_word(std::vector<double>{1}), wide_old(4);
  EXPECT_CUDA(
      launch(old_reals_kernel<double>, 1, 1, 0, nullptr, wide_word.data(), wide_old.data()));
  EXPECT_EQ(wide_old.host(), (std::vector<double>{1, 1.5, -3, -2.75}));
}

__global__ void cycle_kernel(unsigned* up, unsigned* down, unsigned* old) {
  for (unsigned i = 0; i < 5; ++i) {
    old[i] = atomicInc(up, 2);
    old[5 + i] = atomicDec(down, 2);
  }
}

TEST(SimtAtomics, CyclesReturnTheOldValue) {
  const DeviceArray<unsigned> up(std::vector<unsigned>{1}), down(std::vector<unsigned>{7}), old(10);
  EXPECT_CUDA(launch(cycle_kernel, 1, 1, 0, nullptr, up.data(), down.data(), old.data()));
  EXPECT_EQ(old.host(), (std::vector<unsigned>{1, 2, 0, 1, 2, 7, 2, 1, 0, 2}));
}

__global__ void ticket_kernel(int* next, int* ticket_of) {
  ticket_of[blockIdx.x * blockDim.x + threadIdx.x] = atomicAdd(next, 1);
}

// Threads of many blocks that draw from one word all get different numbers.
TEST(SimtAtomics, OldValuesAreTickets) {
  const auto before = cuttle::simt::options();
  cuttle::simt::options().os_threads = 3;
  const DeviceArray<int> next(std::vector<int>{0}), ticket_of(64 * 128);
  EXPECT_CUDA(launch(ticket_kernel, 64, 128, 0, nullptr, next.data(), ticket_of.data()));
  std::vector<int> tickets = ticket_of.host();
  std::sort(tickets.begin(), tickets.end());
  EXPECT_EQ(tickets, counting<int>(64 * 128));
  cuttle::simt::options() = before;
}

__global__ void wrap_kernel(int* sum, int* difference) {
  atomicAdd(sum, 0x7fffffff);
  atomicSub(difference, 0x7fffffff);
}

TEST(SimtAtomics, IntegersWrapAround) {
  const DeviceArray<int> sum(std::vector<int>{5}), difference(std::vector<int>{-5});
  EXPECT_CUDA(launch(wrap_kernel, 1, 2, 0, nullptr, sum.data(), difference.data()));
  EXPECT_EQ(sum.host()[0], 3);
  EXPECT_EQ(difference.host()[0], -3);
}

// Every thread of a block makes progress while another one spins, the first or the last to start.
__global__ void wait_for_each_other_kernel(int* turn, bool sleeps) {
  const int mine = static_cast<int>(threadIdx.x);
  while (atomicAdd(turn, 0) != static_cast<int>(blockDim.x) - 1 - mine) {
    if (sleeps) __nanosleep(100);
  }
  atomicAdd(turn, 1);
}

TEST(SimtAtomics, SpinningThreadsWaitForEachOther) {
  for (const bool sleeps : {false, true}) {
    const DeviceArray<int> turn(std::vector<int>{0});
    EXPECT_CUDA(launch(wait_for_each_other_kernel, 1, 64, 0, nullptr, turn.data(), sleeps));
    EXPECT_EQ(turn.host()[0], 64);
  }
}

// The last block to finish adds up what all blocks wrote: needs the fences to be correct.
__global__ void last_block_kernel(const int* in, int* partial, unsigned* done, int* total) {
  CUTTLE_SHARED(int, is_last);
  if (threadIdx.x == 0) {
    int sum = 0;
    for (unsigned i = 0; i < blockDim.x; ++i) sum += in[blockIdx.x * blockDim.x + i];
    partial[blockIdx.x] = sum;
    __threadfence();
    is_last = atomicInc(done, gridDim.x - 1) == gridDim.x - 1;
  }
  __syncthreads();
  if (!is_last || threadIdx.x != 0) return;
  __threadfence();
  int sum = 0;
  for (unsigned b = 0; b < gridDim.x; ++b) sum += partial[b];
  *total = sum;
}

TEST(SimtAtomics, LastBlockSeesAllOthers) {
  const DeviceArray<int> in(counting<int>(512)), partial(8), total(1);
  const DeviceArray<unsigned> done(std::vector<unsigned>{0});
  EXPECT_CUDA(launch(last_block_kernel, 8, 64, 0, nullptr, in.data(), partial.data(), done.data(),
                     total.data()));
  EXPECT_EQ(total.host()[0], 512 * 511 / 2);
}

}  // namespace
}  // namespace simt_test
