// Batches of images that lie on the device: shuffled, augmented and normalised there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>

#include "../image_dataset.h"
#include "../transforms.h"
#include "dataloader.h"

namespace cuttle {

struct DeviceLoaderOptions {
  size_t batch_size = 64;
  bool shuffle = false;
  uint64_t seed = 0;       // of the order, and of all that is drawn
  bool drop_last = false;  // leave out a last batch that is not full
  std::optional<RandomCrop> crop = {};
  /// "none"; "random": each image with probability ½; "alternating": half of the images in even
  /// epochs and the other half in odd ones, so that two epochs show each image both ways.
  std::string flip = "none";
  std::optional<Normalize> normalize = {};  // of values that ToTensor would give
  int64_t cutout = 0;        // side of a square around a random pixel that becomes 0, last of all
  DType dtype = float32;     // or float16, bfloat16
  Transform transform = {};  // of each batch, float32 (N, C, H, W), in the end
};

/// Yields batches as a DataLoader does, from images that were copied to the device once (on the CPU
/// they are read where they lie). Order, crops, flips, normalisation and cutout are one kernel a
/// batch; nothing comes from the host.
///
///     DeviceLoader loader(CIFAR10(root), {.batch_size = 512, .shuffle = true,
///                                         .crop = RandomCrop(32, {.padding = 4}),
///                                         .flip = "random",
///                                         .normalize = Normalize(mean, std)}, "cuda");
///     for (auto [images, targets] : loader) { … }
///
/// Images are (N, C, H, W) of `dtype` with channels-last strides, targets (N) int64. What an image
/// becomes depends on seed, epoch and its index alone: the same bits on the CPU and on a GPU, and
/// whatever the batch size. Without augmentation the values are those of ToTensor() and Normalize.
///
/// For a captured step the batch can be written into the tensors that it reads:
///
///     for (auto batch = loader.begin(); batch != loader.end(); ++batch) {
///       batch.write(images, targets);
///       graph.replay();
///     }
///
/// Taking a batch is itself not captured: a replay would give the same one again. A loader is for
/// one thread.
class DeviceLoader {
 public:
  /// The pictures of a data set; its own transform is not used. Throws Error if there are none, the
  /// batch size is 0, or an option does not fit the images.
  explicit DeviceLoader(const ImageDataset& dataset, const DeviceLoaderOptions& options = {},
                        const Device& device = {});
  /// Any data set whose examples are uint8 images (H, W, C) of one size and numbers, as a Subset of
  /// pictures without a transform: they are asked for once.
  explicit DeviceLoader(const Dataset& dataset, const DeviceLoaderOptions& options = {},
                        const Device& device = {});
  /// `images` uint8 (N, H, W, C), `targets` (N) int64.
  DeviceLoader(const Tensor& images, const Tensor& targets, const DeviceLoaderOptions& options = {},
               const Device& device = {});

  /// Number of batches of an epoch.
  size_t size() const noexcept;
  const Device& device() const noexcept { return device_; }

  /// Walks through one epoch once. The loader must outlive it.
  class Iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = Batch;
    using difference_type = std::ptrdiff_t;
    using pointer = Batch*;
    using reference = Batch&;

    /// The batch, made at the first call and kept until ++. Throws Error while this thread captures
    /// a CUDA graph.
    Batch& operator*() const&;
    /// The same of an iterator that is gone after the line, as in *loader.begin().
    Batch operator*() const&& { return *static_cast<const Iterator&>(*this); }
    /// Puts the batch into tensors of the program's, which the current stream's later work sees.
    /// Throws Error if they have not the batch's shapes, dtypes and device; the last one may be
    /// smaller (drop_last).
    void write(Tensor& images, Tensor& targets) const;
    Iterator& operator++();
    void operator++(int) { ++*this; }
    bool operator==(std::default_sentinel_t) const noexcept { return number_ >= loader_->size(); }

   private:
    friend class DeviceLoader;
    Iterator(const DeviceLoader* loader, uint64_t epoch, uint64_t number, Tensor order)
        : loader_(loader), epoch_(epoch), number_(number), order_(std::move(order)) {}
    Tensor numbers() const;  // the batch's part of the order
    void took_batch() const;

    const DeviceLoader* loader_;
    uint64_t epoch_, number_;
    Tensor order_;  // (examples) int64
    mutable std::optional<Batch> batch_;
  };

  /// Begins the next epoch, or goes on in the one that load_state() named. A constant loader, too,
  /// remembers which epoch it is at.
  Iterator begin() const;
  std::default_sentinel_t end() const noexcept { return {}; }

  /// Where the loop that was begun last stands: after its n-th batch was taken {epoch, n}, at its
  /// end {epoch + 1, 0}.
  DataLoaderState state() const noexcept { return state_; }
  /// The next loop yields the batches that would have come after that state. Throws Error for a
  /// batch that the epoch does not have.
  void load_state(const DataLoaderState& state);

 private:
  DeviceLoader(const Batch& all, const DeviceLoaderOptions& options, const Device& device)
      : DeviceLoader(all.images, all.targets, options, device) {}
  void check_options() const;
  void fill(uint64_t epoch, const Tensor& numbers, Tensor& images, Tensor& targets,
            bool overwrites) const;

  DeviceLoaderOptions options_;
  Device device_;
  Tensor images_;    // (examples, C, H, W) uint8, channels-last
  Tensor targets_;   // (examples) int64
  Tensor in_order_;  // 0 … examples − 1
  Tensor levels_;    // (C, 256) float32: what bytes become
  ImageSize size_;   // of the results
  mutable DataLoaderState state_, next_;
};

}  // namespace cuttle
