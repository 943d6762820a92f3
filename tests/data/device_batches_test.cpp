// Batches for a GPU: in page-locked memory, and copied ahead on a stream of the loader's own. In
// the interpreter streams run late and in random order, so that a missing wait shows.
#include <cuttle/core/creation.h>
#include <cuttle/core/cuda_stream.h>
#include <cuttle/core/ops/arithmetic.h>
#include <cuttle/core/pinned_memory.h>
#include <cuttle/data/loading/dataloader.h>
#include <cuttle/data/tensor_dataset.h>

#include "io/scratch.h"
#include "support/devices.h"

namespace cuttle {
namespace {

class DeviceBatches : public test::DeviceTest {};
CUTTLE_INSTANTIATE_DEVICES(DeviceBatches);

// Row i is 4,000 times i.
TensorDataset rows(int64_t count) {
  return TensorDataset({arange(count).to(float32).reshape({count, 1}) * ones({1, 4000}),
                        arange(count), rand({count})});
}

TEST_P(DeviceBatches, ComeWithTheirValuesHoweverManyWorkers) {
  const test::DeferredStreams deferred;
  const TensorDataset dataset = rows(40);
  for (const size_t workers : {0, 1, 3})
    for (const bool pin : {false, true}) {
      const DataLoader loader(dataset, {.batch_size = 3,
                                        .shuffle = true,
                                        .num_workers = workers,
                                        .pin_memory = pin,
                                        .device = device()});
      std::vector<Tensor> sums, targets;  // read at the end: batches are dropped before
      for (const Batch& batch : loader) {
        EXPECT_EQ(batch.images.device(), device());
        EXPECT_EQ(batch.targets.device(), device());
        EXPECT_EQ(batch.more.at(0).device(), device());
        sums.push_back(batch.images.sum(1) / 4000);
        targets.push_back(batch.targets + 0);
      }
      ASSERT_EQ(sums.size(), 14u);
      for (size_t i = 0; i < sums.size(); ++i)
        EXPECT_EQ(sums[i].to_vector<double>(), targets[i].to_vector<double>());
    }
}

TEST_P(DeviceBatches, ServeTheStreamThatAsks) {
  const test::DeferredStreams deferred;
  const TensorDataset dataset = rows(12);
  const DataLoader loader(dataset, {.batch_size = 4, .num_workers = 1, .device = device()});
  std::vector<double> sums;
  const auto run = [&] {
    for (const auto& [images, targets] : loader)
      sums.push_back((images.sum() / 4000 - targets.sum()).item());
  };
  if (device().is_cuda()) {
    const cuda::Stream stream;
    const cuda::StreamGuard guard(stream);
    run();
  } else {
    run();
  }
  EXPECT_EQ(sums, (std::vector<double>{0, 0, 0}));
}

TEST(PinnedMemory, IsReadByTheGpuItself) {
  if (!cuda::is_available()) GTEST_SKIP() << "needs a CUDA device: " << cuda::why_unavailable();
  const test::DeferredStreams deferred;
  const Tensor values = arange(5000).to(float32);
  Tensor pinned = pin_memory(values.reshape({50, 100}).t());
  EXPECT_TRUE(is_pinned(pinned));
  EXPECT_FALSE(is_pinned(values));
  EXPECT_TRUE(pin_memory(pinned).is_same(pinned));
  EXPECT_TRUE(pinned.is_contiguous());
  const std::vector<float> expected = values.reshape({50, 100}).t().to_vector<float>();
  EXPECT_EQ(pinned.to_vector<float>(), expected);
  // Dropped and pinned anew before anything ran: the copies still read what they are of.
  const Tensor first = to_non_blocking(pinned, "cuda"), row = to_non_blocking(pinned[3], "cuda");
  pinned = {};
  const Tensor second = to_non_blocking(pin_memory(-values), "cuda");
  EXPECT_EQ(first.to_vector<float>(), expected);
  EXPECT_EQ(row.to_vector<float>(),
            std::vector<float>(expected.begin() + 150, expected.begin() + 200));
  EXPECT_EQ(second.to_vector<float>(), (-values).to_vector<float>());
}

TEST(PinnedMemory, IsFreeOnceEveryStreamHasReadIt) {
  if (!cuda::is_available()) GTEST_SKIP() << "needs a CUDA device: " << cuda::why_unavailable();
  const test::DeferredStreams deferred;
  const cuda::Stream a, b;
  std::vector<Tensor> copies;
  std::vector<std::vector<float>> expected;
  for (float i = 0; i < 8; ++i) {
    const Tensor values = full({3000}, i);
    const Tensor pinned = pin_memory(values);
    for (const cuda::Stream& stream : {a, b}) {
      const cuda::StreamGuard guard(stream);
      copies.push_back(to_non_blocking(pinned, "cuda"));
      expected.push_back(values.to_vector<float>());
    }
  }
  cuda::synchronize();
  for (size_t i = 0; i < copies.size(); ++i) EXPECT_EQ(copies[i].to_vector<float>(), expected[i]);
}

// Without a GPU there is nothing to pin for: the same batches in ordinary memory.
void expect_batches(bool pinned) {
  const TensorDataset dataset = rows(10);
  for (const size_t workers : {0, 2}) {
    const DataLoader loader(dataset, {.batch_size = 4, .num_workers = workers, .pin_memory = true});
    int64_t next = 0;
    for (const Batch& batch : loader) {
      EXPECT_EQ(is_pinned(batch.images), pinned);
      EXPECT_EQ(is_pinned(batch.targets), pinned);
      EXPECT_EQ(batch.targets.to_vector<int64_t>()[0], next);
      next += 4;
    }
  }
}

TEST(PinnedMemory, HoldsALoadersBatches) {
  if (!cuda::is_available()) GTEST_SKIP() << "needs a CUDA device: " << cuda::why_unavailable();
  expect_batches(/*pinned=*/true);
}

TEST(PinnedMemory, IsNotAskedForWithoutAGpu) {
  if (cuda::is_available()) GTEST_SKIP() << "there is a CUDA device";
  expect_batches(/*pinned=*/false);
  EXPECT_ERROR(pin_memory(rand({3})), "cuda");
}

TEST(PinnedMemory, IsOfTensorsOnTheCpuForAGpu) {
  if (!cuda::is_available()) GTEST_SKIP() << "needs a CUDA device: " << cuda::why_unavailable();
  EXPECT_ERROR(pin_memory(rand({3}).cuda()), "expected a tensor on the CPU, got one on cuda:0");
  EXPECT_ERROR(pin_memory(rand({3}), "cpu"), "expected a CUDA device, got cpu");
}

TEST_P(DeviceBatches, OfOrdinaryMemoryAreOrdinaryCopies) {
  const Tensor values = rand({3});
  EXPECT_EQ(to_non_blocking(values, device()).to_vector<float>(), values.to_vector<float>());
  EXPECT_FALSE(is_pinned(values));
  EXPECT_FALSE(is_pinned(Tensor()));
}

}  // namespace
}  // namespace cuttle
