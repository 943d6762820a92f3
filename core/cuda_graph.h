// CUDA graphs: the kernels that a piece of code queues are captured once and replayed with one
// call.
#pragma once

#include <functional>
#include <memory>

namespace cuttle::cuda {

struct GraphState;

/// torch.cuda.CUDAGraph: a recording of the work that this thread queues on a stream between
/// capture_begin() and capture_end(), replayed as often as wanted.
///
///   cuda::CUDAGraph graph;
///   const cuda::StreamGuard guard{cuda::Stream()};  // a stream of its own
///   step();                                         // warm-up: real work, run at least once
///   {
///     cuda::CaptureGuard capture(graph);
///     step();  // queued into the graph, not run
///     capture.end();
///   }
///   graph.replay();
///
/// Captured kernels keep their arguments: addresses, sizes, numbers. So a replay reads the tensors
/// that the captured code read and writes those it wrote, in place; copy new input into the same
/// tensor (copy_) before it. What the host computed while capturing, on tensors of the CPU too, is
/// not done again; a number that changes from step to step lives on the device and is brought up
/// to date by a function given to before_replay().
///
/// Memory: what is allocated during capture comes from a pool of the graph's own and stays with it,
/// so results and gradients keep their addresses; a replay overwrites them. Tensors from outside
/// that the captured code used are kept alive as long as the graph.
///
/// What cannot be captured throws Error with a sentence that names the call: what waits for the
/// device or copies to the host (item(), printing, synchronize), copies from the host, kernels that
/// need more scratch memory than the warm-up took. The capture is as it was before that call. Use
/// and destroy a graph on the thread that captures it as long as it captures.
class CUDAGraph {
 public:
  /// Throws Error where there is no such device.
  explicit CUDAGraph(int device = 0);
  /// Ends a capture that is under way. Replays that are queued run to their end.
  ~CUDAGraph();
  CUDAGraph(const CUDAGraph&) = delete;
  CUDAGraph& operator=(const CUDAGraph&) = delete;

  /// Captures from here on what this thread queues on its current stream, and on streams that wait
  /// for an event of it. Throws Error on the device's default stream, which all threads share;
  /// where this thread captures already; and where this graph holds a capture (reset() it first).
  void capture_begin();
  /// Ends the capture. Throws Error, and the graph is empty, if it was called on another thread, if
  /// a stream that joined was not waited for, or if the driver refused a call meanwhile.
  void capture_end();
  /// Runs the functions of before_replay() and queues the captured work on the current stream. It
  /// is ordered behind the last replay, whichever stream that was on. Throws Error for an empty
  /// graph, and during a capture.
  void replay();
  /// Forgets what was captured; tensors of its pool stay valid, and are ordinary from then on.
  void reset();
  /// True once capture_end() has succeeded.
  bool is_captured() const noexcept;

 private:
  friend class CaptureGuard;
  void abandon() noexcept;

  std::unique_ptr<GraphState> state_;
};

/// capture_begin() on construction. end() ends the capture; without it, as when an exception
/// passes, the capture is dropped, the graph is empty, and the program goes on.
class CaptureGuard {
 public:
  explicit CaptureGuard(CUDAGraph& graph);
  ~CaptureGuard();
  CaptureGuard(const CaptureGuard&) = delete;
  CaptureGuard& operator=(const CaptureGuard&) = delete;

  void end();

 private:
  CUDAGraph& graph_;
  bool open_ = true;
};

/// True while this thread captures (torch.cuda.is_current_stream_capturing). False in builds
/// without a GPU backend.
bool is_capturing() noexcept;

/// During a capture: `update` is called on the host before each replay of that graph, the first one
/// too, in the order in which they were given, with the replay's stream as the current one. It may
/// queue small copies: the captured kernels run behind them. So does an optimizer bring a learning
/// rate to the device:
///
///   Tensor rate = empty({}, {.device = "cuda"});  // made before the capture
///   if (cuda::is_capturing()) cuda::before_replay([=, this]() mutable { rate.fill_(lr_); });
///
/// The graph keeps the function, and with it what it holds. What it refers to must outlive the
/// graph. Throws Error where this thread does not capture.
void before_replay(std::function<void()> update);

/// During a capture, what this thread allocates until the end of the scope is ordinary memory and
/// not of the graph's pool. For what is written between replays or lives from one to the next, such
/// as an optimizer's state: its place in the pool might be that of a tensor that was captured and
/// freed before, which every replay writes again.
class [[nodiscard]] OrdinaryMemoryGuard {
 public:
  OrdinaryMemoryGuard() noexcept;
  ~OrdinaryMemoryGuard();
  OrdinaryMemoryGuard(const OrdinaryMemoryGuard&) = delete;
  OrdinaryMemoryGuard& operator=(const OrdinaryMemoryGuard&) = delete;

 private:
  bool before_;
};

}  // namespace cuttle::cuda
