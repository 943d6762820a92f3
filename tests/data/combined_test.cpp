// TensorDataset, Subset, ConcatDataset and random_split: examples, batches, torch's splits.
#include <cuttle/core/creation.h>
#include <cuttle/core/ops/arithmetic.h>
#include <cuttle/data/loading/dataloader.h>
#include <cuttle/data/subset.h>
#include <cuttle/data/tensor_dataset.h>

#include "io/scratch.h"
#include "support/golden.h"

namespace cuttle {
namespace {

using Indices = std::vector<int64_t>;

TEST(TensorDataset, GivesRows) {
  const Tensor x = arange(12).to(float32).reshape({3, 2, 2}), y = tensor({7, 8, 9});
  const TensorDataset dataset({x, y});
  EXPECT_EQ(dataset.size(), 3u);
  const auto [image, target] = dataset.get(1);
  EXPECT_EQ(image.to_vector<float>(), (std::vector<float>{4, 5, 6, 7}));
  EXPECT_EQ(image.shape(), Shape({2, 2}));
  EXPECT_FALSE(target.is_tensor());
  EXPECT_EQ(target, 8);
  const TensorDataset alone({x});
  EXPECT_EQ(alone.get(2).target, 0);
}

// A data set without the short way to batches.
class OneByOne : public Dataset {
 public:
  explicit OneByOne(const Dataset& dataset) : dataset_(dataset) {}
  Example get(size_t index) const override { return dataset_.get(index); }
  size_t size() const override { return dataset_.size(); }

