// CIFAR-10 in eight epochs, as the speed records train it: pictures that lie on the GPU, a first
// layer that whitens and is not trained, bfloat16, Muon on the filters, six views of each test
// picture.
//   cifar10_fast --root FOLDER [--seeds 10] [--epochs 8] [--width 64]
// Without --root it trains on the built-in drawings. On a CPU it is narrower by itself.
// Expected on the drawings, a narrow network, 2 epochs of --batch-size 256, seventeen seconds on
// two busy CPU cores: accuracy above 0.95.
#include "training.h"

#include <CLI/CLI.hpp>

#include <cmath>
#include <cstdio>

using namespace cuttle;

struct Options {
  std::string root, device;
  uint64_t seeds = 1;
  int64_t width = 0, examples = 0;
  RunOptions run;
};

Pictures first_of(const ImageDataset& set, int64_t examples) {
  const auto all = static_cast<int64_t>(set.size());
  const int64_t count = examples > 0 ? std::min(examples, all) : all;
  return {set.images().narrow(0, 0, count), tensor(set.targets(), {all}).narrow(0, 0, count)};
}

void report(const std::vector<Outcome>& runs) {
  double mean = 0, seconds = 0, squares = 0;
  const auto count = static_cast<double>(runs.size());
  for (const Outcome& each : runs) mean += each.accuracy / count, seconds += each.seconds / count;
  for (const Outcome& each : runs) squares += (each.accuracy - mean) * (each.accuracy - mean);
  std::printf("mean accuracy: %.4f, standard deviation: %.4f, of %zu runs, %.2f s each\n", mean,
              runs.size() > 1 ? std::sqrt(squares / (count - 1)) : 0, runs.size(), seconds);
}

void train(Options options) {
  const Device device(!options.device.empty() ? options.device
                      : cuda::is_available()  ? "cuda"
                                              : "cpu");
  options.run.width = options.width > 0 ? options.width : device.is_cuda() ? 64 : 8;
  const auto load = [&](bool is_train) {
    if (!options.root.empty()) return first_of(CIFAR10(options.root, is_train), options.examples);
    return first_of(
        SyntheticCIFAR10(is_train, ToTensor(), {.size = is_train ? size_t{4096} : size_t{1024}}),
        options.examples);
  };
  const Pictures train_set = load(true), test_set = load(false);
  std::printf("%lld pictures, %lld to test, width %lld, %lld epochs, batches of %zu, on %s\n",
              static_cast<long long>(train_set.images.size(0)),
              static_cast<long long>(test_set.images.size(0)),
              static_cast<long long>(options.run.width), static_cast<long long>(options.run.epochs),
              options.run.batch_size, device.str().c_str());
  std::vector<Outcome> runs;
  for (uint64_t seed = 0; seed < options.seeds; ++seed) {
    options.run.seed = seed;
    runs.push_back(run(train_set, test_set, options.run, device));
    std::printf("seed %llu: accuracy: %.4f, of one view: %.4f, %.2f s\n",
                static_cast<unsigned long long>(seed), runs.back().accuracy,
                runs.back().of_one_view, runs.back().seconds);
    std::fflush(stdout);
  }
  report(runs);
}

int main(int argc, char** argv) {
  Options options;
  CLI::App app("CIFAR-10 in eight epochs");
  app.add_option("--root", options.root, "folder of CIFAR-10; without it, the built-in drawings");
  app.add_option("--seeds", options.seeds, "how many runs")->check(CLI::PositiveNumber);
  app.add_option("--epochs", options.run.epochs)->check(CLI::PositiveNumber);
  app.add_option("--width", options.width, "channels of the first group (64 on a GPU, 8 on a CPU)")
      ->check(CLI::PositiveNumber);
  app.add_option("--batch-size", options.run.batch_size)->check(CLI::PositiveNumber);
  app.add_option("--examples", options.examples, "take the first so many pictures of each set")
      ->check(CLI::PositiveNumber);
  app.add_option("--device", options.device, "cpu, cuda, cuda:0, ...");
  CLI11_PARSE(app, argc, argv);
  try {
    train(options);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return 1;
  }
}
