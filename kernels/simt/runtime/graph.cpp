// The rules of stream capture, and the run of a graph.
#include "graph.h"

#include <algorithm>
#include <random>

#include "../options.h"
#include "driver.h"

namespace cuttle::simt {

namespace {

thread_local cudaStreamCaptureMode thread_mode = cudaStreamCaptureModeGlobal;

cudaError_t spoil(Capture& capture) {
  capture.invalid = true;
  return cudaErrorStreamCaptureUnsupported;
}

// A capture forbids unsafe calls to all threads, to its own thread, or to nobody; and each thread
// may have asked to be let through.
bool forbids(const Capture& capture) {
  if (thread_mode == cudaStreamCaptureModeRelaxed) return false;
  if (capture.mode == cudaStreamCaptureModeRelaxed) return false;
  const bool own = capture.thread == std::this_thread::get_id();
  const bool all =
      capture.mode == cudaStreamCaptureModeGlobal && thread_mode == cudaStreamCaptureModeGlobal;
  return own || all;
}

}  // namespace

size_t Capture::add(std::function<void()> work, std::vector<size_t> after) {
  nodes.push_back({std::move(work), std::move(after)});
  return nodes.size() - 1;
}

bool Capture::is_before(size_t earlier, size_t later) const {
  if (earlier > later) return false;
  // From `later` down, each node that it waits for is marked before its turn comes.
  std::vector<bool> waited_for(later + 1);
  waited_for[later] = true;
  for (size_t node = later; node > earlier; --node) {
    if (!waited_for[node]) continue;
    for (const size_t before : nodes[node].after) waited_for[before] = true;
  }
  return waited_for[earlier];
}

cudaError_t refuse_while_capturing() {
  for (const std::shared_ptr<Queue>& queue : Driver::instance().queues()) {
    if (queue->capture && forbids(*queue->capture)) return spoil(*queue->capture);
  }
  return cudaSuccess;
}

cudaError_t refuse_if_capturing(Queue& queue) {
  return queue.capture ? spoil(*queue.capture) : cudaSuccess;
}

cudaError_t refuse_if_capturing(int device) {
  cudaError_t error = cudaSuccess;
  for (const std::shared_ptr<Queue>& queue : Driver::instance().queues()) {
    if (queue->capture && queue->device == device) error = spoil(*queue->capture);
  }
  return error;
}

cudaError_t refuse_implicit_dependency(const Queue& queue) {
  if (!Driver::instance().is_default(queue)) return cudaSuccess;
  for (const std::shared_ptr<Queue>& other : Driver::instance().queues()) {
    if (other->capture && other->blocking && other->device == queue.device) {
      other->capture->invalid = true;
      return cudaErrorStreamCaptureImplicit;
    }
  }
  return cudaSuccess;
}

cudaError_t refuse_work(const Queue& queue) {
  if (queue.capture && queue.capture->invalid) return cudaErrorStreamCaptureInvalidated;
  return refuse_implicit_dependency(queue);
}

void run_graph(const std::vector<GraphNode>& nodes) {
  std::vector<size_t> ready, missing(nodes.size());
  std::vector<std::vector<size_t>> followers(nodes.size());
  for (size_t node = 0; node < nodes.size(); ++node) {
    missing[node] = nodes[node].after.size();
    for (const size_t before : nodes[node].after) followers[before].push_back(node);
    if (missing[node] == 0) ready.push_back(node);
  }
  static std::mt19937_64 random_bits(options().seed.value_or(0));
  while (!ready.empty()) {
    const size_t choice = options().deferred_streams ? random_bits() % ready.size() : 0;
    const size_t node = ready[choice];
    ready.erase(ready.begin() + static_cast<std::ptrdiff_t>(choice));
    if (nodes[node].work) nodes[node].work();
    for (const size_t follower : followers[node]) {
      if (--missing[follower] == 0) ready.push_back(follower);
    }
  }
}

}  // namespace cuttle::simt

using namespace cuttle::simt;

struct CUgraph_st {
  std::vector<GraphNode> nodes;
};
struct CUgraphExec_st {
  std::shared_ptr<const std::vector<GraphNode>> nodes;
};

