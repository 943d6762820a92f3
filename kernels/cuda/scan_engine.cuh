// The GPU's scan engine. Rows that a block can hold take one launch. Longer ones are cut into
// chunks and take three: what each chunk comes to, a scan of that, and the chunks again, each
// beginning with what lies before it. No block waits for another one. An operation is a struct of
// ../scan_ops.h.
#pragma once

#include <algorithm>

#include "../scan_ops.h"
#include "group_scan.cuh"
#include "workspace.h"

namespace cuttle::kernels::cuda {

inline constexpr int kScanThreads = 256;
/// Neighbours along a row that a thread keeps in registers.
inline constexpr int kScanItems = 8;
inline constexpr int64_t kScanTile = int64_t{kScanThreads} * kScanItems;
/// Threads that columns are cut for, the least elements of a column a thread walks, and the most
/// chunks, since one thread scans what the chunks of a column come to.
inline constexpr int64_t kScanColumnThreads = 1 << 17, kScanColumnChunk = 64,
                         kScanMostChunks = 4096;

/// How a scan falls to threads. Made from the shape alone, so that the order of operations is too.
struct ScanPlan {
  explicit ScanPlan(const ScanShape& shape) : rows(shape.inner == 1) {
    if (rows) {
      chunk = std::min(shape.length, kScanTile);
      lanes = lanes_for((shape.length + kScanItems - 1) / kScanItems, kScanThreads);
    } else {
      const int64_t wanted = kScanColumnThreads / (shape.outer * shape.inner);
      const int64_t most = std::min(shape.length / kScanColumnChunk, kScanMostChunks);
      const int64_t pieces = std::max<int64_t>(1, std::min(wanted, most));
      chunk = (shape.length + pieces - 1) / pieces;
    }
    chunks = (shape.length + chunk - 1) / chunk;
  }

