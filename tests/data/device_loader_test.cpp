// The loader whose images lie on the device: the same bits as ToTensor and Normalize, on every
// device, however an epoch is cut into batches.
#include <cuttle/core/captured_step.h>
#include <cuttle/core/creation.h>
#include <cuttle/core/cuda_graph.h>
#include <cuttle/core/ops/arithmetic.h>
#include <cuttle/data/loading/device_loader.h>
#include <cuttle/data/synthetic.h>

#include <map>
#include <set>

#include "io/scratch.h"
#include "support/devices.h"

namespace cuttle {
namespace {

using test::DeferredStreams;

/// (n, 5, 6, 3); the first byte of image i is i.
Tensor images_of(int64_t n) {
  std::vector<uint8_t> values;
  for (int64_t i = 0; i < n * 90; ++i)
    values.push_back(static_cast<uint8_t>(i % 90 == 0 ? i / 90 : i * i * 31 + 7 * i));
  return tensor(values).reshape({n, 5, 6, 3});
}

Tensor targets_of(int64_t n) {
  return arange(1000, 1000 + n);
}

const Normalize kNormalize({0.49f, 0.48f, 0.45f}, {0.25f, 0.24f, 0.26f});

DeviceLoaderOptions augmented(size_t batch_size) {
  return {.batch_size = batch_size,
          .shuffle = true,
          .seed = 11,
          .crop = RandomCrop({5, 4}, {.padding = 2, .padding_mode = "reflect"}),
          .flip = "random",
          .normalize = kNormalize,
          .cutout = 2};
}

/// What an epoch yields, on the host: {images, targets}, one behind the other.
Batch epoch_of(const DeviceLoader& loader) {
  std::vector<Tensor> images, targets;
  for (const auto& [image, target] : loader)
    images.push_back(image.cpu()), targets.push_back(target.cpu());
  return {cat(images), cat(targets)};
}

class DeviceLoaders : public test::DeviceTest {};
CUTTLE_INSTANTIATE_DEVICES(DeviceLoaders);

TEST_P(DeviceLoaders, GiveTheBitsOfADataLoader) {
  const SyntheticCIFAR10 plain(true, Compose({ToTensor(), kNormalize}), {.size = 37});
  const DataLoader host(plain, {.batch_size = 10});
  const DeviceLoader loader(plain, {.batch_size = 10, .normalize = kNormalize}, device());
  EXPECT_EQ(loader.size(), 4u);
  auto expected = host.begin();
  for (const auto& [images, targets] : loader) {
    EXPECT_EQ(images.device(), device());
    EXPECT_TRUE(images.is_contiguous(MemoryFormat::channels_last));
    EXPECT_TRUE(images.cpu().equal((*expected).images));
    EXPECT_TRUE(targets.cpu().equal((*expected).targets));
    ++expected;
  }
  EXPECT_TRUE(expected == host.end());
}

/// Every second picture of another data set.
class Halved : public Dataset {
 public:
  explicit Halved(const Dataset& all) : all_(all) {}
  Example get(size_t index) const override { return all_.get(2 * index); }
  size_t size() const override { return all_.size() / 2; }

