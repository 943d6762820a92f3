// Loss and accuracy of the examples seen so far.
#pragma once

#include <cuttle/cuttle.h>

struct Scores {
  double loss = 0;  // means over examples
  double accuracy = 0;
};

/// The sums stay on the device: nothing waits for it until scores() is asked for.
class Meter {
 public:
  /// Sums of a batch: its mean loss times its size, and the right answers; float32 (2).
  static cuttle::Tensor sums(const cuttle::Tensor& loss, const cuttle::Tensor& outputs,
                             const cuttle::Tensor& targets) {
    const cuttle::Tensor right = (outputs.argmax(1) == targets).sum().to(cuttle::float32);
    const auto size = static_cast<double>(targets.size(0));
    return cuttle::stack({loss.detach().to(cuttle::float32) * size, right});
  }
  void add(const cuttle::Tensor& sums, int64_t examples) {
    sums_ = sums_.defined() ? sums_.to(sums.device()) + sums : sums.clone();
    examples_ += examples;
  }
  /// 0 where nothing was added.
  Scores scores() const {
    if (examples_ == 0) return {};
    const auto sums = sums_.to_vector<float>();
    const auto examples = static_cast<double>(examples_);
    return {sums[0] / examples, sums[1] / examples};
  }
  /// "loss 1.2345, accuracy 0.5678"
  std::string text() const {
    char text[64];
    std::snprintf(text, sizeof(text), "loss %.4f, accuracy %.4f", scores().loss, scores().accuracy);
    return text;
  }
  int64_t examples() const { return examples_; }

  cuttle::StateDict state_dict() const {
    return {{"sums", sums_.defined() ? sums_ : cuttle::zeros({2})},
            {"examples", cuttle::tensor(examples_)}};
  }
  void load_state_dict(const cuttle::StateDict& state) {
    sums_ = state.at("sums");
    examples_ = state.at("examples").item<int64_t>();
  }

 private:
  cuttle::Tensor sums_;
  int64_t examples_ = 0;
};
