// Stream capture: while a stream is captured, its work is not run but noted as nodes of a graph,
// with what each must wait for. A graph can then be launched again and again.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "../language/runtime_headers.h"

namespace cuttle::simt {

struct Queue;

struct GraphNode {
  std::function<void()> work;
  std::vector<size_t> after;  // nodes that must be done before; all have lower numbers
};

/// A capture, shared by the streams that joined it and the events recorded in it.
struct Capture {
  std::vector<GraphNode> nodes;
  std::weak_ptr<Queue> origin;  // the stream on which it began, and must end
  cudaStreamCaptureMode mode = cudaStreamCaptureModeGlobal;
  std::thread::id thread;
  bool invalid = false;  // something forbidden was done
  bool ended = false;

  size_t add(std::function<void()> work, std::vector<size_t> after);
  /// True if node `later` waits, directly or not, for `earlier`.
  bool is_before(size_t earlier, size_t later) const;
};

/// While any stream is captured, calls that would wait, or act outside the graph, are errors and
/// spoil the capture. Returns that error, or cudaSuccess.
cudaError_t refuse_while_capturing();
/// The same for one stream.
cudaError_t refuse_if_capturing(Queue& queue);
/// The same for a call that waits for the whole device, which no mode of capture allows.
cudaError_t refuse_if_capturing(int device);
/// For what waits on the default stream, which would wait for a captured blocking stream.
cudaError_t refuse_implicit_dependency(const Queue& queue);
/// For work given to a stream: the same, and a capture that was spoiled takes no more.
cudaError_t refuse_work(const Queue& queue);

/// Runs the nodes in an order that the graph allows: that of the capture, or a random one.
void run_graph(const std::vector<GraphNode>& nodes);

}  // namespace cuttle::simt
