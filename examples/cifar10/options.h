// What the CIFAR-10 programs share beside the tutorial itself: the command line, the choice of
// data, a clock, and errors as a sentence and exit status 1.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <cuttle/cuttle.h>

struct Options {
  // Where the data set is, or is downloaded to: the folder CUTTLE_DATA, if that is set.
  std::string root = cuttle::data_root() == "data" ? "data/CIFAR10" : cuttle::data_root().string();
  std::string data = "auto";  // auto, cifar10, synthetic
  size_t synthetic_size = 0;  // training examples of the synthetic set; 0: all
  int epochs = 10;
  size_t batch_size = 64;
  double lr = 0.01;
  uint64_t seed = 0;
  int64_t log_every = 100;
  int64_t max_steps = 0;  // of an epoch; 0: all
  bool graph = false;     // captures the training step into a CUDA graph
  std::string log_dir = "logs";
  std::string out = ".";
  std::string device = {};  // empty: the GPU where there is one
  std::string model = {};   // the file to evaluate, or to predict with
  // Of evaluate.cpp alone:
  std::string outputs = {};  // the file to save inputs, logits and targets to; empty: none
  // Of train.cpp alone:
  std::string network = "tutorial";
  size_t workers = 2;  // threads that make batches
  bool amp = false;    // computes in bfloat16 where that serves
  bool resume = false;
  int stop_after = 0;  // epochs of this run; 0: all
  bool quiet = false;
  // Of predict.cpp alone:
  std::vector<std::string> images = {};  // files
  int top = 3;                           // classes shown

  /// True if --max-steps ends the epoch after this step, counted from the run's beginning.
  bool is_last_step(int64_t total_step, int epoch) const {
    return max_steps > 0 && total_step >= max_steps * epoch;
  }
  /// Steps, or examples, of an epoch that has so many without --max-steps.
  size_t steps_of(size_t all) const {
    return max_steps > 0 ? std::min(static_cast<size_t>(max_steps), all) : all;
  }
  size_t examples_of(size_t all) const {
    return max_steps > 0 ? std::min(static_cast<size_t>(max_steps) * batch_size, all) : all;
  }
  /// Where an epoch's model is saved.
  std::filesystem::path model_path(int epoch) const {
    return path("train_module_" + std::to_string(epoch) + ".pt");
  }
  std::filesystem::path path(const std::string& name) const {
    return std::filesystem::path(out) / name;
  }
  /// printf, unless --quiet.
  template <class... Arguments>
  void say(const char* format, const Arguments&... arguments) const {
    if (!quiet) std::printf(format, arguments...);
  }
};

struct Data {
  std::shared_ptr<const cuttle::ImageDataset> train, test;
};

/// CIFAR-10, downloaded if need be; where that is impossible a notice why, and the synthetic set,
/// unless --data cifar10 refuses it. What becomes of training and of test images is up to the
/// caller.
Data load_data(const Options& options,
               const cuttle::Transform& train_transform = cuttle::ToTensor(),
               const cuttle::Transform& test_transform = cuttle::ToTensor());

class Stopwatch {
 public:
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
  }

 private:
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

/// Which options beside the common ones a program has.
struct ProgramInfo {
  std::string description;
  bool device = false;
  bool model = false;   // reads a saved one
  bool images = false;  // takes files of pictures instead of a data set
  bool full = false;    // trains with everything
};

/// Reads the command line and calls `program`, which gives the exit status. Errors are printed.
int run_program(const std::function<int(const Options&)>& program, int argc, char** argv,
                const ProgramInfo& info);
/// The same of a program that ends well or throws.
inline int run_program(void (*program)(const Options&), int argc, char** argv,
                       const ProgramInfo& info) {
  return run_program([program](const Options& options) { return program(options), 0; }, argc, argv,
                     info);
}