  bool rows;          // inner is 1
  int lanes = 1;      // threads that share a chunk of a row
  int64_t chunk = 1;  // elements along the dimension
  int64_t chunks = 1;
};

/// Bytes of device memory that run_scan wants for a shape.
template <class Op>
size_t scan_scratch(const ScanShape& shape) {
  if (shape.numel() == 0) return 0;
  const ScanPlan plan(shape);
  const int64_t carries = plan.chunks > 1 ? shape.outer * plan.chunks * shape.inner : 0;
  return static_cast<size_t>(carries) * sizeof(typename Op::State);
}

/// Scans chunks of rows, or with kReduce writes carries[row, chunk] = what each comes to. carries:
/// what lies before each chunk, or nullptr where a row is one chunk.
/// Layout: rows of `length` elements, one behind the other.
/// Launch: groups of `lanes` threads, a group a chunk of 8 · lanes elements, in blocks of 256; the
/// grid covers rows · chunks. Bound: memory; a thread's 8 neighbours are whole sectors, which the
/// first-level cache keeps between its loads. Deterministic.
template <class Op, bool kReduce>
__global__ void __launch_bounds__(kScanThreads)
    scan_rows_kernel(Op op, ScanShape shape, int lanes, int64_t chunks,
                     typename Op::State* carries) {
  using State = typename Op::State;
  const ThreadGroup<kScanThreads> group(lanes);
  const int64_t piece = int64_t{blockIdx.x} * group.groups() + group.group;
  const int64_t row = chunks == 1 ? piece : piece / chunks;
  const bool present = row < shape.outer;  // no early return: the block meets in exclusive_scan()
  const int64_t first = ((piece - row * chunks) * lanes + group.lane) * kScanItems;
  wait_for_predecessor();
  const auto position_of = [&](int64_t k) { return shape.reverse ? shape.length - 1 - k : k; };

  State items[kScanItems], total = Op::none();
  CUTTLE_UNROLL
  for (int i = 0; i < kScanItems; ++i) {
    const int64_t position = position_of(first + i);
    const bool inside = present && first + i < shape.length;
    items[i] = inside ? op.load(row * shape.length + position, position) : Op::none();
    total = Op::join(total, items[i]);
  }
  State running = exclusive_scan<Op>(total, group);
  if constexpr (kReduce) {
    if (present && group.lane == lanes - 1) carries[piece] = Op::join(running, total);
  } else {
    if (present && carries != nullptr) running = Op::join(carries[piece], running);
    CUTTLE_UNROLL
    for (int i = 0; i < kScanItems; ++i) {
      running = Op::join(running, items[i]);
      if (present && first + i < shape.length)
        op.store(row * shape.length + position_of(first + i), running);
    }
  }
}

/// carries (rows, chunks): replaces what each chunk of a row comes to by what lies before it.
/// Launch: a block of 256 a row, 2,048 chunks at a time. Bound: latency. Deterministic.
template <class Op>
__global__ void __launch_bounds__(kScanThreads)
    scan_row_carries_kernel(int64_t chunks, typename Op::State* carries) {
  using State = typename Op::State;
  CUTTLE_SHARED(State, so_far, [1]);
  const ThreadGroup<kScanThreads> group(kScanThreads);
  wait_for_predecessor();
  State* const row = carries + blockIdx.x * chunks;
  State before = Op::none();  // of the tile
  for (int64_t tile = 0; tile < chunks; tile += kScanTile) {
    const int64_t first = tile + threadIdx.x * kScanItems;
    State items[kScanItems], total = Op::none();
    CUTTLE_UNROLL
    for (int i = 0; i < kScanItems; ++i) {
      items[i] = first + i < chunks ? row[first + i] : Op::none();
      total = Op::join(total, items[i]);
    }
    State running = Op::join(before, exclusive_scan<Op>(total, group));
    if (threadIdx.x == kScanThreads - 1) so_far[0] = Op::join(running, total);
    CUTTLE_UNROLL
    for (int i = 0; i < kScanItems; ++i) {
      if (first + i < chunks) row[first + i] = running;
      running = Op::join(running, items[i]);
    }
    __syncthreads();
    before = so_far[0];
  }
}

/// Scans chunks of columns, or with kReduce writes carries[outer, chunk, column] = what each comes
/// to. carries as for rows.
/// Layout: (outer, length, inner), scanned along length.
/// Launch: block 256, a thread a chunk of a column, neighbouring threads neighbouring columns, so
/// that accesses coalesce; the grid covers outer · chunks · inner. Bound: memory where there are
/// many columns, else the latency of a thread's loads. Deterministic.
template <class Op, bool kReduce>
__global__ void __launch_bounds__(kScanThreads, 1)
    scan_columns_kernel(Op op, ScanShape shape, int64_t chunk, int64_t chunks,
                        typename Op::State* carries) {
  using State = typename Op::State;
  const int64_t piece = int64_t{blockIdx.x} * kScanThreads + threadIdx.x;
  const int64_t column = piece % shape.inner, row = piece / shape.inner;
  const int64_t outer = row / chunks, first = row % chunks * chunk;
  const int64_t last = first + chunk < shape.length ? first + chunk : shape.length;
  wait_for_predecessor();
  if (outer >= shape.outer) return;
  State running = kReduce || carries == nullptr ? Op::none() : carries[piece];
  for (int64_t k = first; k < last; ++k) {
    const int64_t position = shape.reverse ? shape.length - 1 - k : k;
    const int64_t at = (outer * shape.length + position) * shape.inner + column;
    running = Op::join(running, op.load(at, position));
    if constexpr (!kReduce) op.store(at, running);
  }
  if constexpr (kReduce) carries[piece] = running;
}

/// carries (outer, chunks, inner): replaces what each chunk comes to by what lies before it.
/// Launch: block 256, a thread a column. Bound: latency. Deterministic.
template <class Op>
__global__ void __launch_bounds__(kScanThreads)
    scan_column_carries_kernel(int64_t outer, int64_t chunks, int64_t inner,
                               typename Op::State* carries) {
  using State = typename Op::State;
  const int64_t piece = int64_t{blockIdx.x} * kScanThreads + threadIdx.x;
  wait_for_predecessor();
  if (piece >= outer * inner) return;
  State* at = carries + piece / inner * chunks * inner + piece % inner;
  State running = Op::none();
  for (int64_t c = 0; c < chunks; ++c, at += inner) {
    const State own = *at;
    *at = running;
    running = Op::join(running, own);
  }
}

/// Queues the scan. `scratch`: scan_scratch bytes that are nobody else's until it is done.
template <class Op>
void run_scan(Stream stream, const ScanShape& shape, const Op& op, void* scratch) {
  if (shape.numel() == 0) return;
  const ScanPlan plan(shape);
  auto* const carries = static_cast<typename Op::State*>(scratch);
  const int64_t pieces = shape.outer * plan.chunks * shape.inner;
  if (plan.rows) {
    const LaunchShape launch(blocks_for(pieces, kScanThreads / plan.lanes), kScanThreads);
    if (plan.chunks > 1) {
      launch_overlapping(stream, launch, scan_rows_kernel<Op, true>, op, shape, plan.lanes,
                         plan.chunks, carries);
      launch_overlapping(stream, {blocks_for(shape.outer, 1), kScanThreads},
                         scan_row_carries_kernel<Op>, plan.chunks, carries);
    }
    launch_overlapping(stream, launch, scan_rows_kernel<Op, false>, op, shape, plan.lanes,
                       plan.chunks, plan.chunks > 1 ? carries : nullptr);
    return;
  }
  const LaunchShape launch(blocks_for(pieces, kScanThreads), kScanThreads);
  if (plan.chunks > 1) {
    launch_overlapping(stream, launch, scan_columns_kernel<Op, true>, op, shape, plan.chunk,
                       plan.chunks, carries);
    launch_overlapping(stream, {blocks_for(shape.outer * shape.inner, kScanThreads), kScanThreads},
                       scan_column_carries_kernel<Op>, shape.outer, plan.chunks, shape.inner,
                       carries);
  }
  launch_overlapping(stream, launch, scan_columns_kernel<Op, false>, op, shape, plan.chunk,
                     plan.chunks, plan.chunks > 1 ? carries : nullptr);
}

/// The same with the stream's scratch memory.
template <class Op>
void run_scan(Stream stream, const ScanShape& shape, const Op& op) {
  const size_t bytes = scan_scratch<Op>(shape);
  if (bytes == 0) return run_scan(stream, shape, op, nullptr);
  StreamLease lease(stream);
  run_scan(stream, shape, op, lease.scratch<void>(bytes));
}

}  // namespace cuttle::kernels::cuda
