// Checkpoint: all that a stopped run needs to go on with the same bits, in one .pt file a save.
#pragma once

#include <concepts>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "../core/generator.h"
#include "../core/state_dict.h"
#include "../core/value.h"
#include "../data/loading/dataloader.h"
#include "torch_state.h"

namespace cuttle {

/// Which checkpoints stay.
struct KeepOptions {
  size_t keep_last = 2;  // how many of the newest stay; 0: all
  bool maximize = true;  // the greatest score is the best, else the least
};

/// How far a run has come.
struct RunProgress {
  int64_t epoch = 0;
  int64_t step = 0;  // of the optimizer, since the run began
  friend bool operator==(const RunProgress&, const RunProgress&) = default;
};

/// Saves a run's parts, and gives them back to a run that was built in the same way:
///
///     Checkpoint checkpoint("runs/first", {.keep_last = 3});
///     checkpoint.add("model", model);
///     checkpoint.add("optimizer", optimizer);
///     checkpoint.add("scheduler", scheduler);
///     checkpoint.add("loader", loader);
///     RunProgress done = checkpoint.resume().value_or(RunProgress{});
///     …
///     checkpoint.save({.epoch = epoch, .step = step}, accuracy);
///
/// The folder then holds "checkpoint-0000001200.pt", named by the step, and "best.pt". Each appears
/// whole or not at all (io/files/atomic_file.h), and those before it go afterwards, so that a run
/// that is killed at any instant leaves the last good one. It holds the parts under their names,
/// "epoch", "step", "best_score" and "generators": the states of the default generators of the CPU
/// and of every device. PyTorch reads it; optimizers, schedules and scalers are saved as PyTorch's
/// (torch_state.h), so that training goes on there or comes from there.
///
/// It refers to the parts. A folder belongs to one run, an object to one thread.
class Checkpoint {
 public:
  /// Makes the folder where there is none.
  explicit Checkpoint(std::filesystem::path folder, const KeepOptions& options = {});

  /// A module, AveragedModel, optimizer, Lookahead, schedule, GradScaler, or an object of the
  /// program's with state_dict() and load_state_dict(); a loader; a generator. Throws Error for a
  /// name that is taken.
  template <class P>
  void add(const std::string& name, P& part);

  /// Writes it, and returns where. With a score that no earlier save of the run has reached,
  /// "best.pt" too; NaN is no score. Throws Error if the folder holds checkpoints that resume() was
  /// not called for: those of another run.
  std::filesystem::path save(const RunProgress& progress, std::optional<double> score = {});

  /// Gives the parts what the newest checkpoint holds; std::nullopt, and nothing is changed, if
  /// there is none. A file that cannot be read gets the ending ".damaged", with a warning, and the
  /// one before it is taken. Throws Error if none can be read, and what load() throws.
  std::optional<RunProgress> resume();
  /// The same from a file. Throws Error if it has no state for a part, or one that does not fit:
  /// parts that were added before that one have taken theirs over.
  RunProgress load(const std::filesystem::path& path);

  /// The newest checkpoint of the folder; empty if there is none.
  std::filesystem::path latest() const;
  std::filesystem::path best() const { return folder_ / "best.pt"; }
  /// The best score so far.
  std::optional<double> best_score() const noexcept { return best_score_; }

 private:
  struct Part {
    std::string name;
    std::function<Value()> save;
    std::function<void(const Value&)> load;
  };
  void add_part(Part part);
  Dict parts() const;
  bool is_better(double score) const;
  RunProgress take(const Dict& run, const std::filesystem::path& path);

  std::filesystem::path folder_;
  KeepOptions options_;
  std::vector<Part> parts_;
  std::optional<double> best_score_;
  bool owns_folder_ = false;  // its checkpoints are this run's
};

/// Where a loader stands, as a checkpoint has it, and back.
Dict to_value(const DataLoaderState& state);
DataLoaderState to_loader_state(const Value& state);

template <class P>
void Checkpoint::add(const std::string& name, P& part) {
  if constexpr (std::same_as<P, Generator>) {
    add_part({name, [&part] { return Value(part.get_state()); },
              [&part](const Value& state) { part.set_state(state.to_tensor()); }});
  } else if constexpr (requires { part.load_state(DataLoaderState{}); }) {
    add_part({name, [&part] { return Value(to_value(part.state())); },
              [&part](const Value& state) { part.load_state(to_loader_state(state)); }});
  } else if constexpr (requires { torch_state(part); }) {
    add_part({name, [&part] { return Value(torch_state(part)); },
              [&part](const Value& state) { load_torch_state(part, state); }});
  } else if constexpr (std::same_as<decltype(part.state_dict()), Dict>) {
    add_part({name, [&part] { return Value(part.state_dict()); },
              [&part](const Value& state) { part.load_state_dict(state); }});
  } else {
    add_part({name, [&part] { return Value(part.state_dict()); },
              [&part](const Value& state) { part.load_state_dict(state.to_state_dict()); }});
  }
}

}  // namespace cuttle
