// A loader's worker threads: the same batches whatever their number, errors, loops left early; and
// the place that a loader keeps.
#include <cuttle/core/creation.h>
#include <cuttle/core/ops/arithmetic.h>
#include <cuttle/data/loading/dataloader.h>
#include <cuttle/data/loading/sample_random.h>
#include <cuttle/data/tensor_dataset.h>

#include <atomic>
#include <chrono>
#include <set>
#include <thread>

#include "io/scratch.h"

namespace cuttle {
namespace {

// Example i is [i, a random number, another one]; some take longer than others.
class Augmented : public Dataset {
 public:
  explicit Augmented(size_t size, std::chrono::microseconds pause = {})
      : size_(size), pause_(pause) {}
  Example get(size_t index) const override {
    ++calls;
    if (index % 3 == 0) std::this_thread::sleep_for(pause_);
    const double u = sample_random().uniform();
    return {tensor({static_cast<double>(index), u, sample_random().normal()}), index};
  }
  size_t size() const override { return size_; }

  mutable std::atomic<size_t> calls{0};

 private:
  size_t size_;
  std::chrono::microseconds pause_;
};

using Values = std::vector<double>;

Values epoch(const DataLoader& loader) {
  Values values;
  for (const auto& [images, targets] : loader)
    for (const double value : images.to_vector<double>()) values.push_back(value);
  return values;
}

DataLoaderOptions shuffled(size_t workers, size_t prefetch = 2) {
  return {.batch_size = 4,
          .shuffle = true,
          .seed = 5,
          .num_workers = workers,
          .prefetch_factor = prefetch};
}

TEST(Workers, GiveTheSameBatchesHoweverManyThereAre) {
  const Augmented dataset(53, std::chrono::microseconds(200));
  const DataLoader alone(dataset, shuffled(0));
  const std::vector<Values> expected{epoch(alone), epoch(alone)};
  EXPECT_NE(expected[0], expected[1]);
  EXPECT_EQ(expected[0].size(), 53u * 3);
  for (size_t workers = 1; workers <= 4; ++workers)
    for (const size_t prefetch : {1, 3}) {
      const DataLoader loader(dataset, shuffled(workers, prefetch));
      for (const Values& values : expected) EXPECT_EQ(epoch(loader), values) << workers;
    }
}

TEST(Workers, AnExamplesNumbersAreThoseOfItsIndex) {
  const Augmented dataset(20);
  const Values shuffled_values = epoch(DataLoader(dataset, shuffled(2)));
  const Values in_order = epoch(DataLoader(dataset, {.seed = 5, .num_workers = 3}));
  for (size_t i = 0; i < shuffled_values.size(); i += 3) {
    const auto index = static_cast<size_t>(shuffled_values[i]);
    EXPECT_EQ(shuffled_values[i + 1], in_order[3 * index + 1]);
    const SampleRandomScope scope(5, 0, index);
    EXPECT_EQ(sample_random().uniform(), in_order[3 * index + 1]);
  }
  EXPECT_NE(epoch(DataLoader(dataset, {.seed = 6})), in_order);
}

TEST(Workers, WaitForASlowConsumerAndMakeNoMoreThanAskedFor) {
  const Augmented dataset(100);
  const DataLoader loader(dataset, {.batch_size = 2, .num_workers = 2, .prefetch_factor = 3});
  const auto walk = loader.begin();
  EXPECT_EQ((*walk).targets.to_vector<int64_t>(), (std::vector<int64_t>{0, 1}));
  while (dataset.calls < 2u * 2 * 3) std::this_thread::yield();  // they go ahead, so far
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_EQ(dataset.calls, 2u * 2 * 3);  // and no farther
}

TEST(Workers, LetALoopBeLeft) {
  const Augmented dataset(1000, std::chrono::microseconds(100));
  for (const size_t workers : {1, 3}) {
    const DataLoader loader(dataset, shuffled(workers));
    for (const auto& [images, targets] : loader)
      if (images.size(0) == 4) break;
    EXPECT_LT(dataset.calls, 500u);
    { const auto unused = loader.begin(); }
    {
      const auto at_work = loader.begin(), copy = at_work;
      (void)*copy;
    }
  }
  auto gone = std::make_shared<Augmented>(100);  // an iterator outlives loader and data set's name
  auto walk = DataLoader(gone, shuffled(2)).begin();
  gone.reset();
  EXPECT_EQ((*walk).images.size(0), 4);
}

TEST(Workers, StopAtTheExampleTheyAreAt) {
  const Augmented dataset(100'000, std::chrono::microseconds(1000));
  { const auto walk = DataLoader(dataset, {.batch_size = 50'000, .num_workers = 2}).begin(); }
  EXPECT_LT(dataset.calls, 50'000u);
}

TEST(Workers, ServeTwoLoopsAtOnce) {
  const Augmented dataset(40);
  const DataLoader loader(dataset, shuffled(2)), other(dataset, shuffled(0));
  auto a = loader.begin(), b = loader.begin();
  const std::vector<Values> expected{epoch(other), epoch(other)};
  std::vector<Values> actual(2);
  for (; a != loader.end(); ++a, ++b) {
    for (const double value : (*b).images.to_vector<double>()) actual[1].push_back(value);
    for (const double value : (*a).images.to_vector<double>()) actual[0].push_back(value);
  }
  EXPECT_EQ(actual, expected);
  EXPECT_TRUE(b == loader.end());
}

TEST(Workers, ALoaderInALoaderHasItsOwnNumbers) {
  const Augmented dataset(12);
  const DataLoader outer(dataset, shuffled(2)), inner(dataset, shuffled(0));
  const Values expected = epoch(DataLoader(dataset, shuffled(0)));
  for (const Batch& batch : outer)
    if (batch.targets.defined()) break;
  EXPECT_EQ(epoch(inner), expected);
}

// Example `bad` throws.
class Failing : public Dataset {
 public:
  Failing(size_t bad, std::function<void()> raise) : bad_(bad), raise_(std::move(raise)) {}
  Example get(size_t index) const override {
    if (index == bad_) raise_();
    return {ones({1}), index};
  }
  size_t size() const override { return 20; }

 private:
  size_t bad_;
  std::function<void()> raise_;
};

struct Odd {};

TEST(Workers, AnErrorReachesTheCallerWithItsIndex) {
  for (const size_t workers : {0, 1, 3}) {
    const Failing dataset(9, [] { fail("the file is gone"); });
    const DataLoader loader(dataset, {.batch_size = 4, .num_workers = workers});
    std::vector<int64_t> sizes;
    const std::string expected = "DataLoader: example 9: the file is gone";
    EXPECT_EQ(testing::error_of([&] {
                for (const auto& [images, targets] : loader) sizes.push_back(targets.size(0));
              }),
              expected);
    EXPECT_EQ(sizes.size(), 2u);  // those before it came
    // Asked for again, the same; and what follows is there.
    auto walk = loader.begin();
    ++walk, ++walk;
    EXPECT_ERROR(*walk, expected);
    EXPECT_ERROR(*walk, expected);
    ++walk;
    EXPECT_EQ((*walk).targets.to_vector<int64_t>()[0], 12);
  }
}

TEST(Workers, KeepTheOriginalException) {
  for (const size_t workers : {0, 2}) {
    const Failing dataset(0, [] { throw std::out_of_range("row 3"); }), odd(1, [] { throw Odd(); });
    try {
      (void)*DataLoader(dataset, {.num_workers = workers}).begin();
      FAIL() << "nothing was thrown";
    } catch (const Error& error) {
      EXPECT_STREQ(error.what(), "DataLoader: example 0: row 3");
      EXPECT_THROW(std::rethrow_if_nested(error), std::out_of_range);
    }
    EXPECT_ERROR(*DataLoader(odd, {.num_workers = workers}).begin(), "example 1: an exception");
  }
}

TEST(Workers, BatchesThatDoNotFitTogetherAreErrorsToo) {
  class Growing : public Dataset {
    Example get(size_t index) const override { return {ones({static_cast<int64_t>(index)}), 0}; }
    size_t size() const override { return 5; }
  };
  const Growing dataset;
  EXPECT_ERROR(epoch(DataLoader(dataset, {.batch_size = 2, .num_workers = 2})),
               "example 1 is float32 [1], the batch's first is float32 [0]");
}

TEST(Workers, CollateAsTheyAreTold) {
  const Augmented dataset(10);
  const CollateFunction sums = [](std::vector<Example> examples) {
    Tensor sum = zeros({3}, {.dtype = float64});
    for (const Example& example : examples) sum = sum + example.image;
    Batch batch{sum, tensor({examples[0].target + examples[1].target})};
    batch.more.push_back(tensor({sample_random().uniform()}));
    return batch;
  };
  std::vector<Values> drawn;
  for (const size_t workers : {0, 1, 3}) {
    const DataLoader loader(dataset, {.batch_size = 2, .num_workers = workers, .collate_fn = sums});
    std::vector<int64_t> targets;
    for (const Batch& batch : loader) {
      targets.push_back(batch.targets.item<int64_t>());
      EXPECT_EQ(batch.images.to_vector<double>()[0], static_cast<double>(targets.back()));
      if (drawn.size() <= workers) drawn.resize(workers + 1);
      drawn[workers].push_back(batch.more.at(0).item());
    }
    EXPECT_EQ(targets, (std::vector<int64_t>{1, 5, 9, 13, 17}));
    EXPECT_EQ(drawn[workers], drawn[0]);
  }
  EXPECT_EQ(std::set(drawn[0].begin(), drawn[0].end()).size(), 5u);
}

TEST(DataLoaderState, GoesOnWhereItWas) {
  const Augmented dataset(22);
  for (const size_t workers : {0, 2}) {
    // Two whole epochs, and where the loader stood after each batch.
    const DataLoader loader(dataset, shuffled(workers));
    EXPECT_EQ(loader.state(), (DataLoaderState{0, 0}));
    std::vector<std::pair<DataLoaderState, Values>> batches;
    for (uint64_t number = 0; number < 2; ++number) {
      for (const auto& [images, targets] : loader)
        batches.emplace_back(loader.state(), images.to_vector<double>());
      EXPECT_EQ(loader.state(), (DataLoaderState{number + 1, 0}));
    }
    EXPECT_EQ(batches[1].first, (DataLoaderState{0, 2}));
    for (size_t i = 0; i < batches.size(); ++i) {
      DataLoader resumed(dataset, shuffled(workers));
      resumed.load_state(batches[i].first);
      EXPECT_EQ(resumed.state(), batches[i].first);
      size_t next = i + 1;
      if (batches[i].first.batch == loader.size()) {  // the epoch's loop has nothing left
        EXPECT_TRUE(resumed.begin() == resumed.end());
      }
      while (next < batches.size())
        for (const auto& [images, targets] : resumed) {
          EXPECT_EQ(images.to_vector<double>(), batches.at(next).second);
          EXPECT_EQ(resumed.state(), batches[next].first);
          ++next;
        }
    }
  }
}

TEST(DataLoaderState, FollowsTheLoopThatWasBegunLast) {
  const Augmented dataset(22);
  DataLoader loader(dataset, shuffled(0));
  for (const Batch& batch : loader)
    if (batch.targets.defined()) break;
  EXPECT_EQ(loader.state(), (DataLoaderState{0, 1}));
  auto walk = loader.begin();
  EXPECT_EQ(loader.state(), (DataLoaderState{1, 0}));
  ++walk;
  EXPECT_EQ(loader.state(), (DataLoaderState{1, 1}));
  EXPECT_ERROR(loader.load_state({0, 7}), "after batch 7 of an epoch, this loader's have 6");
  loader.load_state({7, 2});
  ++walk;  // an older loop's place does not count
  EXPECT_EQ(loader.state(), (DataLoaderState{7, 2}));
}

TEST(Workers, SayWhatIsWrong) {
  const Augmented dataset(3);
  EXPECT_ERROR(DataLoader(dataset, {.prefetch_factor = 0}), "prefetch_factor is 0");
  const DataLoader loader(dataset, {.num_workers = 1});
  auto walk = loader.begin();
  ++walk;
  EXPECT_ERROR(*walk, "behind the epoch's last");
}

}  // namespace
}  // namespace cuttle
