// One event file: a sequence of TFRecords (u64 length, u32 masked CRC-32C of those eight bytes, the
// payload, u32 masked CRC-32C of it; little-endian), each payload an Event message.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string>

#include "../files/file.h"
#include "protobuf.h"

namespace cuttle::tensorboard {

/// When an event happened, and in which step of training.
struct When {
  int64_t step = 0;
  double walltime = 0;  // seconds since 1970
};
/// Now, in seconds since 1970, with its fraction.
double now();

struct EventFileOptions {
  std::optional<int64_t> purge_step;
  int64_t max_queue = 10;
  double flush_secs = 120;
  std::string filename_suffix;
};

/// Made with its folder when constructed, and only ever appended to. Several threads may add.
class EventFile {
 public:
  /// With a purge_step it takes a name behind those of all event files there are, and its first
  /// records tell the reader to forget what those hold of that step and later ones.
  EventFile(const std::filesystem::path& folder, const EventFileOptions& options);
  /// Writes what waits; a failure there goes to stderr.
  ~EventFile();
  EventFile(const EventFile&) = delete;
  EventFile& operator=(const EventFile&) = delete;

  /// Adds an event that holds one message, `field` of Event: 4, a graph; 5, a summary.
  void add(const When& when, uint32_t field, const Message& message);
  /// Writes what waits. Where the disk is full, the file keeps its last whole record.
  void flush();
  void close();
  bool is_open() const;
  const std::filesystem::path& path() const noexcept { return path_; }

 private:
  void add_record(const Message& event);
  void write_waiting();

  mutable std::mutex mutex_;
  EventFileOptions options_;
  File file_;
  std::filesystem::path path_;
  uint64_t written_ = 0;  // bytes of whole records in the file
  std::string waiting_;   // whole records
  int64_t waiting_events_ = 0;
  std::chrono::steady_clock::time_point last_flush_;
};

}  // namespace cuttle::tensorboard
