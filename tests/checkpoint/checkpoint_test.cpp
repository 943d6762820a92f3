// Checkpoint: which files come and go, what they hold, and what is refused.
#include <cuttle/checkpoint/checkpoint.h>
#include <cuttle/core/ops/random.h>
#include <cuttle/io/serialization.h>
#include <cuttle/layers/linear.h>
#include <cuttle/optim/sgd.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "io/scratch.h"

namespace cuttle::testing {
namespace {

class CheckpointTest : public ScratchTest {
 protected:
  std::vector<std::string> sorted_names() const {
    std::vector<std::string> all = names();
    std::sort(all.begin(), all.end());
    return all;
  }
  std::filesystem::path folder() const { return path(""); }
};

TEST_F(CheckpointTest, KeepsTheNewestAndTheBest) {
  Linear model(2, 1);
  Checkpoint checkpoint(folder(), {.keep_last = 2});
  checkpoint.add("model", model);
  const std::vector<double> scores = {0.5, 0.9, 0.7, 0.9};
  for (int64_t step = 0; step < 4; ++step) {
    model.weight.detach().fill_(static_cast<double>(step));
    checkpoint.save({.epoch = 0, .step = step}, scores[static_cast<size_t>(step)]);
  }
  EXPECT_EQ(sorted_names(), (std::vector<std::string>{"best.pt", "checkpoint-0000000002.pt",
                                                      "checkpoint-0000000003.pt"}));
  EXPECT_EQ(load_value(checkpoint.best())["step"].to_int(), 1);
  EXPECT_EQ(*checkpoint.best_score(), 0.9);
  EXPECT_EQ(checkpoint.load(checkpoint.best()), (RunProgress{.epoch = 0, .step = 1}));
  EXPECT_EQ(model.weight.to_vector<float>(), (std::vector<float>{1, 1}));
}

TEST_F(CheckpointTest, KeepsAllAndTheLeastScore) {
  Checkpoint checkpoint(folder(), {.keep_last = 0, .maximize = false});
  for (int64_t step = 0; step < 5; ++step) checkpoint.save({.step = step}, step == 3 ? 1 : 2);
  EXPECT_EQ(names().size(), 6u);
  EXPECT_EQ(load_value(checkpoint.best())["step"].to_int(), 3);
}

TEST_F(CheckpointTest, TakesNaNForNoScore) {
  Checkpoint checkpoint(folder());
  checkpoint.save({.step = 1}, std::nan(""));
  EXPECT_FALSE(checkpoint.best_score());
  checkpoint.save({.step = 2}, 0.5);
  checkpoint.save({.step = 3}, std::nan(""));
  EXPECT_EQ(checkpoint.best_score(), 0.5);
  EXPECT_EQ(load_value(checkpoint.best())["step"].to_int(), 2);
}

TEST_F(CheckpointTest, KeepsTheBestOfAFailedSaveOpen) {
  Checkpoint checkpoint(folder());
  checkpoint.save({.step = 1}, 0.5);
  std::filesystem::create_directory(path("checkpoint-0000000002.pt"));  // cannot be replaced
  EXPECT_THROW(checkpoint.save({.step = 2}, 0.75), Error);
  EXPECT_EQ(checkpoint.best_score(), 0.5);
  checkpoint.save({.step = 3}, 0.75);
  EXPECT_EQ(load_value(checkpoint.best())["step"].to_int(), 3);
}

TEST_F(CheckpointTest, GivesBackGenerators) {
  Generator own(3);
  Checkpoint checkpoint(folder());
  checkpoint.add("own", own);
  manual_seed(11);
  static_cast<void>(rand({5}));
  static_cast<void>(rand({5}, {}, own));
  checkpoint.save({.epoch = 2, .step = 9});
  const auto a = rand({4}).to_vector<float>(), b = rand({4}, {}, own).to_vector<float>();
  EXPECT_EQ(checkpoint.resume(), (RunProgress{.epoch = 2, .step = 9}));
  EXPECT_EQ(rand({4}).to_vector<float>(), a);
  EXPECT_EQ(rand({4}, {}, own).to_vector<float>(), b);
}

TEST_F(CheckpointTest, AnEmptyFolderHasNothingToGoOnFrom) {
  Checkpoint checkpoint(path("new/er"));
  EXPECT_EQ(checkpoint.resume(), std::nullopt);
  EXPECT_TRUE(checkpoint.latest().empty());
  EXPECT_FALSE(checkpoint.best_score());
}

TEST_F(CheckpointTest, SetsADamagedOneAside) {
  Checkpoint checkpoint(folder());
  checkpoint.save({.step = 1});
  const auto newest = checkpoint.save({.step = 2});
  write_file(newest, read_file(newest).substr(0, 100));
  Checkpoint again(folder());
  EXPECT_EQ(again.resume(), (RunProgress{.step = 1}));
  EXPECT_EQ(sorted_names(), (std::vector<std::string>{"checkpoint-0000000001.pt",
                                                      "checkpoint-0000000002.pt.damaged"}));
  write_file(again.latest(), "nothing");
  EXPECT_ERROR(again.resume(), "can be read");
}

TEST_F(CheckpointTest, RemovesWhatKilledProcessesLeft) {
  const std::string dead = "checkpoint-0000000007.pt.999999999-0.part";
  const std::string other = "mine.pt.999999999-0.part";
  const std::string alive = "best.pt." + std::to_string(::getpid()) + "-77.part";
  for (const auto& name : {dead, other, alive}) write_file(path(name), "half");
  Checkpoint(folder()).save({.step = 8});
  EXPECT_EQ(sorted_names(), (std::vector<std::string>{alive, "checkpoint-0000000008.pt", other}));
}

TEST_F(CheckpointTest, Refuses) {
  Linear model(2, 1), larger(3, 1);
  SGD optimizer(model.parameters(), 0.1);
  Checkpoint checkpoint(folder());
  checkpoint.add("model", model);
  EXPECT_ERROR(checkpoint.add("model", optimizer), "the name \"model\" is taken");
  EXPECT_ERROR(checkpoint.add("epoch", optimizer), "the name \"epoch\" is taken");
  EXPECT_ERROR(checkpoint.save({.step = -1}), "0 or more, got 0 and -1");
  checkpoint.save({.step = 1});

  Checkpoint other(folder());
  EXPECT_ERROR(other.save({.step = 1}), "of another run; call resume()");
  other.add("model", larger);
  EXPECT_ERROR(other.resume(), "\"model\": ");
  Checkpoint more(folder());
  more.add("optimizer", optimizer);
  EXPECT_ERROR(more.resume(), "has no \"optimizer\"; it has \"model\"");
  EXPECT_ERROR(to_loader_state(Dict{{"epoch", -1}, {"batch", 0}}), "neither may be below 0");
}

}  // namespace
}  // namespace cuttle::testing
