#include "options.h"

#include <cstdlib>

#include <CLI/CLI.hpp>

using namespace cuttle;

namespace {

/// CLI11's own would name the largest double, too.
CLI::Validator at_least(int least) {
  const std::string what = std::to_string(least) + " or more";
  return {[least, what](const std::string& text) {
            char* end = nullptr;
            const double number = std::strtod(text.c_str(), &end);
            const bool is_number = end != text.c_str() && *end == '\0';
            return is_number && number >= least ? "" : "expected " + what + ", got " + text;
          },
          what};
}

void add_data_options(CLI::App& app, Options& options) {
  app.add_option("--root", options.root, "folder of the data set, downloaded to if it is absent");
  app.add_option("--data", options.data, "auto falls back to synthetic, cifar10 does not")
      ->check(CLI::IsMember({"auto", "cifar10", "synthetic"}));
  app.add_option("--synthetic-size", options.synthetic_size,
                 "training examples of the synthetic set (0: 50,000); a fifth as many to test");
  app.add_option("--batch-size", options.batch_size, "images a step")->check(at_least(1));
}

void add_training_options(CLI::App& app, Options& options) {
  app.add_option("--epochs", options.epochs, "passes over the training set")->check(at_least(0));
  app.add_option("--lr", options.lr, "learning rate")->check(at_least(0));
  app.add_option("--seed", options.seed, "of the initial weights");
  app.add_option("--max-steps", options.max_steps, "end each epoch after so many steps (0: do not)")
      ->check(at_least(0));
  app.add_flag("--graph", options.graph,
               "on a GPU, capture the training step into a CUDA graph and replay it");
  app.add_option("--log-dir", options.log_dir, "folder for TensorBoard");
  app.add_option("--out", options.out, "folder for the saved models, made if it is absent");
}

void add_full_options(CLI::App& app, Options& options) {
  app.add_option("--network", options.network, "the tutorial's, or a larger one")
      ->check(CLI::IsMember({"tutorial", "resnet18"}));
  app.add_option("--workers", options.workers, "threads that make batches ahead (0: none)");
  app.add_flag("--amp", options.amp, "compute in bfloat16 where that serves");
  app.add_flag("--resume", options.resume, "go on from the checkpoints in the folder of --out");
  app.add_option("--stop-after", options.stop_after,
                 "end this run after so many epochs (0: do not); --resume goes on")
      ->check(at_least(0));
  app.add_flag("--quiet", options.quiet, "print nothing but errors");
}

void add_options(CLI::App& app, Options& options, const ProgramInfo& info) {
  if (!info.images) add_data_options(app, options);
  if (info.device) app.add_option("--device", options.device, "cpu, cuda, cuda:0, ...");
  if (info.model) {
    app.add_option("--model", options.model, "best.safetensors or train_module_10.pt of a trainer")
        ->required();
  }
  if (info.model && !info.images) {
    app.add_option("--outputs", options.outputs,
                   "save what the network got and gave, and the true classes, to this .pt");
  }
  if (info.images) {
    app.add_option("--top", options.top, "how many classes to name")->check(at_least(1));
    app.add_option("images", options.images, "PNG, JPEG and other files of pictures")
        ->required()
        ->default_str("");
  }
  if (info.model) return;
  add_training_options(app, options);
  if (info.full) {
    add_full_options(app, options);
  } else {
    app.add_option("--log-every", options.log_every, "steps from one loss line to the next")
        ->check(at_least(1));
  }
}

Data load_synthetic(const Options& options, const Transform& train_transform,
                    const Transform& test_transform) {
  const size_t train_size = options.synthetic_size, test_size = (train_size + 4) / 5;
  return {std::make_shared<SyntheticCIFAR10>(true, train_transform,
                                             SyntheticCIFAR10Options{.size = train_size}),
          std::make_shared<SyntheticCIFAR10>(false, test_transform,
                                             SyntheticCIFAR10Options{.size = test_size})};
}

}  // namespace

Data load_data(const Options& options, const Transform& train_transform,
               const Transform& test_transform) {
  const auto synthetic = [&] { return load_synthetic(options, train_transform, test_transform); };
  if (options.data == "synthetic") return synthetic();
  try {
    return {
        std::make_shared<CIFAR10>(options.root, /*train=*/true, train_transform, /*download=*/true),
        std::make_shared<CIFAR10>(options.root, /*train=*/false, test_transform,
                                  /*download=*/true)};
  } catch (const DownloadError& error) {
    if (options.data == "cifar10") throw;
    std::fprintf(stderr,
                 "NOTICE: CIFAR-10 is not in %s and cannot be downloaded, so this run uses the "
                 "built-in synthetic set;\nits accuracies say nothing about CIFAR-10. Why: %s\n",
                 options.root.c_str(), error.what());
    return synthetic();
  }
}

int run_program(const std::function<int(const Options&)>& program, int argc, char** argv,
                const ProgramInfo& info) {
  Options options;
  CLI::App app(info.description);
  app.option_defaults()->always_capture_default();
  app.set_version_flag("--version", "Cuttle " + version());
  add_options(app, options, info);
  CLI11_PARSE(app, argc, argv);
  try {
    std::setvbuf(stdout, nullptr, _IOLBF, BUFSIZ);  // lines appear as they come, in a pipe too
    if (!info.images) options.say("Cuttle %s\n", version().c_str());
    std::filesystem::create_directories(options.out);
    return program(options);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return 1;
  }
}
