// Checkpoint: what is saved under which name, and in which order files come and go.
#include "checkpoint.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <system_error>
#include <utility>

#include "../core/cuda.h"
#include "../core/text.h"
#include "../core/warning.h"
#include "../io/serialization.h"
#include "../kernels/error.h"
#include "checkpoint_files.h"

namespace cuttle {

namespace fs = std::filesystem;

namespace {

constexpr const char* kOwnNames[] = {"epoch", "step", "best_score", "generators"};

std::vector<Device> devices() {
  std::vector<Device> all = {Device("cpu")};
  for (int i = 0; i < cuda::device_count(); ++i) all.emplace_back("cuda:" + std::to_string(i));
  return all;
}

std::string name_of(const Device& device) {
  return device.is_cpu() ? "cpu" : "cuda:" + std::to_string(device.index());
}

Dict generator_states() {
  Dict states;
  for (const Device& device : devices())
    states.set(name_of(device), default_generator(device).get_state());
  return states;
}

// A run may go on where there are other devices: theirs start as they are.
void load_generator_states(const Dict& states) {
  for (const Device& device : devices())
    if (const Value* state = states.find(name_of(device)))
      default_generator(device).set_state(state->to_tensor());
}

}  // namespace

Dict to_value(const DataLoaderState& state) {
  return Dict{{"epoch", state.epoch}, {"batch", state.batch}};
}

DataLoaderState to_loader_state(const Value& state) {
  const int64_t epoch = state["epoch"].to_int(), batch = state["batch"].to_int();
  if (epoch < 0 || batch < 0)
    fail("the loader's state is epoch ", epoch, ", batch ", batch, "; neither may be below 0");
  return {.epoch = static_cast<uint64_t>(epoch), .batch = static_cast<uint64_t>(batch)};
}

Checkpoint::Checkpoint(fs::path folder, const KeepOptions& options)
    : folder_(std::move(folder)), options_(options) {
  std::error_code error;
  fs::create_directories(folder_, error);
  if (error) fail("cannot make the folder ", folder_.string(), ": ", error.message());
}

void Checkpoint::add_part(Part part) {
  const auto is_it = [&](const Part& other) { return other.name == part.name; };
  if (std::any_of(parts_.begin(), parts_.end(), is_it) ||
      std::find(std::begin(kOwnNames), std::end(kOwnNames), part.name) != std::end(kOwnNames))
    fail("Checkpoint: the name ", in_quotes(part.name), " is taken; give the part another");
  parts_.push_back(std::move(part));
}

Dict Checkpoint::parts() const {
  Dict run;
  for (const Part& part : parts_) run.set(part.name, part.save());
  run.set("generators", generator_states());
  return run;
}

bool Checkpoint::is_better(double score) const {
  if (!best_score_) return !std::isnan(score);
  return options_.maximize ? score > *best_score_ : score < *best_score_;
}

fs::path Checkpoint::save(const RunProgress& progress, std::optional<double> score) {
  if (progress.step < 0 || progress.epoch < 0)
    fail("Checkpoint: expected an epoch and a step of 0 or more, got ", progress.epoch, " and ",
         progress.step);
  if (!owns_folder_ && !latest().empty())
    fail("Checkpoint: ", folder_.string(), " holds ", latest().filename().string(),
         " of another run; call resume() to go on from it, or choose another folder");
  owns_folder_ = true;

  const bool is_best = score && is_better(*score);
  const std::optional<double> best_score = is_best ? score : best_score_;
  Dict run = parts();
  run.set("epoch", progress.epoch);
  run.set("step", progress.step);
  run.set("best_score", best_score ? Value(*best_score) : Value());
  // The best one first: a run that is killed between the two reaches the same score again.
  if (is_best) save_value(run, best());
  const fs::path path = checkpoint_path(folder_, progress.step);
  save_value(run, path);
  best_score_ = best_score;  // where a file could not be written, the score is to be reached again
  const size_t keep = options_.keep_last;
  remove_old_checkpoints(folder_, keep > 0 ? keep : std::numeric_limits<size_t>::max());
  return path;
}

fs::path Checkpoint::latest() const {
  const std::vector<fs::path> all = checkpoints_of(folder_);
  return all.empty() ? fs::path() : all.front();
}

std::optional<RunProgress> Checkpoint::resume() {
  for (const fs::path& path : checkpoints_of(folder_)) {
    Value run;
    try {
      run = load_value(path);
    } catch (const Error& error) {
      fs::path aside = path;
      aside += ".damaged";
      warn(std::string(error.what()) + "; it is now " + aside.filename().string() +
           ", and the checkpoint before it is taken");
      if (path == checkpoints_of(folder_).back())
        fail("Checkpoint: no checkpoint in ", folder_.string(), " can be read; the last is ",
             path.string());
      fs::rename(path, aside);
      continue;
    }
    const RunProgress progress = take(run.dict(), path);
    owns_folder_ = true;
    return progress;
  }
  owns_folder_ = true;  // it is empty
  return std::nullopt;
}

RunProgress Checkpoint::load(const fs::path& path) {
  return take(load_value(path).dict(), path);
}

RunProgress Checkpoint::take(const Dict& run, const fs::path& path) {
  const auto at = [&](const std::string& name) -> const Value& {
    const Value* found = run.find(name);
    if (!found)
      fail("Checkpoint: ", path.string(), " has no ", in_quotes(name), "; it has ",
           listed(run, [](const auto& entry) { return to_text(entry.first); }));
    return *found;
  };
  const RunProgress progress{.epoch = at("epoch").to_int(), .step = at("step").to_int()};
  for (const Part& part : parts_) at(part.name);
  for (const Part& part : parts_) {
    try {
      part.load(at(part.name));
    } catch (const Error& error) {
      fail("Checkpoint: ", path.string(), ", ", in_quotes(part.name), ": ", error.what());
    }
  }
  const Value& best = at("best_score");
  best_score_ = best.is_none() ? std::nullopt : std::optional(best.to_double());
  load_generator_states(at("generators").dict());
  return progress;
}

}  // namespace cuttle
