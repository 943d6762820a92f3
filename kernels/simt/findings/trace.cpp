// Gathers the accesses of a block and sums them up by warp instruction when the block ends.
#include "trace.h"

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <tuple>

#include "../execution/multiprocessor.h"
#include "../runtime/device_memory.h"
#include "kernel_name.h"
#include "report.h"
#include "source_line.h"

namespace cuttle::simt {

namespace {

constexpr uint64_t kSectorBytes = 32;
constexpr unsigned kBanks = 32, kBankBytes = 4;

uint64_t key(const void* place, unsigned number) {
  return reinterpret_cast<uint64_t>(place) << 10 | number;  // ranks and warps are below 1024
}

// One byte back, for the place is the return address of a call.
std::string source_of(const void* place) {
  const std::string line = source_line(static_cast<const char*>(place) - 1);
  return line.empty() ? "an unknown place" : line;
}

// threadIdx and its kin, of which each OS thread has its own.
bool is_built_in(const void* address) {
  const auto within = [address](const auto& variable) {
    return address >= &variable && address < &variable + 1;
  };
  return within(threadIdx) || within(blockIdx) || within(blockDim) || within(gridDim);
}

}  // namespace

Trace& Trace::instance() {
  static Trace trace;
  return trace;
}

void Trace::begin_launch(const Launch& launch, const EventCounts& counts) {
  launch_ = {};
  launch_.kernel = kernel_name(launch.kernel);
  counts_before_ = counts;
  threads_ = launch.block.x * launch.block.y * launch.block.z;
}

void Trace::end_launch(const EventCounts& counts) {
  launch_.barriers = counts.barriers - counts_before_.barriers;
  launch_.warp_operations = counts.warp_operations - counts_before_.warp_operations;
  launch_.atomics = counts.atomics - counts_before_.atomics;
  if (std::getenv("CUTTLE_SIMT_COUNTERS")) std::cerr << launch_;
  finished_.push_back(launch_);
}

std::vector<LaunchCounters> Trace::take() {
  return std::exchange(finished_, {});
}

uint32_t Trace::next_ordinal(const void* place, unsigned rank) {
  return times_[key(place, rank)]++;
}

void Trace::basic_block(const void* place) {
  const unsigned rank = Multiprocessor::current()->running().rank;
  ++visits_[key(place, rank / kWarpSize)][rank % kWarpSize];
}

void Trace::access(const void* address, size_t bytes, Kind kind, const void* place) {
  Multiprocessor& running = *Multiprocessor::current();
  if (running.running().fiber->holds(address)) return;  // local memory
  const bool shared = running.memory().is_shared(address);
  if (shared) {
    if (kind != Kind::store && !running.memory().is_written(address, bytes)) {
      report("shared memory that nobody wrote is read at ", source_of(place), ", byte ",
             running.memory().describe(address));
    }
    if (kind != Kind::load) running.memory().mark_written(address, bytes);
  } else {
    const Allocation* allocation = DeviceMemory::instance().find(address);
    if (!allocation && (is_built_in(address) || is_static_data(address))) return;
    if (!allocation) {
      report("host memory, or none, is ", kind == Kind::load ? "read" : "written", " at ",
             source_of(place), ", address ", address);
    }
    if (running.launch().overlaps && !running.running().waited) {
      report("a kernel that is launched to overlap the one before it ",
             kind == Kind::load ? "reads" : "writes", " global memory at ", source_of(place),
             ", before it has waited for that one");
    }
  }
  if (kind == Kind::atomic) return;
  const unsigned rank = running.running().rank;
  accesses_.push_back({place, reinterpret_cast<uint64_t>(address), rank, next_ordinal(place, rank),
                       static_cast<uint32_t>(bytes), kind == Kind::store, shared});
}

void Trace::end_block() {
  const auto instruction = [](const Access& a) {
    return std::make_tuple(a.rank / kWarpSize, a.place, a.ordinal, a.shared);
  };
  std::stable_sort(accesses_.begin(), accesses_.end(), [&](const Access& a, const Access& b) {
    return instruction(a) < instruction(b);
  });
  for (auto begin = accesses_.cbegin(); begin != accesses_.cend();) {
    const auto end = std::find_if(begin, accesses_.cend(), [&](const Access& a) {
      return instruction(a) != instruction(*begin);
    });
    count_group(begin, end);
    begin = end;
  }
  count_basic_blocks();
  accesses_.clear();
  times_.clear();
  visits_.clear();
}

// One instruction of one warp.
void Trace::count_group(Group begin, Group end) {
  AccessCounters& counters = begin->shared
                                 ? (begin->store ? launch_.shared_stores : launch_.shared_loads)
                                 : (begin->store ? launch_.global_stores : launch_.global_loads);
  ++counters.instructions;
  // Of global memory the sectors; of shared memory, by pass of a full, half or quarter warp, the
  // words.
  std::vector<uint64_t> sectors;
  std::vector<std::pair<uint32_t, uint64_t>> words;
  for (Group a = begin; a != end; ++a) {
    counters.bytes += a->bytes;
    const uint64_t unit = a->shared ? kBankBytes : kSectorBytes;
    const uint32_t lanes_a_pass = kWarpSize / std::max(1u, a->bytes / kBankBytes);
    const uint32_t pass = a->rank % kWarpSize / std::max(1u, lanes_a_pass);
    for (uint64_t u = a->address / unit; u <= (a->address + a->bytes - 1) / unit; ++u) {
      if (a->shared) {
        words.emplace_back(pass, u);
      } else {
        sectors.push_back(u);
      }
    }
  }
  std::sort(sectors.begin(), sectors.end());
  counters.sectors +=
      static_cast<uint64_t>(std::unique(sectors.begin(), sectors.end()) - sectors.begin());
  std::sort(words.begin(), words.end());
  words.erase(std::unique(words.begin(), words.end()), words.end());
  for (auto word = words.begin(); word != words.end();) {
    std::array<unsigned, kBanks> load{};
    const uint32_t pass = word->first;
    for (; word != words.end() && word->first == pass; ++word) ++load[word->second % kBanks];
    counters.bank_conflicts += *std::max_element(load.begin(), load.end()) - 1;
  }
}

void Trace::count_basic_blocks() {
  for (const auto& [place_and_warp, lanes] : visits_) {
    const unsigned warp = place_and_warp & 1023;
    const uint32_t present = std::min(kWarpSize, threads_ - warp * kWarpSize);
    const uint32_t most = *std::max_element(lanes.begin(), lanes.end());
    const uint32_t least = *std::min_element(lanes.begin(), lanes.begin() + present);
    launch_.warp_blocks += most;
    launch_.divergent_blocks += most - least;
    for (const uint32_t times : lanes) launch_.lane_blocks += times;
  }
}

std::vector<LaunchCounters> take_launch_counters() {
  return Trace::instance().take();
}

std::ostream& operator<<(std::ostream& out, const LaunchCounters& c) {
  const auto global = [&](const char* name, const AccessCounters& a) {
    const uint64_t moved = a.sectors * kSectorBytes;
    out << "  " << name << ": " << a.instructions << " instructions, " << a.bytes << " bytes in "
        << a.sectors << " sectors (" << (moved ? 100 * a.bytes / moved : 100) << " % used)\n";
  };
  const auto shared = [&](const char* name, const AccessCounters& a) {
    out << "  " << name << ": " << a.instructions << " instructions, " << a.bank_conflicts
        << " bank conflicts\n";
  };
  out << "simt: counters of " << c.kernel << "\n";
  global("global loads ", c.global_loads);
  global("global stores", c.global_stores);
  shared("shared loads ", c.shared_loads);
  shared("shared stores", c.shared_stores);
  const uint64_t lanes = c.warp_blocks * kWarpSize;
  out << "  basic blocks: " << c.warp_blocks << " by warps, " << c.divergent_blocks
      << " with inactive lanes (" << (lanes ? 100 * c.lane_blocks / lanes : 100)
      << " % of lanes active)\n  barriers: " << c.barriers
      << ", warp operations: " << c.warp_operations << ", atomics: " << c.atomics << "\n";
  return out;
}

}  // namespace cuttle::simt
