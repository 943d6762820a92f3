// Samplers against torch's (tests/golden/samplers.json), and a loader that is given one.
#include <cuttle/core/creation.h>
#include <cuttle/data/loading/dataloader.h>
#include <cuttle/data/tensor_dataset.h>

#include "io/scratch.h"
#include "support/golden.h"

namespace cuttle {
namespace {

using Indices = std::vector<int64_t>;

void expect_epochs(const Sampler& sampler, const nlohmann::json& expected) {
  const auto epochs = expected["epochs"].get<std::vector<Indices>>();
  for (size_t k = 0; k < epochs.size(); ++k)
    EXPECT_EQ(sampler.order(k), epochs[k]) << expected << ", epoch " << k;
  EXPECT_EQ(sampler.order(1), epochs[1]) << "asked for again";
  EXPECT_EQ(sampler.size(), epochs[0].size());
}

TEST(Samplers, DrawWhatTorchDraws) {
  const auto golden = test::load_golden("samplers.json");
  ASSERT_EQ(golden["random"].size(), 8u);
  for (const auto& expected : golden["random"])
    expect_epochs(RandomSampler(expected["size"], {.replacement = expected["replacement"],
                                                   .num_samples = expected["num_samples"],
                                                   .seed = expected["seed"]}),
                  expected);
  for (const auto& expected : golden["weighted"])
    expect_epochs(WeightedRandomSampler(
                      expected["weights"].get<std::vector<double>>(), expected["num_samples"],
                      {.replacement = expected["replacement"], .seed = expected["seed"]}),
                  expected);
  for (const auto& expected : golden["subset"])
    expect_epochs(SubsetRandomSampler(expected["indices"].get<Indices>(), expected["seed"]),
                  expected);
}

TEST(Samplers, BatchSamplerCutsAsTorchDoes) {
  const auto golden = test::load_golden("samplers.json");
  ASSERT_EQ(golden["batch"].size(), 6u);
  for (const auto& expected : golden["batch"]) {
    const BatchSampler sampler(std::make_shared<SequentialSampler>(expected["size"]),
                               expected["batch_size"], expected["drop_last"]);
    const auto batches = expected["batches"].get<std::vector<Indices>>();
    EXPECT_EQ(sampler.batches(0), batches) << expected;
    EXPECT_EQ(sampler.size(), batches.size()) << expected;
  }
}

TEST(Samplers, RandomSamplerTakesAsManyAsThereAre) {
  EXPECT_EQ(RandomSampler(33).size(), 33u);
  EXPECT_EQ(RandomSampler(33).order(0), RandomSampler(33, {.num_samples = 33}).order(0));
}

// The targets of each batch.
std::vector<Indices> batches_of(const DataLoader& loader) {
  std::vector<Indices> all;
  for (const auto& [images, targets] : loader) all.push_back(targets.to_vector<int64_t>());
  return all;
}

TEST(Samplers, DecideWhatALoaderYields) {
  const TensorDataset dataset({zeros({40, 2}), arange(40)});
  const auto sampler = std::make_shared<RandomSampler>(
      40, RandomSamplerOptions{.replacement = true, .num_samples = 50, .seed = 3});
  const DataLoader loader(dataset, {.batch_size = 32, .sampler = sampler});
  EXPECT_EQ(loader.size(), 2u);
  for (uint64_t epoch = 0; epoch < 2; ++epoch) {
    Indices order = sampler->order(epoch);
    const Indices second(order.begin() + 32, order.end());
    order.resize(32);
    EXPECT_EQ(batches_of(loader), (std::vector<Indices>{order, second}));
  }
}

// Pairs of neighbours, a pair less in each epoch.
class Pairs : public BatchSampler {
 public:
  std::vector<Indices> batches(uint64_t epoch) const override {
    std::vector<Indices> all;
    for (int64_t i = static_cast<int64_t>(epoch); i < 3; ++i) all.push_back({2 * i, 2 * i + 1});
    return all;
  }
  size_t size() const override { return 3; }
};

TEST(Samplers, ALoaderTakesBatchesOfAnothersMaking) {
  const TensorDataset dataset({zeros({6, 2}), arange(6)});
  const DataLoader loader(dataset, {.batch_sampler = std::make_shared<Pairs>()});
  EXPECT_EQ(batches_of(loader), (std::vector<Indices>{{0, 1}, {2, 3}, {4, 5}}));
  EXPECT_EQ(batches_of(loader), (std::vector<Indices>{{2, 3}, {4, 5}}));
}

TEST(Samplers, SayWhatIsWrong) {
  EXPECT_ERROR(RandomSampler(0), "the size is 0");
  EXPECT_ERROR(RandomSampler(3, {.num_samples = 0}), "num_samples is 0");
  EXPECT_ERROR(WeightedRandomSampler({}, 1), "no weights");
  EXPECT_ERROR(WeightedRandomSampler({1}, 0), "num_samples is 0");
  EXPECT_ERROR(WeightedRandomSampler({1, -1}, 1).order(0), "multinomial");
  EXPECT_ERROR(WeightedRandomSampler({1, 1}, 3, {.replacement = false}).order(0), "multinomial");
  const auto sampler = std::make_shared<SequentialSampler>(3);
  EXPECT_ERROR(BatchSampler(nullptr, 2), "null pointer");
  EXPECT_ERROR(BatchSampler(sampler, 0), "batch_size is 0");
  const TensorDataset dataset({zeros({2})});
  EXPECT_ERROR(DataLoader(dataset, {.shuffle = true, .sampler = sampler}), "leave out shuffle");
  const auto pairs = std::make_shared<Pairs>();
  EXPECT_ERROR(DataLoader(dataset, {.drop_last = true, .batch_sampler = pairs}), "batch_sampler");
  EXPECT_ERROR(DataLoader(dataset, {.sampler = sampler, .batch_sampler = pairs}), "batch_sampler");
  const DataLoader loader(dataset, {.sampler = sampler});
  EXPECT_ERROR(loader.begin(), "the sampler gave index 2, the data set has 2 examples");
}

}  // namespace
}  // namespace cuttle
