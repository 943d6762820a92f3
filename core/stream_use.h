// Which stream uses which memory, and what may not be captured: for core's own files.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "device.h"
#include "storage.h"

namespace cuttle {

/// Notes that work on this thread's current stream is about to use CUDA memory: it will not be
/// handed out again before that is done, and a graph that is being captured keeps it alive.
void note_use(const std::shared_ptr<Storage>& storage);

/// The memory pool of the graph that this thread captures; 0 if it captures none.
uint64_t pool_of_capture() noexcept;
/// What tells this thread's capture from every other; 0 if it captures nothing.
uint64_t number_of_capture() noexcept;
/// For note_use: the graph that this thread captures keeps the memory.
void keep_for_capture(const std::shared_ptr<Storage>& storage);

/// Throws Error "<call> cannot be captured into a CUDA graph: <why and mend>" if the device is a
/// CUDA device and this thread captures.
void refuse_while_capturing(const Device& device, std::string_view call,
                            std::string_view why_and_mend);
/// Why and mend of what brings a tensor's values to the host.
inline constexpr std::string_view kReadAfterReplay =
    "it waits for the device; keep the tensor, and read it after replay()";

/// Waits for all streams of a CUDA device but those that are captured, then throws what kernels
/// reported.
void synchronize_streams(const Device& device);

}  // namespace cuttle
