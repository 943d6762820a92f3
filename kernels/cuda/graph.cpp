// kernels/cuda_graph.h over the CUDA runtime.
#include "../cuda_graph.h"

#include <exception>
#include <memory>
#include <mutex>
#include <utility>

#include "../cuda_runtime.h"
#include "../error.h"
#include "capture.h"
#include "check.h"
#include "stream_resources.h"

namespace cuttle::kernels::cuda {

namespace {

constinit thread_local bool capturing = false;

struct GraphDeleter {
  void operator()(cudaGraph_t graph) const { (void)cudaGraphDestroy(graph); }
};
using CapturedGraph = std::unique_ptr<std::remove_pointer_t<cudaGraph_t>, GraphDeleter>;

}  // namespace

std::mutex& capture_mutex() {
  static std::mutex& mutex = *std::make_unique<std::mutex>().release();
  return mutex;
}

bool is_capturing() noexcept {
  return capturing;
}

bool is_captured(Stream stream) {
  const DeviceGuard guard(stream.device);
  cudaStreamCaptureStatus status = cudaStreamCaptureStatusNone;
  check(cudaStreamIsCapturing(native(stream), &status), "cudaStreamIsCapturing");
  return status != cudaStreamCaptureStatusNone;
}

void refuse_while_capturing(std::string_view call, std::string_view why_and_mend) {
  if (capturing) fail(call, " cannot be captured into a CUDA graph: ", why_and_mend);
}

void begin_capture(Stream stream) {
  const DeviceGuard guard(stream.device);
  {
    StreamResources& resources = stream_resources(stream);
    const std::lock_guard lock(resources.mutex);
    take_back(resources, stream);
  }
  const std::lock_guard lock(capture_mutex());
  check(cudaStreamBeginCapture(native(stream), cudaStreamCaptureModeThreadLocal),
        "cudaStreamBeginCapture");
  capturing = true;
}

void abandon_capture(Stream stream) noexcept {
  cudaGraph_t graph = nullptr;
  (void)cudaStreamEndCapture(native(stream), &graph);
  (void)cudaGetLastError();  // it may have been spoiled
  capturing = false;
  if (graph != nullptr) (void)cudaGraphDestroy(graph);
}

Graph Graph::end_capture(Stream stream) {
  const DeviceGuard guard(stream.device);
  cudaGraph_t captured = nullptr;
  const cudaError_t status = cudaStreamEndCapture(native(stream), &captured);
  capturing = false;
  const CapturedGraph owner(captured);
  check(status,
        "the capture was spoiled, by a call that CUDA cannot capture, or by a stream that "
        "joined it and was not waited for: cudaStreamEndCapture");
  cudaGraphExec_t executable = nullptr;
  check(cudaGraphInstantiate(&executable, captured, 0), "cudaGraphInstantiate");
  return {stream, executable};
}

Graph::~Graph() {
  if (executable_ == nullptr) return;
  (void)cudaGraphExecDestroy(static_cast<cudaGraphExec_t>(executable_));
  try {
    StreamResources& resources = stream_resources(home_);
    const std::lock_guard lock(resources.mutex);
    note_last_use(resources);
  } catch (const std::exception&) {
    // A broken device: the next call that reaches it says so.
  }
}

Graph::Graph(Graph&& other) noexcept
    : home_(other.home_), executable_(std::exchange(other.executable_, nullptr)) {}

Graph& Graph::operator=(Graph&& other) noexcept {
  std::swap(home_, other.home_);
  std::swap(executable_, other.executable_);
  return *this;
}

void Graph::launch(Stream stream) const {
  StreamResources& resources = stream_resources(home_);
  const std::lock_guard lock(resources.mutex);
  lend(resources, home_, stream);
  const DeviceGuard guard(stream.device);
  check(cudaGraphLaunch(static_cast<cudaGraphExec_t>(executable_), native(stream)),
        "cudaGraphLaunch");
}

}  // namespace cuttle::kernels::cuda
