// The trainers as programs: their output, their files, and that a saved model evaluates to the same
// accuracy. On the synthetic set, a few steps.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <numeric>
#include <regex>
#include <sstream>

#include <cuttle/core/creation.h>
#include <cuttle/core/cuda.h>
#include <cuttle/core/version.h>
#include <cuttle/data/synthetic.h>
#include <cuttle/data/transforms/geometry.h>
#include <cuttle/io/image.h>
#include <cuttle/io/serialization.h>

#include "io/scratch.h"

namespace cuttle {
namespace {

/// A program of the examples: in the folder of CUTTLE_EXAMPLES_DIR, where programs were carried to
/// another machine, else where the build has it.
std::string program(const std::filesystem::path& built) {
  const char* const folder = std::getenv("CUTTLE_EXAMPLES_DIR");
  return (folder != nullptr ? folder / built.filename() : built).string();
}

const std::string kCudaStyle = program(CUTTLE_CUDA_STYLE), kToDevice = program(CUTTLE_TO_DEVICE),
                  kEvaluate = program(CUTTLE_EVALUATE), kTrain = program(CUTTLE_TRAIN),
                  kPredict = program(CUTTLE_PREDICT);

struct Outcome {
  int status = 0;
  std::string output;  // both streams
};

Outcome run(const std::string& command) {
  Outcome outcome;
  FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
  if (pipe == nullptr) throw std::runtime_error("popen failed");
  char piece[4096];
  while (const size_t got = std::fread(piece, 1, sizeof(piece), pipe)) {
    outcome.output.append(piece, got);
  }
  outcome.status = ::pclose(pipe);
  return outcome;
}

/// The numbers that `pattern`'s group matches, in order.
std::vector<double> numbers(const std::string& text, const std::string& pattern) {
  std::vector<double> all;
  const std::regex regex(pattern);
  for (std::sregex_iterator i(text.begin(), text.end(), regex), end; i != end; ++i) {
    all.push_back(std::stod((*i)[1]));
  }
  return all;
}

std::vector<double> losses(const std::string& output) {
  return numbers(output, R"(step \d+, loss: ([-0-9.]+))");
}

/// The interpreter takes a second or two for a step of 64 images.
bool is_interpreted() {
  return cuda::is_available() && cuda::device_name().find("interpreter") != std::string::npos;
}

class TrainersTest : public testing::ScratchTest {
 protected:
  /// 640 examples for training, 128 for testing: ten steps an epoch.
  std::string small_run(const std::string& program, const std::string& out, int size = 640) const {
    return program + " --data synthetic --log-every 1 --synthetic-size " + std::to_string(size) +
           " --out " + path(out).string() + " --log-dir " + path(out + "/logs").string() + " ";
  }
};

TEST_F(TrainersTest, BothStylesPrintTheSameLosses) {
  const size_t steps = is_interpreted() ? 2 : 10;  // of each of two epochs
  const std::string length = "--epochs 2 --max-steps " + std::to_string(steps);
  const Outcome cuda_style = run(small_run(kCudaStyle, "a") + length);
  const Outcome to_device = run(small_run(kToDevice, "b") + length);
  ASSERT_EQ(cuda_style.status, 0) << cuda_style.output;
  ASSERT_EQ(to_device.status, 0) << to_device.output;
  EXPECT_EQ(losses(cuda_style.output).size(), 2 * steps) << cuda_style.output;
  EXPECT_EQ(losses(cuda_style.output), losses(to_device.output));
  EXPECT_NE(cuda_style.output.find("length of the training set: 640\n"), std::string::npos);
  EXPECT_NE(cuda_style.output.find("length of the test set: 128\n"), std::string::npos);
  EXPECT_EQ(numbers(cuda_style.output, R"(accuracy on the test set: ([0-9.]+))").size(), 2u);
  EXPECT_EQ(numbers(cuda_style.output, R"(summed loss on the test set: ([0-9.]+))").size(), 2u);
  EXPECT_EQ(numbers(cuda_style.output, R"(total time: ([0-9.]+) s)").size(), 1u);
  // Ten classes, all alike: the loss begins at ln 10.
  EXPECT_NEAR(losses(cuda_style.output).front(), 2.3026, 0.05);
  const StateDict a = load(path("a/train_module_2.pt"));
  const StateDict b = load(path("b/train_module_2.pt"));
  ASSERT_EQ(a.size(), 10u);
  for (const auto& [name, value] : a) {
    EXPECT_EQ(value.to_vector<float>(), b.at(name).to_vector<float>()) << name;
  }
  EXPECT_FALSE(std::filesystem::is_empty(path("a/logs")));
}

TEST_F(TrainersTest, TheGpuGivesTheLossesOfTheCpu) {
  if (!cuda::is_available()) GTEST_SKIP() << "no CUDA device: " << cuda::why_unavailable();
  const std::string length = "--epochs 1 --max-steps 3";
  const Outcome gpu = run(small_run(kToDevice, "a") + length + " --device cuda");
  const Outcome cpu = run(small_run(kToDevice, "b") + length + " --device cpu");
  ASSERT_EQ(gpu.status, 0) << gpu.output;
  const auto expected = losses(cpu.output), actual = losses(gpu.output);
  ASSERT_EQ(expected.size(), 3u) << cpu.output;
  ASSERT_EQ(actual.size(), 3u) << gpu.output;
  // Float32 sums of up to 1,600 terms in another order; on a GPU convolutions may use TF32, which
  // keeps 10 bits.
  const double tolerance = is_interpreted() ? 1e-5 : 2e-3;
  for (size_t i = 0; i < 3; ++i) EXPECT_NEAR(actual[i], expected[i], tolerance) << "step " << i + 1;
}

TEST_F(TrainersTest, AGraphGivesTheSameLosses) {
  if (!cuda::is_available()) GTEST_SKIP() << "no CUDA device: " << cuda::why_unavailable();
  // Two steps to warm up, one that is captured, and replays, also after an evaluation.
  const std::string length = "--epochs 2 --batch-size 4";
  const Outcome eager = run(small_run(kToDevice, "a", 20) + length);
  ASSERT_EQ(eager.status, 0) << eager.output;
  ASSERT_EQ(losses(eager.output).size(), 10u) << eager.output;
  for (const std::string& style : {kCudaStyle, kToDevice}) {
    const Outcome graph = run(small_run(style, "b", 20) + length + " --graph");
    ASSERT_EQ(graph.status, 0) << graph.output;
    EXPECT_EQ(losses(graph.output), losses(eager.output));
    const StateDict a = load(path("a/train_module_2.pt"));
    const StateDict b = load(path("b/train_module_2.pt"));
    for (const auto& [name, value] : a)
      EXPECT_EQ(value.to_vector<float>(), b.at(name).to_vector<float>()) << name;
  }
}

TEST_F(TrainersTest, TheLossFalls) {
  // Twelve times over the same few examples, with a larger step: the network must learn some.
  const std::string device = is_interpreted() ? " --device cpu" : "";
  const Outcome outcome = run(small_run(kToDevice, "a") + "--epochs 12 --lr 0.05" + device);
  ASSERT_EQ(outcome.status, 0) << outcome.output;
  const auto all = losses(outcome.output);
  ASSERT_EQ(all.size(), 120u);
  double first = 0, last = 0;
  for (size_t i = 0; i < 10; ++i) {
    first += all[i] / 10;
    last += all[all.size() - 1 - i] / 10;
  }
  EXPECT_LT(last, first - 0.05) << outcome.output;
}

TEST_F(TrainersTest, ASavedModelEvaluatesToTheSameAccuracy) {
  const Outcome trained = run(small_run(kToDevice, "a") + "--epochs 1 --max-steps 3");
  ASSERT_EQ(trained.status, 0) << trained.output;
  EXPECT_EQ(losses(trained.output).size(), 3u);
  const Outcome evaluated =
      run(kEvaluate + " --data synthetic --synthetic-size 640 --outputs " +
          path("test.pt").string() + " --model " + path("a/train_module_1.pt").string());
  ASSERT_EQ(evaluated.status, 0) << evaluated.output;
  for (const std::string line :
       {R"(accuracy on the test set: ([0-9.]+))", R"(summed loss on the test set: ([0-9.]+))"}) {
    ASSERT_EQ(numbers(evaluated.output, line).size(), 1u);
    EXPECT_EQ(numbers(evaluated.output, line), numbers(trained.output, line));
  }
  const StateDict saved = load(path("test.pt"));
  EXPECT_EQ(saved.at("images").shape(), Shape({128, 3, 32, 32}));
  const Tensor right = saved.at("logits").argmax(1).eq(saved.at("targets"));
  EXPECT_NEAR(right.to(float32).mean().item(),
              numbers(evaluated.output, R"(accuracy on the test set: ([0-9.]+))")[0], 1e-4);
}

TEST_F(TrainersTest, ASeedDecidesTheRun) {
  const std::string rest = "--epochs 1 --max-steps 2 --seed ";
  const auto first = losses(run(small_run(kToDevice, "a") + rest + "1").output);
  const auto again = losses(run(small_run(kToDevice, "a") + rest + "1").output);
  const auto other = losses(run(small_run(kToDevice, "a") + rest + "2").output);
  ASSERT_EQ(first.size(), 2u);
  EXPECT_EQ(first, again);
  EXPECT_NE(first, other);
}

TEST_F(TrainersTest, FallsBackWithANoticeOrRefuses) {
  // Nothing can be downloaded to a folder inside a file.
  testing::write_file(path("file"), "");
  const std::string rest = "--epochs 0 --root " + path("file/root").string();
  const std::string command =
      kToDevice + " --synthetic-size 640 --log-dir " + path("logs").string() + " " + rest;
  const Outcome automatic = run(command + " --data auto");
  EXPECT_EQ(automatic.status, 0) << automatic.output;
  EXPECT_NE(automatic.output.find("NOTICE: CIFAR-10 is not in"), std::string::npos);
  EXPECT_EQ(automatic.output.find("NOTICE"), automatic.output.rfind("NOTICE")) << "one notice";
  EXPECT_NE(automatic.output.find("length of the training set: 640\n"), std::string::npos);
  const Outcome refused = run(command + " --data cifar10");
  EXPECT_NE(refused.status, 0);
  EXPECT_NE(refused.output.find("error: "), std::string::npos) << refused.output;
  EXPECT_EQ(refused.output.find("length of"), std::string::npos) << refused.output;
}

TEST_F(TrainersTest, SaysWhichCuttleItIs) {
  const std::string line = "Cuttle " + version() + "\n";
  EXPECT_EQ(run(kToDevice + " --version").output, line);
  const Outcome outcome = run(small_run(kCudaStyle, "a") + "--epochs 0");
  EXPECT_EQ(outcome.output.substr(0, line.size()), line);
}

TEST_F(TrainersTest, SaysWhatIsWrong) {
  const Outcome device = run(small_run(kToDevice, "a") + "--device tpu");
  EXPECT_NE(device.status, 0);
  EXPECT_NE(device.output.find("tpu"), std::string::npos) << device.output;
  for (const std::string wrong : {"x", "-1", ""}) {
    const Outcome epochs = run(kToDevice + " --epochs '" + wrong + "'");
    EXPECT_NE(epochs.status, 0);
    EXPECT_NE(epochs.output.find("--epochs: expected 0 or more, got " + wrong), std::string::npos)
        << epochs.output;
  }
  const Outcome data = run(kCudaStyle + " --data mnist");
  EXPECT_NE(data.status, 0);
  const Outcome model = run(kEvaluate +
                            " --data synthetic --synthetic-size 64 "
                            "--model " +
                            path("absent.safetensors").string());
  EXPECT_NE(model.status, 0);
  EXPECT_NE(model.output.find("absent.safetensors is no model that a trainer here saved: "),
            std::string::npos)
      << model.output;
  EXPECT_NE(model.output.find("No such file"), std::string::npos) << model.output;
  save({{"weight", zeros({3})}}, path("other.pt"));
  const Outcome other = run(kPredict + " any.png --model " + path("other.pt").string());
  EXPECT_NE(other.status, 0);
  EXPECT_NE(other.output.find("other.pt is no model that a trainer here saved: "),
            std::string::npos)
      << other.output;
  EXPECT_NE(other.output.find("unexpected keys: \"weight\""), std::string::npos) << other.output;
  EXPECT_NE(run(small_run(kCudaStyle, "a") + "--device cpu").status,
            0);  // has no such option
}

/// The trainer with everything, and what uses its models.
class FullTrainerTest : public TrainersTest {
 protected:
  /// 640 examples for training, of which an epoch takes two batches, and 128 for testing.
  Outcome train(const std::string& out, const std::string& more) const {
    const std::string device = is_interpreted() ? " --device cpu" : "";
    return run(kTrain + " --data synthetic --synthetic-size 640 --max-steps 2 --out " +
               path(out).string() + " --log-dir " + path(out + "/logs").string() + device + " " +
               more);
  }
  Outcome predict(const std::string& out, const std::string& more) const {
    return run(kPredict + " --model " + path(out + "/best.safetensors").string() + " " + more);
  }
};

TEST_F(FullTrainerTest, PrintsALineAnEpochATableAndLeavesPictures) {
  const Outcome outcome = train("a", "--epochs 2 --workers 2");
  ASSERT_EQ(outcome.status, 0) << outcome.output;
  EXPECT_EQ(outcome.output.find('\r'), std::string::npos) << "no terminal: plain lines";
  EXPECT_NE(outcome.output.find(", 640 images to train with, 128 to test\n"), std::string::npos);
  const auto accuracies =
      numbers(outcome.output, R"(epoch \d/2 .*test: loss [0-9.]+, accuracy ([0-9.]+))");
  ASSERT_EQ(accuracies.size(), 2u) << outcome.output;
  const SyntheticCIFAR10 data(false, {}, {.size = 1});
  for (const std::string& name : data.classes()) {
    EXPECT_EQ(numbers(outcome.output, "\n" + name + " +([0-9]+) +[0-9.]+ %").size(), 1u) << name;
  }
  const auto all = numbers(outcome.output, R"(\nall +128 +([0-9.]+) %)");
  ASSERT_EQ(all.size(), 1u) << outcome.output;
  EXPECT_NEAR(all[0], 100 * std::max(accuracies[0], accuracies[1]), 0.06) << "the best model's";
  for (const std::string name : {"curves", "confusion_matrix", "predictions", "filters"}) {
    EXPECT_GT(read_image(path("a/" + name + ".png")).numel(), 10000) << name;
  }
  EXPECT_FALSE(std::filesystem::is_empty(path("a/logs")));
}

TEST_F(FullTrainerTest, AStoppedRunGoesOnAsIfItHadNotStopped) {
  const Outcome whole = train("a", "--epochs 2 --quiet");
  EXPECT_EQ(whole.status, 0);
  EXPECT_EQ(whole.output, "") << "--quiet";
  ASSERT_EQ(train("b", "--epochs 2 --quiet --workers 0 --stop-after 1").status, 0);
  EXPECT_FALSE(std::filesystem::exists(path("b/curves.png")));
  const Outcome rest = train("b", "--epochs 2 --workers 1 --resume");
  ASSERT_EQ(rest.status, 0) << rest.output;
  EXPECT_EQ(rest.output.find("epoch 1/2"), std::string::npos) << rest.output;
  EXPECT_NE(rest.output.find("going on after step 2\n"), std::string::npos) << rest.output;
  const std::string last = "/checkpoints/checkpoint-0000000004.pt";  // two epochs of two steps
  const Value a = load_value(path("a" + last)), b = load_value(path("b" + last));
  const StateDict weights = a["model"].to_state_dict();
  EXPECT_EQ(weights.size(), 10u);
  for (const auto& [name, value] : weights)
    EXPECT_TRUE(value.equal(b["model"].to_state_dict().at(name))) << name;
  for (const auto& [name, curve] : a["history"].to_state_dict())
    EXPECT_TRUE(curve.equal(b["history"].to_state_dict().at(name))) << name;
}

TEST_F(FullTrainerTest, ItsBestModelEvaluatesToItsAccuracy) {
  const Outcome trained = train("a", "--epochs 1");
  ASSERT_EQ(trained.status, 0) << trained.output;
  const Outcome evaluated = run(kEvaluate + " --data synthetic --synthetic-size 640 --model " +
                                path("a/best.safetensors").string());
  ASSERT_EQ(evaluated.status, 0) << evaluated.output;
  EXPECT_EQ(numbers(evaluated.output, R"(accuracy on the test set: ([0-9.]+))"),
            numbers(trained.output, R"(test: loss [0-9.]+, accuracy ([0-9.]+))"));
}

TEST_F(FullTrainerTest, PredictNamesWhatIsOnPicturesOfAnySize) {
  ASSERT_EQ(train("a", "--epochs 1 --quiet").status, 0);
  const Tensor figure = SyntheticCIFAR10(false, {}, {.size = 1}).images()[0];
  write_image(figure, path("small.png"));
  write_image(Resize(ImageSize(100, 150))(figure), path("wide.jpg"));
  write_image(full({1, 1, 3}, 7, {.dtype = uint8}), path("dot.png"));
  const Outcome outcome =
      predict("a", "--top 10 " + path("small.png").string() + " " + path("wide.jpg").string() +
                       " " + path("dot.png").string());
  ASSERT_EQ(outcome.status, 0) << outcome.output;
  EXPECT_EQ(std::count(outcome.output.begin(), outcome.output.end(), '\n'), 3) << outcome.output;
  EXPECT_EQ(outcome.output.find(path("small.png").string() + ": "), 0u);
  const auto percents = numbers(outcome.output, R"(([0-9.]+) %)");
  ASSERT_EQ(percents.size(), 30u) << outcome.output;
  for (size_t i = 0; i < 30; i += 10) {
    EXPECT_NEAR(std::accumulate(&percents[i], &percents[i] + 10, 0.0), 100, 0.6);
    EXPECT_TRUE(std::is_sorted(&percents[i], &percents[i] + 10, std::greater<>()));
  }
  EXPECT_NE(outcome.output.find("crescent"), std::string::npos) << "the data set's own classes";
}

TEST_F(FullTrainerTest, PredictSaysWhatIsNoPicture) {
  ASSERT_EQ(train("a", "--epochs 1 --quiet").status, 0);
  testing::write_file(path("text.png"), "This is a text.\n");
  write_image(zeros({8, 8, 3}, {.dtype = uint8}), path("good.png"));
  const std::string files = path("text.png").string() + " " + path("good.png").string();
  const Outcome outcome = predict("a", files);
  EXPECT_NE(outcome.status, 0);
  EXPECT_TRUE(
      std::regex_search(outcome.output, std::regex(R"(text\.png: it is not a readable picture)")))
      << outcome.output;
  EXPECT_NE(outcome.output.find("good.png: "), std::string::npos) << "the others are looked at";
  EXPECT_NE(outcome.output.find("error: 1 of 2 files could not be read"), std::string::npos);
}

TEST_F(FullTrainerTest, PredictTakesATutorialsModelAndSaysThatItHasNoNames) {
  ASSERT_EQ(run(small_run(kToDevice, "a", 20) + "--epochs 1 --max-steps 1").status, 0);
  write_image(zeros({8, 8, 3}, {.dtype = uint8}), path("dark.png"));
  const Outcome outcome = run(kPredict + " --model " + path("a/train_module_1.pt").string() + " " +
                              path("dark.png").string());
  EXPECT_EQ(outcome.status, 0) << outcome.output;
  EXPECT_NE(outcome.output.find("does not say what its classes are; CIFAR-10's are taken"),
            std::string::npos);
  EXPECT_EQ(numbers(outcome.output, R"(([0-9.]+) %)").size(), 3u);
}

}  // namespace
}  // namespace cuttle
