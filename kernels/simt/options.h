// How the interpreter runs: read once from the environment, changeable by tests.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

namespace cuttle::simt {

struct Options {
  /// CUTTLE_SIMT_SEED=number|random: threads of a block, and blocks, run in an order drawn from the
  /// seed instead of their natural one.
  std::optional<uint64_t> seed;
  /// CUTTLE_SIMT_STREAMS=deferred: work on streams runs no sooner than something waits for it, and
  /// streams that nothing orders are interleaved at random (with the seed, 0 without one).
  bool deferred_streams = false;
  /// CUTTLE_SIMT_THREADS: operating-system threads that share the blocks of a large grid, by
  /// default one a core and at most 16.
  /// Grids with a seed, in traced builds and under the thread sanitizer run on one.
  unsigned os_threads = 1;
  /// CUTTLE_SIMT_MEMORY=bytes, with K, M or G: size of a device's memory; by default not more than
  /// the machine has.
  size_t memory = size_t{16} << 30;
  /// CUTTLE_SIMT_DEVICES: how many devices there are.
  int devices = 1;
  /// CUTTLE_SIMT_WATCHDOG=seconds: a launch that takes longer is stopped with a report; 0: never.
  double watchdog = 300;
  /// CUTTLE_SIMT_LAUNCH_LOG=file: the kernels launched by this process are added to the file.
  const char* launch_log = nullptr;
};

Options& options();

/// " CUTTLE_SIMT_SEED=7 CUTTLE_SIMT_STREAMS=deferred": what to set to see a run again; empty
/// without any.
const char* how_to_repeat();

}  // namespace cuttle::simt
