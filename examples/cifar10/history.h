// What a run keeps about its epochs: curves.
#pragma once

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