namespace {

using Lock = std::lock_guard<std::recursive_mutex>;

// Work of a stream that joined the capture and that the first stream does not wait for.
bool has_unjoined_work(const Capture& capture, const Queue& origin) {
  for (const std::shared_ptr<Queue>& queue : Driver::instance().queues()) {
    if (queue->capture.get() != &capture || queue.get() == &origin) continue;
    for (const size_t last : queue->capture_last) {
      const std::vector<size_t>& ends = origin.capture_last;
      const bool joined = std::any_of(ends.begin(), ends.end(),
                                      [&](size_t end) { return capture.is_before(last, end); });
      if (!joined) return true;
    }
  }
  return false;
}

void end_capture(const std::shared_ptr<Capture>& capture) {
  capture->ended = true;
  for (const std::shared_ptr<Queue>& queue : Driver::instance().queues()) {
    if (queue->capture != capture) continue;
    queue->capture = nullptr;
    queue->capture_last.clear();
  }
}

}  // namespace

extern "C" {

cudaError_t cudaStreamBeginCapture(cudaStream_t stream, cudaStreamCaptureMode mode) {
  const Lock lock(Driver::instance().lock());
  const std::shared_ptr<Queue> queue = Driver::instance().queue_of(stream);
  if (Driver::instance().is_default(*queue)) return result(cudaErrorStreamCaptureUnsupported);
  if (queue->capture) return result(cudaErrorIllegalState);
  queue->capture = std::make_shared<Capture>();
  queue->capture->origin = queue;
  queue->capture->mode = mode;
  queue->capture->thread = std::this_thread::get_id();
  return cudaSuccess;
}

cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t* graph) {
  const Lock lock(Driver::instance().lock());
  *graph = nullptr;
  const std::shared_ptr<Queue> queue = Driver::instance().queue_of(stream);
  const std::shared_ptr<Capture> capture = queue->capture;
  if (!capture) return result(cudaErrorIllegalState);
  if (capture->mode != cudaStreamCaptureModeRelaxed &&
      capture->thread != std::this_thread::get_id()) {
    return result(cudaErrorStreamCaptureWrongThread);
  }
  cudaError_t error = cudaSuccess;
  if (capture->origin.lock() != queue) {
    error = cudaErrorStreamCaptureUnmatched;
  } else if (capture->invalid) {
    error = cudaErrorStreamCaptureInvalidated;
  } else if (has_unjoined_work(*capture, *queue)) {
    error = cudaErrorStreamCaptureUnjoined;
  }
  end_capture(capture);
  if (error == cudaSuccess) *graph = new CUgraph_st{std::move(capture->nodes)};
  return result(error);
}

cudaError_t cudaStreamIsCapturing(cudaStream_t stream, cudaStreamCaptureStatus* status) {
  const Lock lock(Driver::instance().lock());
  const std::shared_ptr<Capture>& capture = Driver::instance().queue_of(stream)->capture;
  *status = !capture           ? cudaStreamCaptureStatusNone
            : capture->invalid ? cudaStreamCaptureStatusInvalidated
                               : cudaStreamCaptureStatusActive;
  return cudaSuccess;
}

cudaError_t cudaThreadExchangeStreamCaptureMode(cudaStreamCaptureMode* mode) {
  std::swap(*mode, thread_mode);
  return cudaSuccess;
}

cudaError_t cudaGraphInstantiate(cudaGraphExec_t* executable, cudaGraph_t graph,
                                 unsigned long long) {
  if (!graph) return result(cudaErrorInvalidValue);
  *executable = new CUgraphExec_st{std::make_shared<std::vector<GraphNode>>(graph->nodes)};
  return cudaSuccess;
}

cudaError_t cudaGraphLaunch(cudaGraphExec_t executable, cudaStream_t stream) {
  const Lock lock(Driver::instance().lock());
  if (!executable) return result(cudaErrorInvalidValue);
  const std::shared_ptr<Queue> queue = Driver::instance().queue_of(stream);
  return result(
      Driver::instance().submit(queue, [nodes = executable->nodes] { run_graph(*nodes); }));
}

/// With `nodes` null, only how many there are.
cudaError_t cudaGraphGetNodes(cudaGraph_t graph, cudaGraphNode_t* nodes, size_t* count) {
  if (!graph || nodes) return result(cudaErrorInvalidValue);
  *count = graph->nodes.size();
  return cudaSuccess;
}

cudaError_t cudaGraphDestroy(cudaGraph_t graph) {
  delete graph;
  return cudaSuccess;
}

cudaError_t cudaGraphExecDestroy(cudaGraphExec_t executable) {
  delete executable;
  return cudaSuccess;
}

}  // extern "C"