 private:
  const Dataset& dataset_;
};

void expect_same(const Tensor& a, const Tensor& b) {
  EXPECT_EQ(a.dtype(), b.dtype());
  EXPECT_EQ(a.shape(), b.shape());
  EXPECT_EQ(a.to_vector<double>(), b.to_vector<double>());
}

void expect_same_batches(const Dataset& dataset) {
  const OneByOne slow(dataset);
  const DataLoaderOptions options{.batch_size = 3, .shuffle = true, .seed = 1};
  const DataLoader fast_loader(dataset, options), slow_loader(slow, options);
  auto other = slow_loader.begin();
  for (const Batch& batch : fast_loader) {
    expect_same(batch.images, (*other).images);
    expect_same(batch.targets, (*other).targets);
    ASSERT_EQ(batch.more.size(), (*other).more.size());
    for (size_t i = 0; i < batch.more.size(); ++i) expect_same(batch.more[i], (*other).more[i]);
    ++other;
  }
  EXPECT_TRUE(other == slow_loader.end());
}

TEST(TensorDataset, BatchesTargetsOfEveryKind) {
  const Tensor x = randn({7, 2, 3});
  for (const Tensor& y : {arange(7), rand({7}), randn({7, 4}, {.dtype = float64}),
                          arange(14).reshape({7, 2}), arange(7).to(int32), arange(7).to(boolean)})
    expect_same_batches(TensorDataset({x, y}));
  expect_same_batches(TensorDataset({x}));
  expect_same_batches(TensorDataset({x, randn({7, 1}), arange(7), randn({7, 2, 2})}));
  const TensorDataset dataset({x.transpose(1, 2), arange(7)});  // strided rows
  expect_same_batches(dataset);
  const DataLoader loader(dataset, {.batch_size = 7});
  expect_same((*loader.begin()).images, x.transpose(1, 2));
}

TEST(TensorDataset, KeepsNoHistory) {
  const TensorDataset dataset({ones({2, 2}, {.requires_grad = true}) * 2});
  EXPECT_FALSE(dataset.get(0).image.requires_grad());
  EXPECT_FALSE((*DataLoader(dataset).begin()).images.requires_grad());
}

TEST(TensorDataset, SaysWhatIsWrong) {
  EXPECT_ERROR(TensorDataset({}), "there are no tensors");
  EXPECT_ERROR(TensorDataset({Tensor()}), "tensor 0 is undefined");
  EXPECT_ERROR(TensorDataset({scalar_tensor(1)}), "no dimensions");
  EXPECT_ERROR(TensorDataset({zeros({3}), zeros({2, 5})}),
               "tensor 1 has 2 rows ([2, 5]), tensor 0");
  EXPECT_ERROR(TensorDataset({zeros({3})}).get(3), "there is no example 3, it has 3");
  EXPECT_ERROR(static_cast<int64_t>(TensorDataset({zeros({1}), zeros({1})}).get(0).target),
               "this one is a tensor");
}

TEST(Subset, ChoosesExamples) {
  const TensorDataset dataset({arange(10) * 2, arange(10)});
  const Subset subset(dataset, {3, 9, 3});
  EXPECT_EQ(subset.size(), 3u);
  EXPECT_EQ(subset.get(1).target, 9);
  EXPECT_EQ(subset.get(1).image.item(), 18);
  expect_same_batches(subset);
  expect_same_batches(Subset(std::make_shared<OneByOne>(dataset), {0, 1}));
  EXPECT_ERROR(subset.get(3), "Subset: there is no example 3");
  EXPECT_ERROR(Subset(dataset, {0, 10}), "there is no example 10, the data set has 10");
  EXPECT_ERROR(Subset(dataset, {-1}), "there is no example -1");
}

TEST(ConcatDataset, GoesFromOneToTheNext) {
  const TensorDataset a({zeros({3}), arange(3)}), none({zeros({0}), arange(0)});
  const auto b = std::make_shared<TensorDataset>(std::vector{zeros({2}), tensor({10, 11})});
  const ConcatDataset all({a, none, b});
  Indices targets;
  for (size_t i = 0; i < all.size(); ++i) targets.push_back(all.get(i).target);
  EXPECT_EQ(targets, (Indices{0, 1, 2, 10, 11}));
  expect_same_batches(all);
  EXPECT_ERROR(all.get(5), "ConcatDataset: there is no example 5, it has 5");
  EXPECT_ERROR(ConcatDataset({}), "there are no data sets");
}

TEST(RandomSplit, SplitsAsTorchDoes) {
  const auto golden = test::load_golden("samplers.json");
  ASSERT_EQ(golden["split"].size(), 7u);
  for (const auto& expected : golden["split"]) {
    const TensorDataset dataset({zeros({expected["size"].get<int64_t>()})});
    std::vector<Scalar> lengths;
    for (const auto& length : expected["lengths"])
      lengths.push_back(length.is_number_integer() ? Scalar(length.get<int64_t>())
                                                   : Scalar(length.get<double>()));
    const auto parts = random_split(dataset, lengths, Generator(expected["seed"]));
    ASSERT_EQ(parts.size(), expected["parts"].size());
    for (size_t i = 0; i < parts.size(); ++i)
      EXPECT_EQ(parts[i].indices(), expected["parts"][i].get<Indices>()) << expected;
  }
}

TEST(RandomSplit, DrawsFromTheDefaultGenerator) {
  const TensorDataset dataset({zeros({9})});
  manual_seed(4);
  const auto parts = random_split(dataset, {0.5, 0.5});
  manual_seed(4);
  const Indices order = randperm(9).to_vector<int64_t>();
  EXPECT_EQ(parts[0].indices(), Indices(order.begin(), order.begin() + 5));
}

TEST(RandomSplit, SaysWhatIsWrong) {
  const TensorDataset dataset({zeros({9})});
  EXPECT_ERROR(random_split(dataset, {4, 4}), "add up to 8, the data set has 9");
  EXPECT_ERROR(random_split(dataset, {0.5, 0.4}), "fractions that add up to 1, got 0.5");
  EXPECT_ERROR(random_split(dataset, {10, -1}), "got -1");
  EXPECT_ERROR(random_split(dataset, {std::nan("")}), "got nan");
  EXPECT_ERROR(random_split(dataset, {}), "add up to 0");
}

}  // namespace
}  // namespace cuttle
