// StopSignals: SIGINT and SIGTERM end a run between two steps instead of within one.
#pragma once

#include <filesystem>
#include <string>

namespace cuttle {

/// While it lives, the first SIGINT (Ctrl-C) or SIGTERM is only noted; a second one ends the
/// program at once.
///
///     const StopSignals stop;
///     for (auto& [images, targets] : loader) {
///       train_step(images, targets);
///       if (stop.arrived()) {
///         const auto path = checkpoint.save({.epoch = epoch, .step = step});
///         std::cerr << stop.message(path, "train --resume") << "\n";
///         return stop.exit_status();
///       }
///     }
///
/// One at a time in a program.
class StopSignals {
 public:
  /// Throws Error if there is one already.
  StopSignals();
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  bool arrived() const noexcept { return number() != 0; }
  /// "stopped by SIGTERM; all is saved in run/checkpoint-0000000012.pt; to go on: train --resume".
  std::string message(const std::filesystem::path& saved, const std::string& command) const;
  /// What a shell gives a program that the signal ended: 128 and its number; 0 if none arrived.
  int exit_status() const noexcept { return arrived() ? 128 + number() : 0; }

 private:
  static int number() noexcept;
};

}  // namespace cuttle
