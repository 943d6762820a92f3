#include "cuda_graph.h"

#include <atomic>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "allocators.h"
#include "cuda_stream.h"
#include "dispatch.h"
#include "stream_use.h"
#if defined(CUTTLE_CUDA)
#include "../kernels/cuda_graph.h"
#endif

namespace cuttle {
namespace {

// An OrdinaryMemoryGuard lives on this thread.
constinit thread_local bool ordinary_memory = false;

}  // namespace

cuda::OrdinaryMemoryGuard::OrdinaryMemoryGuard() noexcept
    : before_(std::exchange(ordinary_memory, true)) {}
cuda::OrdinaryMemoryGuard::~OrdinaryMemoryGuard() {
  ordinary_memory = before_;
}

}  // namespace cuttle

#if defined(CUTTLE_CUDA)

namespace cuttle {

namespace gpu = kernels::cuda;

namespace {

PoolId next_pool() {
  static std::atomic<PoolId> last{0};
  return ++last;
}

}  // namespace

struct cuda::GraphState {
  explicit GraphState(int device_index) : device(DeviceType::cuda, device_index) {}
  ~GraphState() {
    if (pool == 0) return;
    const StreamId last = last_user->native().handle;
    for (const std::shared_ptr<Storage>& storage : outside) storage->note_use(last);
    allocator_of(device).release_pool(pool, last);
  }
  GraphState(const GraphState&) = delete;
  GraphState& operator=(const GraphState&) = delete;

  Device device;
  std::optional<Stream> home;       // the stream that is, or was, captured
  std::optional<Stream> last_user;  // where it was captured, or launched last; outlives the graph
  std::optional<gpu::Graph> graph;
  std::vector<std::function<void()>> updates;  // before_replay's
  std::set<std::shared_ptr<Storage>> outside;  // what the captured work uses of other memory
  PoolId pool = 0;
};

namespace {

// What this thread captures.
constinit thread_local cuda::GraphState* capture = nullptr;

}  // namespace

uint64_t pool_of_capture() noexcept {
  return capture == nullptr || ordinary_memory ? 0 : capture->pool;
}

uint64_t number_of_capture() noexcept {
  return capture == nullptr ? 0 : capture->pool;
}

void keep_for_capture(const std::shared_ptr<Storage>& storage) {
  if (storage->pool() != capture->pool) capture->outside.insert(storage);
}

namespace cuda {

CUDAGraph::CUDAGraph(int device) : state_(std::make_unique<GraphState>(device)) {}
CUDAGraph::~CUDAGraph() {
  abandon();
}

void CUDAGraph::capture_begin() {
  if (capture != nullptr) fail("capture_begin: this thread captures a CUDA graph already");
  if (is_captured()) fail("capture_begin: this graph holds a capture; reset() it, or use another");
  const int device = state_->device.index();
  const Stream stream = current_stream(device);
  if (stream == default_stream(device))
    fail("capture_begin: the default stream of ", state_->device,
         " is shared by all threads; capture on a stream of your own, as with StreamGuard "
         "guard{Stream()}");
  gpu::begin_capture(stream.native());
  state_->home = state_->last_user = stream;
  state_->pool = next_pool();
  capture = state_.get();
}

void CUDAGraph::capture_end() {
  if (capture == nullptr || capture != state_.get())
    fail("capture_end: this thread does not capture this graph");
  capture = nullptr;
  try {
    state_->graph = gpu::Graph::end_capture(state_->home->native());
  } catch (...) {
    reset();
    throw;
  }
}

void CUDAGraph::abandon() noexcept {
  if (capture != state_.get()) return;
  capture = nullptr;
  gpu::abandon_capture(state_->home->native());
  reset();
}

void CUDAGraph::replay() {
  if (!is_captured()) fail("replay: nothing was captured; call capture_begin() and capture_end()");
  gpu::refuse_while_capturing("CUDAGraph::replay",
                              "a graph is no part of another; replay it before "
                              "the capture begins, or after it has ended");
  const Stream stream = current_stream(state_->device.index());
  // The updates write what the last replay reads.
  if (!(stream == *state_->last_user)) stream.wait_stream(*state_->last_user);
  for (const std::function<void()>& update : state_->updates) update();
  state_->graph->launch(stream.native());
  state_->last_user = stream;
}

void CUDAGraph::reset() {
  if (capture == state_.get()) return abandon();
  state_ = std::make_unique<GraphState>(state_->device.index());
}

bool CUDAGraph::is_captured() const noexcept {
  return state_->graph.has_value();
}

bool is_capturing() noexcept {
  return capture != nullptr;
}

void before_replay(std::function<void()> update) {
  if (capture == nullptr)
    fail("before_replay: this thread captures no CUDA graph; ask is_capturing() first");
  capture->updates.push_back(std::move(update));
}

CaptureGuard::CaptureGuard(CUDAGraph& graph) : graph_(graph) {
  graph.capture_begin();
}

CaptureGuard::~CaptureGuard() {
  if (open_) graph_.abandon();
}

void CaptureGuard::end() {
  open_ = false;
  graph_.capture_end();
}

}  // namespace cuda
}  // namespace cuttle

#else

namespace cuttle {

uint64_t pool_of_capture() noexcept {
  return 0;
}
uint64_t number_of_capture() noexcept {
  return 0;
}
void keep_for_capture(const std::shared_ptr<Storage>&) {}

namespace cuda {

// Nothing below is reached but for constructors: naming a CUDA device throws.
struct GraphState {};
CUDAGraph::CUDAGraph(int device) {
  Device(DeviceType::cuda, device);
}
CUDAGraph::~CUDAGraph() = default;
void CUDAGraph::capture_begin() {}
void CUDAGraph::capture_end() {}
void CUDAGraph::replay() {}
void CUDAGraph::reset() {}
void CUDAGraph::abandon() noexcept {}
bool CUDAGraph::is_captured() const noexcept {
  return false;
}
bool is_capturing() noexcept {
  return false;
}
void before_replay(std::function<void()>) {
  fail("before_replay: this build of Cuttle has no GPU backend, so nothing is captured");
}
CaptureGuard::CaptureGuard(CUDAGraph& graph) : graph_(graph) {}
CaptureGuard::~CaptureGuard() = default;
void CaptureGuard::end() {}

}  // namespace cuda
}  // namespace cuttle

#endif
