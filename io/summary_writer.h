// Writes training curves that TensorBoard reads: torch.utils.tensorboard.SummaryWriter.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "file.h"

namespace cuttle {

struct SummaryWriterOptions {
  /// Records wait in memory until so many seconds have passed (seen at the next add) …
  double flush_seconds = 10;
  /// … or so many bytes have gathered.
  size_t flush_bytes = 64 * 1024;
};

/// One event file in `log_dir`, made when the writer is and only ever appended to, so that
/// TensorBoard can watch it grow: `tensorboard --logdir runs`.
class SummaryWriter {
 public:
  /// Makes the folder and the file; an empty name gives "runs/<date>_<host>", as in PyTorch.
  /// Throws Error if they cannot be made, or if the folder's name is not UTF-8.
  explicit SummaryWriter(const std::filesystem::path& log_dir = {},
                         const SummaryWriterOptions& options = {});
  /// Writes what waits; a failure there goes to stderr, call close() to get it as an Error.
  ~SummaryWriter();
  SummaryWriter(SummaryWriter&&) noexcept = default;
  SummaryWriter& operator=(SummaryWriter&&) = delete;

  /// Adds a point to curve `tag`, kept as a float32. `walltime` is in seconds since 1970; now if
  /// not given. Throws Error if the tag is not UTF-8, which would spoil the whole run for
  /// TensorBoard, if the writer is closed, or if the file cannot be written.
  void add_scalar(std::string_view tag, double value, int64_t global_step,
                  std::optional<double> walltime = {});
  /// Writes what waits. Where the disk is full, the file keeps its last whole record.
  void flush();
  /// flush(), then no more.
  void close();

  const std::filesystem::path& log_dir() const noexcept { return log_dir_; }
  const std::filesystem::path& path() const noexcept { return file_.path(); }

 private:
  void add_record(std::string_view event);

  std::filesystem::path log_dir_;
  SummaryWriterOptions options_;
  File file_;
  uint64_t written_ = 0;  // bytes of whole records in the file
  std::string waiting_;   // whole records
  std::chrono::steady_clock::time_point last_flush_;
};

}  // namespace cuttle
