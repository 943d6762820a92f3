// What a stopped run needs to go on, in one file.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <cuttle/cuttle.h>

/// Curves of a number an epoch, by name: "train_loss", "test_accuracy" …
class History {
 public:
  void add(const std::string& curve, double number) { curves_[curve].push_back(number); }
  const std::vector<double>& at(const std::string& curve) const { return curves_.at(curve); }
  int epochs() const {
    return curves_.empty() ? 0 : static_cast<int>(curves_.begin()->second.size());
  }
  /// The greatest number of a curve; −∞ before the first epoch.
  double best(const std::string& curve) const;

  /// A float64 tensor for each curve.
  cuttle::StateDict state_dict() const;
  void load_state_dict(const cuttle::StateDict& state);

 private:
  std::map<std::string, std::vector<double>> curves_;
};

/// The parts of a run that change. It refers to them.
struct RunState {
  cuttle::Module& model;
  cuttle::Optimizer& optimizer;
  cuttle::LRScheduler& scheduler;
  History& history;

  /// Writes all of it to a .safetensors file, which appears whole or not at all.
  void save(const std::filesystem::path& path) const;
  /// Takes it over. Throws Error if the file is another network's or another optimizer's.
  void load(const std::filesystem::path& path);
};
