// Batches: their number, order, contents; shuffles against torch's (tests/golden/shuffles.json).
#include <cuttle/core/creation.h>
#include <cuttle/core/ops/arithmetic.h>
#include <cuttle/data/loading/dataloader.h>

#include <algorithm>

#include "io/scratch.h"
#include "support/golden.h"

namespace cuttle {
namespace {

// Example i is the tensor [i, −i] with target 10 i.
class Counting : public Dataset {
 public:
  explicit Counting(size_t size) : size_(size) {}
  Example get(size_t index) const override {
    const auto value = static_cast<float>(index);
    return {tensor<float>({value, -value}), static_cast<int64_t>(index) * 10};
  }
  size_t size() const override { return size_; }

 private:
  size_t size_;
};

// The examples' numbers in the order they come, checked against images and targets.
std::vector<int64_t> epoch(DataLoader& loader, std::vector<int64_t>* batch_sizes = nullptr) {
  std::vector<int64_t> order;
  for (auto [images, targets] : loader) {
    EXPECT_EQ(targets.dtype(), int64);
    EXPECT_EQ(images.shape(), Shape({targets.size(0), 2}));
    const auto values = images.to_vector<float>();
    const auto numbers = targets.to_vector<int64_t>();
    for (size_t i = 0; i < numbers.size(); ++i) {
      order.push_back(numbers[i] / 10);
      EXPECT_EQ(values[2 * i], static_cast<float>(order.back()));
      EXPECT_EQ(values[2 * i + 1], -static_cast<float>(order.back()));
    }
    if (batch_sizes != nullptr) batch_sizes->push_back(targets.size(0));
  }
  return order;
}

std::vector<int64_t> numbers_to(int64_t end) {
  return arange(end).to_vector<int64_t>();
}

TEST(DataLoader, YieldsBatchesInEveryFormOfTheLoop) {
  const Counting dataset(5);
  const DataLoader loader(dataset, {.batch_size = 2, .shuffle = true});
  std::vector<int64_t> sizes;
  for (auto& [images, targets] : loader) {
    images = images * 2;
    sizes.push_back(targets.size(0));
  }
  for (const auto& [images, targets] : loader) sizes.push_back(images.size(0));
  for (auto [images, targets] : loader) sizes.push_back(images.size(0));
  EXPECT_EQ(sizes, (std::vector<int64_t>{2, 2, 1, 2, 2, 1, 2, 2, 1}));
  const Batch& batch = *loader.begin();  // outlives the iterator
  EXPECT_EQ(batch.images.shape(), Shape({2, 2}));
  const auto first = loader.begin();
  EXPECT_TRUE((*first).images.is_same((*first).images));  // put together once
}

TEST(DataLoader, GoesInOrder) {
  for (const size_t size : {1, 31, 33, 64, 1025}) {
    const Counting dataset(size);
    DataLoader loader(dataset, {.batch_size = 32});
    std::vector<int64_t> sizes;
    EXPECT_EQ(epoch(loader, &sizes), numbers_to(static_cast<int64_t>(size)));
    EXPECT_EQ(sizes.size(), (size + 31) / 32);
    EXPECT_EQ(loader.size(), sizes.size());
    EXPECT_EQ(sizes.back(), static_cast<int64_t>((size - 1) % 32 + 1));
    EXPECT_EQ(epoch(loader).size(), size);  // again
  }
}

TEST(DataLoader, DropsTheLastBatchIfAsked) {
  const Counting dataset(33);
  DataLoader loader(dataset, {.batch_size = 32, .drop_last = true});
  EXPECT_EQ(loader.size(), 1u);
  EXPECT_EQ(epoch(loader), numbers_to(32));
  DataLoader nothing(dataset, {.batch_size = 34, .drop_last = true});
  EXPECT_EQ(nothing.size(), 0u);
  EXPECT_TRUE(epoch(nothing).empty());
}

TEST(DataLoader, ShufflesAsTorchDoes) {
  const auto cases = test::load_golden("shuffles.json");
  ASSERT_GE(cases.size(), 4u);
  for (const auto& expected : cases) {
    const Counting dataset(expected["size"].get<size_t>());
    DataLoader loader(dataset, {.batch_size = 32, .shuffle = true, .seed = expected["seed"]});
    for (const auto& order : expected["epochs"]) {
      EXPECT_EQ(epoch(loader), order.get<std::vector<int64_t>>()) << expected["seed"];
    }
  }
}

TEST(DataLoader, ShufflingLeavesTheDefaultGeneratorAlone) {
  const Counting dataset(33);
  manual_seed(1);
  const double expected = rand({1}).item();
  manual_seed(1);
  DataLoader loader(dataset, {.shuffle = true});
  epoch(loader);
  EXPECT_EQ(rand({1}).item(), expected);
}

TEST(DataLoader, KeepsASharedDataSet) {
  auto dataset = std::make_shared<Counting>(3);
  DataLoader loader(dataset);
  dataset.reset();
  EXPECT_EQ(epoch(loader), numbers_to(3));
  static_assert(!std::is_constructible_v<DataLoader, Counting>, "a temporary would be gone");
  static_assert(std::is_constructible_v<DataLoader, Counting&>);
}

TEST(DataLoader, AnIteratorOutlivesTheNextEpochsBegin) {
  const Counting dataset(64);
  DataLoader loader(dataset, {.batch_size = 64, .shuffle = true});
  const auto first = loader.begin();
  const auto before = (*first).targets.to_vector<int64_t>();
  const auto second = loader.begin();
  EXPECT_EQ((*first).targets.to_vector<int64_t>(), before);
  EXPECT_NE((*second).targets.to_vector<int64_t>(), before);
}

// Data sets that cannot be batched.
class Faulty : public Dataset {
 public:
  explicit Faulty(std::vector<Tensor> images) : images_(std::move(images)) {}
  Example get(size_t index) const override { return {images_[index], 0}; }
  size_t size() const override { return images_.size(); }

 private:
  std::vector<Tensor> images_;
};

TEST(DataLoader, SaysWhatIsWrong) {
  const Counting some(3), none(0);
  EXPECT_ERROR(DataLoader(some, {.batch_size = 0}), "batch_size is 0");
  EXPECT_ERROR(DataLoader(none, DataLoaderOptions{}), "is empty");
  EXPECT_ERROR(DataLoader(std::shared_ptr<const Dataset>()), "null pointer");
  const Faulty shapes({ones({2}), ones({3})});
  EXPECT_ERROR(epoch(*std::make_unique<DataLoader>(shapes)), "example 1 is float32 [3]");
  const Faulty dtypes({ones({2}), ones({2}, {.dtype = int64})});
  EXPECT_ERROR(epoch(*std::make_unique<DataLoader>(dtypes)), "example 1 is int64 [2]");
  const Faulty undefined({Tensor()});
  EXPECT_ERROR(epoch(*std::make_unique<DataLoader>(undefined)), "undefined image");
}

TEST(DataLoader, BatchesWhatTheTransformLeavesStrided) {
  const Tensor matrix = arange(6).to(float32).reshape({2, 3});
  const Faulty dataset({matrix.t(), matrix.t()});
  DataLoader loader(dataset);
  const Batch batch = *loader.begin();
  EXPECT_EQ(batch.images.shape(), Shape({2, 3, 2}));
  EXPECT_EQ(batch.images.select(0, 1).to_vector<float>(), (std::vector<float>{0, 3, 1, 4, 2, 5}));
}

}  // namespace
}  // namespace cuttle