 private:
  const Dataset& all_;
};

TEST_P(DeviceLoaders, TakeAnyDataSetOfBytes) {
  const SyntheticCIFAR10 bytes(true, {}, {.size = 9}), floats(true, ToTensor(), {.size = 9});
  const DeviceLoader loader(Halved(bytes), {.batch_size = 3}, device());
  const auto [images, targets] = epoch_of(loader);
  ASSERT_EQ(images.size(0), 4);
  for (int64_t i = 0; i < 4; ++i) {
    const auto index = static_cast<size_t>(2 * i);
    EXPECT_TRUE(images.select(0, i).equal(floats.get(index).image));
    EXPECT_EQ(targets[i].item<int64_t>(), bytes.targets()[index]);
  }
  EXPECT_ERROR(DeviceLoader(Halved(floats), {}, device()), "so give it none");
}

TEST_P(DeviceLoaders, ShuffleAnewInEachEpoch) {
  const DeviceLoader loader(images_of(33), targets_of(33),
                            {.batch_size = 8, .shuffle = true, .seed = 3}, device());
  Generator philox(3, Engine::philox);
  const Tensor images = images_of(33);
  for (int epoch = 0; epoch < 3; ++epoch) {
    std::vector<int64_t> order(33);
    philox.permutation(order);
    const auto [shown, targets] = epoch_of(loader);
    for (int64_t i = 0; i < 33; ++i) {
      const int64_t index = order[static_cast<size_t>(i)];
      EXPECT_EQ(targets[i].item<int64_t>(), 1000 + index);
      EXPECT_TRUE(shown.select(0, i).equal(ToTensor()(images.select(0, index))));
    }
  }
}

TEST_P(DeviceLoaders, DependOnSeedEpochAndIndexAlone) {
  const auto by_index = [&](const Device& where, size_t batch_size, bool shuffle, uint64_t seed) {
    DeviceLoaderOptions options = augmented(batch_size);
    options.shuffle = shuffle;
    options.seed = seed;
    const DeviceLoader loader(images_of(20), targets_of(20), options, where);
    std::map<int64_t, std::vector<float>> found;  // of epoch 1
    epoch_of(loader);
    const auto [images, targets] = epoch_of(loader);
    for (int64_t i = 0; i < 20; ++i)
      found[targets[i].item<int64_t>()] = images.select(0, i).to_vector<float>();
    return found;
  };
  const auto expected = by_index(Device(), 20, true, 11);
  EXPECT_EQ(expected.size(), 20u);
  EXPECT_EQ(by_index(device(), 20, true, 11), expected);
  EXPECT_EQ(by_index(device(), 7, true, 11), expected);
  EXPECT_EQ(by_index(device(), 1, false, 11), expected);
  EXPECT_NE(by_index(device(), 20, true, 12), expected);
}

TEST_P(DeviceLoaders, AlternateFlips) {
  DeviceLoaderOptions options{.batch_size = 40, .flip = "alternating"};
  const DeviceLoader loader(images_of(40), targets_of(40), options, device());
  const Tensor first = epoch_of(loader).images, second = epoch_of(loader).images;
  EXPECT_TRUE(first.equal(second.flip({3})));
  EXPECT_TRUE(epoch_of(loader).images.equal(first));
  int64_t as_they_are = 0;
  for (int64_t i = 0; i < 40; ++i)
    as_they_are += first.select(0, i).equal(ToTensor()(images_of(40).select(0, i)));
  EXPECT_GT(as_they_are, 5);
  EXPECT_LT(as_they_are, 35);
}

TEST_P(DeviceLoaders, CutOutASquare) {
  const Tensor bright = full({50, 5, 6, 3}, 255, {.dtype = uint8});
  const DeviceLoader loader(bright, targets_of(50), {.batch_size = 50, .cutout = 3}, device());
  std::set<std::vector<float>> holes;
  const Tensor images = epoch_of(loader).images;
  for (int64_t i = 0; i < 50; ++i) {
    const Tensor image = images.select(0, i);
    const double zeros = 90 - image.sum().item();
    EXPECT_TRUE(zeros == 27 || zeros == 18 || zeros == 12) << zeros;  // whole, at an edge, a corner
    holes.insert(image.to_vector<float>());
  }
  EXPECT_GT(holes.size(), 15u);
}

TEST_P(DeviceLoaders, RoundOnceToNarrowTypes) {
  DeviceLoaderOptions options = augmented(16);
  const Tensor exact = epoch_of(DeviceLoader(images_of(16), targets_of(16), options)).images;
  for (const DType dtype : {float16, bfloat16}) {
    options.dtype = dtype;
    const DeviceLoader loader(images_of(16), targets_of(16), options, device());
    EXPECT_TRUE(epoch_of(loader).images.equal(exact.to(dtype)));
  }
}

TEST_P(DeviceLoaders, TransformBatches) {
  const auto shown = [&](const Device& where, size_t batch_size, DType dtype) {
    const DeviceLoader loader(images_of(12), targets_of(12),
                              {.batch_size = batch_size,
                               .dtype = dtype,
                               .transform = Compose({RandomCrop(4), RandomHorizontalFlip()})},
                              where);
    return epoch_of(loader).images;
  };
  const Tensor expected = shown(Device(), 12, float32);
  EXPECT_EQ(expected.shape(), Shape({12, 3, 4, 4}));
  EXPECT_TRUE(shown(device(), 5, float32).equal(expected));
  EXPECT_TRUE(shown(device(), 5, bfloat16).equal(expected.to(bfloat16)));
}

TEST_P(DeviceLoaders, GoOnFromAState) {
  const auto make = [&] {
    return DeviceLoader(images_of(20), targets_of(20), augmented(6), device());
  };
  const DeviceLoader loader = make();
  EXPECT_EQ(loader.state(), (DataLoaderState{0, 0}));
  epoch_of(loader);
  EXPECT_EQ(loader.state(), (DataLoaderState{1, 0}));
  std::vector<Tensor> expected;
  DataLoaderState middle;
  for (const auto& [images, targets] : loader) {
    expected.push_back(images.cpu());
    if (expected.size() == 2) middle = loader.state();
  }
  EXPECT_EQ(middle, (DataLoaderState{1, 2}));
  DeviceLoader other = make();
  other.load_state(middle);
  EXPECT_EQ(other.state(), middle);
  size_t next = 2;
  for (const auto& [images, targets] : other) EXPECT_TRUE(images.cpu().equal(expected[next++]));
  EXPECT_EQ(next, 4u);
  EXPECT_EQ(other.state(), (DataLoaderState{2, 0}));
  EXPECT_TRUE(epoch_of(other).images.equal(epoch_of(loader).images));
  EXPECT_ERROR(other.load_state({0, 5}), "behind batch 5 of an epoch of 4");
}

TEST_P(DeviceLoaders, FeedCapturedSteps) {
  std::optional<DeferredStreams> deferred;
  if (!device().is_cpu()) deferred.emplace();
  const DeviceLoader plain(images_of(24), targets_of(24), augmented(4), device());
  const DeviceLoader loader(images_of(24), targets_of(24), augmented(4), device());
  // Handed over, and written into what the step reads.
  CapturedStep handed([](const Tensor& x, const Tensor& t) { return x.sum() + t.sum(); });
  Tensor images = empty({4, 3, 5, 4}, {.device = device()}, MemoryFormat::channels_last);
  Tensor targets = empty({4}, {.dtype = int64, .device = device()});
  CapturedStep reading([&] { return images.sum() + targets.sum(); }, {.device = device()});
  for (int epoch = 0; epoch < 2; ++epoch) {
    auto written = loader.begin();
    for (const auto& [x, t] : plain) {
      const double expected = (x.sum() + t.sum()).item();
      EXPECT_EQ(handed(x, t).item(), expected);
      const uint64_t version = images.version();
      written.write(images, targets);
      EXPECT_GT(images.version(), version);
      EXPECT_EQ(reading().item(), expected);
      ++written;
    }
    EXPECT_TRUE(written == loader.end());
  }
  EXPECT_EQ(loader.state(), plain.state());
}

TEST_P(DeviceLoaders, AreNotCaptured) {
  if (device().is_cpu()) return;
  const DeviceLoader loader(images_of(4), targets_of(4), {.batch_size = 4}, device());
  const auto batch = loader.begin();
  CapturedStep step([&](const Tensor& x) { return x + (*loader.begin()).images; });
  const Tensor x = (*batch).images;
  static_cast<void>(step(x)), static_cast<void>(step(x));
  EXPECT_ERROR(step(x), "while a CUDA graph is captured");
}

TEST_P(DeviceLoaders, SayWhatIsWrong) {
  const Tensor images = images_of(6), targets = targets_of(6);
  const auto make = [&](const DeviceLoaderOptions& options) {
    return DeviceLoader(images, targets, options, device());
  };
  EXPECT_ERROR(DeviceLoader(ToTensor()(images.select(0, 0)), targets), "uint8 (N, H, W, C)");
  EXPECT_ERROR(DeviceLoader(images.narrow(0, 0, 0), targets), "there are no images");
  EXPECT_ERROR(DeviceLoader(images, targets_of(5)), "expected 6 targets");
  EXPECT_ERROR(make({.batch_size = 0}), "at least 1");
  EXPECT_ERROR(make({.flip = "always"}), "got \"always\"");
  EXPECT_ERROR(make({.cutout = -1}), "cutout is -1");
  EXPECT_ERROR(make({.dtype = float64}), "float32, float16 or bfloat16, got float64");
  EXPECT_ERROR(make({.crop = RandomCrop(7)}), "does not fit an image of 5 × 6");
  EXPECT_ERROR(make({.normalize = Normalize({0}, {1})}), "the images have 3 channels");
  const DeviceLoader loader = make({.batch_size = 4});
  auto batch = loader.begin();
  Tensor to = empty({4, 3, 5, 6}, {.device = device()});
  Tensor numbers = empty({4}, {.dtype = int64, .device = device()});
  batch.write(to, numbers);
  EXPECT_TRUE(to.cpu().select(0, 1).equal(ToTensor()(images.select(0, 1))));
  ++batch;
  EXPECT_ERROR(batch.write(to, numbers), "write() needs images of float32 [2, 3, 5, 6]");
}

}  // namespace
}  // namespace cuttle
