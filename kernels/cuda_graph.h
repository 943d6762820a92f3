// What core needs of CUDA graphs, beside cuda_runtime.h: capturing a stream, and launching what was
// captured. Defined in builds with a GPU backend alone.
#pragma once

#include <string_view>

#include "stream.h"

namespace cuttle::kernels::cuda {

/// True while this thread captures a stream.
bool is_capturing() noexcept;
/// True while work for this stream goes into a graph, whichever thread captures.
bool is_captured(Stream stream);
/// Throws Error "<call> cannot be captured into a CUDA graph: <why and mend>" while this thread
/// captures. The capture is none the worse for it.
void refuse_while_capturing(std::string_view call, std::string_view why_and_mend);

/// From here on, work for the stream goes into a graph. The calling thread captures, until it calls
/// end_capture or abandon_capture; other threads are not disturbed.
void begin_capture(Stream stream);
void abandon_capture(Stream stream) noexcept;

/// What was captured, ready to run. Move-only.
class Graph {
 public:
  /// Ends the capture of this stream. Throws Error if it was spoiled.
  static Graph end_capture(Stream stream);
  ~Graph();
  Graph(Graph&& other) noexcept;
  Graph& operator=(Graph&& other) noexcept;

  /// Queues the graph. It shares the scratch memory of the stream it was captured from, so it is
  /// ordered behind the work that used that last, on any stream. Nobody else may capture `stream`
  /// until the graph is launched on another one or destroyed.
  void launch(Stream stream) const;

 private:
  Graph(Stream home, void* executable) : home_(home), executable_(executable) {}

  Stream home_;
  void* executable_ = nullptr;  // a cudaGraphExec_t
};

}  // namespace cuttle::kernels::cuda
