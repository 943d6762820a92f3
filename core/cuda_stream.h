// CUDA streams and events as a user sees them, with PyTorch's names.
#pragma once

#include <memory>

#include "../kernels/stream.h"
#include "device.h"

namespace cuttle::cuda {

class Event;

/// torch.cuda.Stream: a queue of a device's work. What is queued on one stream runs in order; work
/// of two streams may overlap, and only an event or wait_stream() orders it. Memory is safe on all
/// of them: a block that several streams used is handed out again when all of them are done.
///
///   const cuda::Stream copies;
///   Tensor next;
///   { const cuda::StreamGuard guard(copies); next = batch.to("cuda"); }  // beside the kernels
///   cuda::current_stream().wait_stream(copies);                          // and then used
///
/// A handle: copies are the same stream. One that nobody holds any more is kept and given out
/// again. In builds without a GPU backend, making one throws Error.
class Stream {
 public:
  /// Another stream than all that are held. Throws Error where there is no such device.
  explicit Stream(int device = 0);

  Device device() const { return Device(DeviceType::cuda, native_->device); }
  /// True if all work queued on it is done.
  bool query() const;
  /// Waits on the host until it is done. Throws Error as cuda::synchronize does.
  void synchronize() const;
  /// Later work of this stream waits, on the device, for what the event marks.
  void wait_event(const Event& event) const;
  /// Later work of this stream waits, on the device, for what is queued on `other` now.
  void wait_stream(const Stream& other) const;
  /// A mark behind what is queued now.
  Event record_event() const;
  const kernels::cuda::Stream& native() const { return *native_; }

  friend bool operator==(const Stream& a, const Stream& b) { return a.native_ == b.native_; }

 private:
  friend Stream current_stream(int device);
  friend Stream default_stream(int device);
  friend class StreamGuard;
  using Native = std::shared_ptr<const kernels::cuda::Stream>;
  explicit Stream(Native native) : native_(std::move(native)) {}

  Native native_;
};

/// The stream on which this thread's work for the device is queued.
Stream current_stream(int device = 0);
/// The current stream of threads that have chosen none: one a device, shared by all of them. It is
/// a stream like any other, not CUDA's legacy default stream, and waits for no other one.
Stream default_stream(int device = 0);

/// torch.cuda.stream(s): makes a stream this thread's current one of its device, and on leaving the
/// one that was. To be destroyed on the thread that made it, in reverse order.
class [[nodiscard]] StreamGuard {
 public:
  explicit StreamGuard(const Stream& stream);
  ~StreamGuard();
  StreamGuard(const StreamGuard&) = delete;
  StreamGuard& operator=(const StreamGuard&) = delete;

 private:
  Stream before_;
};

/// torch.cuda.Event: a mark in a stream's work. Move-only.
class Event {
 public:
  /// Throws Error where there is no CUDA device.
  explicit Event(bool enable_timing = false);
  ~Event();
  Event(Event&&) noexcept;
  Event& operator=(Event&&) noexcept;

  /// Moves the mark behind what is queued on the stream now.
  void record(const Stream& stream);
  void record() { record(current_stream()); }
  /// Later work of the stream waits for the mark, if one was recorded.
  void wait(const Stream& stream) const { stream.wait_event(*this); }
  void wait() const { wait(current_stream()); }
  /// True if the work before the mark is done, and where none was recorded.
  bool query() const;
  /// Waits for it on the host.
  void synchronize() const;
  /// Milliseconds from this mark to a later one. Throws Error unless both have enable_timing, were
  /// recorded and are reached.
  double elapsed_time(const Event& later) const;

 private:
  friend class Stream;
  struct Mark;

  bool timing_;
  std::unique_ptr<Mark> mark_;  // null until recorded
};

}  // namespace cuttle::cuda
