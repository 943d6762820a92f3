// The registry of per-stream resources, and the grow-only scratch memory among them.
#include "workspace.h"

#include <algorithm>
#include <map>
#include <utility>

#include "../cuda_graph.h"
#include "../cuda_runtime.h"
#include "../error.h"
#include "check.h"
#include "stream_resources.h"

namespace cuttle::kernels::cuda {

namespace {

struct Registry {
  std::mutex mutex;
  std::map<std::pair<int, void*>, StreamResources> streams;
  std::map<int, ScratchStats> stats;
};

/// Never destroyed: at the end of the program the driver may be gone before our destructors run.
Registry& registry() {
  static Registry* const instance = std::make_unique<Registry>().release();
  return *instance;
}

void count(int device, size_t bytes, bool allocated) {
  const std::lock_guard lock(registry().mutex);
  ScratchStats& stats = registry().stats[device];
  if (allocated) {
    stats.bytes += bytes;
    ++stats.allocations;
  } else {
    stats.bytes -= bytes;
  }
}

}  // namespace

DeviceBlock::DeviceBlock(int device, size_t bytes) : device_(device), bytes_(bytes) {
  refuse_while_capturing(
      "a kernel that needs " + std::to_string(bytes) + " bytes more of scratch memory",
      "run the same work once on this stream, with these shapes, before the "
      "capture begins");
  memory_ = allocate(device, bytes);
  if (memory_ == nullptr)
    throw OutOfMemoryError("cuda:" + std::to_string(device) + ": no memory left for " +
                           std::to_string(bytes) + " bytes of kernel scratch space");
  count(device, bytes, true);
}

DeviceBlock::~DeviceBlock() {
  if (memory_ == nullptr) return;
  free(device_, memory_);
  count(device_, bytes_, false);
}

DeviceBlock::DeviceBlock(DeviceBlock&& other) noexcept
    : device_(other.device_),
      bytes_(other.bytes_),
      memory_(std::exchange(other.memory_, nullptr)) {}

StreamResources& stream_resources(Stream stream) {
  const std::lock_guard lock(registry().mutex);
  return registry().streams[{stream.device, stream.handle}];  // a map's elements never move
}

namespace {

void wait_for(Stream later, Stream earlier) {
  Event mark(earlier.device);
  mark.record(earlier);
  mark.block(later);
}

}  // namespace

void lend(StreamResources& resources, Stream owner, Stream user) {
  if (user == owner) return take_back(resources, owner);
  if (resources.lent_to == user) return;
  if (resources.last_use) resources.last_use->block(user);
  wait_for(user, resources.lent_to.value_or(owner));
  resources.last_use.reset();
  resources.lent_to = user;
}

void take_back(StreamResources& resources, Stream owner) {
  if (is_capturing()) return;
  if (resources.last_use) resources.last_use->block(owner);
  if (resources.lent_to) wait_for(owner, *resources.lent_to);
  resources.last_use.reset();
  resources.lent_to.reset();
}

void note_last_use(StreamResources& resources) {
  if (!resources.lent_to) return;
  Event mark(resources.lent_to->device);
  if (!mark.record_outside_captures(*resources.lent_to)) return;
  resources.last_use = std::move(mark);
  resources.lent_to.reset();
}

StreamLease::StreamLease(Stream stream)
    : stream_(stream), resources_(stream_resources(stream)), lock_(resources_.mutex) {
  take_back(resources_, stream);
}

void* StreamLease::reserve(size_t bytes) {
  constexpr size_t kSmallestBlock = size_t{1} << 20;
  if (bytes == 0) return nullptr;
  std::vector<DeviceBlock>& blocks = resources_.blocks;
  const size_t present = blocks.empty() ? 0 : blocks.back().bytes();
  if (present < bytes)
    blocks.emplace_back(stream_.device, std::max({bytes, 2 * present, kSmallestBlock}));
  return blocks.back().memory();
}

unsigned* StreamLease::counters(size_t count) {
  constexpr size_t kCounters = 4096, kBytes = kCounters * sizeof(unsigned);
  if (count > kCounters)
    fail("kernels: ", count, " counters asked for, of ", kCounters, " that a stream has");
  if (!resources_.counters) {
    DeviceBlock block(stream_.device, kBytes);
    clear(stream_.device, block.memory(), kBytes);
    resources_.counters.emplace(std::move(block));
  }
  return static_cast<unsigned*>(resources_.counters->memory());
}

void clear(int device, void* memory, size_t bytes) {
  const Stream stream = create_stream(device);
  const cudaError_t status = cudaMemsetAsync(memory, 0, bytes, native(stream));
  const cudaError_t done = cudaStreamSynchronize(native(stream));
  destroy_stream(stream);
  check(status, "cudaMemsetAsync");
  check(done, "cudaStreamSynchronize");
}

void release_stream_resources(Stream stream) noexcept {
  std::map<std::pair<int, void*>, StreamResources>::node_type released;
  {
    const std::lock_guard lock(registry().mutex);
    released = registry().streams.extract({stream.device, stream.handle});
  }
}  // the node's blocks and handles go here, outside the registry's lock, which they take themselves

ScratchStats scratch_stats(int device) {
  const std::lock_guard lock(registry().mutex);
  return registry().stats[device];
}

}  // namespace cuttle::kernels::cuda
