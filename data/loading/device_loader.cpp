#include "device_loader.h"

#include <algorithm>

#include "../../core/creation.h"
#include "../../core/cuda_graph.h"
#include "../../core/ops/images/images.h"

namespace cuttle {
namespace {

// Seeds of what is drawn beside the order, which has the seed itself.
enum Call : uint64_t { kKernel, kTransform };

// All examples as one batch.
Batch whole(const Dataset& dataset) {
  if (dataset.size() == 0) fail("DeviceLoader: the data set is empty");
  return *DataLoader(dataset, {.batch_size = dataset.size()}).begin();
}

}  // namespace

DeviceLoader::DeviceLoader(const ImageDataset& dataset, const DeviceLoaderOptions& options,
                           const Device& device)
    : DeviceLoader(dataset.images(), tensor(dataset.targets()), options, device) {}

DeviceLoader::DeviceLoader(const Dataset& dataset, const DeviceLoaderOptions& options,
                           const Device& device)
    : DeviceLoader(whole(dataset), options, device) {}

DeviceLoader::DeviceLoader(const Tensor& images, const Tensor& targets,
                           const DeviceLoaderOptions& options, const Device& device)
    : options_(options), device_(device), size_(1) {
  if (!images.defined() || images.dtype() != uint8 || images.dim() != 4)
    fail("DeviceLoader: expected images as uint8 (N, H, W, C)",
         images.defined()
             ? ", got " + std::string(dtype_name(images.dtype())) + " " + images.shape().str()
             : ", got an undefined tensor",
         "; a data set's own transform must leave bytes as they are, so give it none");
  if (images.numel() == 0) fail("DeviceLoader: there are no images in ", images.shape());
  if (!targets.defined() || targets.dtype() != int64 || targets.shape() != Shape{images.size(0)})
    fail("DeviceLoader: expected ", images.size(0), " targets, one an image, as int64");
  images_ = images.to(device).contiguous().permute({0, 3, 1, 2});
  targets_ = targets.to(device).contiguous();
  in_order_ = arange(images.size(0), {.device = device});
  size_ = options_.crop ? options_.crop->size() : ImageSize(images.size(1), images.size(2));
  check_options();
  const auto& normalize = options_.normalize;
  levels_ = byte_levels(images_.size(1), normalize ? &*normalize : nullptr).to(device);
}

void DeviceLoader::check_options() const {
  if (options_.batch_size == 0) fail("DeviceLoader: batch_size is 0; it must be at least 1");
  if (options_.flip != "none" && options_.flip != "random" && options_.flip != "alternating")
    fail("DeviceLoader: flip must be \"none\", \"random\" or \"alternating\", got \"",
         options_.flip, '"');
  if (options_.cutout < 0) fail("DeviceLoader: cutout is ", options_.cutout, "; 0 is none");
  if (options_.dtype != float32 && options_.dtype != float16 && options_.dtype != bfloat16)
    fail("DeviceLoader: dtype must be float32, float16 or bfloat16, got ", options_.dtype);
  const auto channels = static_cast<size_t>(images_.size(1));
  if (options_.normalize && options_.normalize->mean().size() != channels)
    fail("DeviceLoader: the images have ", channels, " channels, mean and std have ",
         options_.normalize->mean().size());
  if (options_.crop) static_cast<void>(options_.crop->window(images_.size(2), images_.size(3)));
}

size_t DeviceLoader::size() const noexcept {
  const auto examples = static_cast<size_t>(images_.size(0));
  const size_t full = examples / options_.batch_size;
  return full + (!options_.drop_last && examples % options_.batch_size != 0 ? 1 : 0);
}

DeviceLoader::Iterator DeviceLoader::begin() const {
  const DataLoaderState at = next_;
  state_ = at;
  next_ = {at.epoch + 1, 0};
  if (at.batch >= size()) state_ = next_;
  Tensor order = in_order_;
  if (options_.shuffle) order = random_order(images_.size(0), options_.seed, at.epoch, device_);
  return {this, at.epoch, at.batch, std::move(order)};
}

void DeviceLoader::load_state(const DataLoaderState& state) {
  if (state.batch > size())
    fail("DeviceLoader: the state is behind batch ", state.batch, " of an epoch of ", size(),
         "; it is that of another data set or batch size");
  state_ = next_ = state;
}

// One kernel; with a transform, that follows.
void DeviceLoader::fill(uint64_t epoch, const Tensor& numbers, Tensor& images, Tensor& targets,
                        bool overwrites) const {
  if (cuda::is_capturing())
    fail("DeviceLoader: a batch cannot be taken while a CUDA graph is captured, for each replay ",
         "would give it again; take it before, with write() into what the graph reads");
  kernels::ImageWindow window;
  if (options_.crop) window = options_.crop->window(images_.size(2), images_.size(3));
  if (options_.flip == "random") window.flip_probability = 0.5;
  if (options_.flip == "alternating") window.flip = kernels::ImageFlip::alternating;
  window.cutout = options_.cutout;
  const WindowTensors beside{numbers, levels_, targets_, targets};
  const ImageRandom random =
      numbered_image_random(call_seed(options_.seed, kKernel), epoch, numbers);
  if (!options_.transform) {
    if (overwrites) return overwrite_image_window("write", window, random, images_, images, beside);
    return write_image_window(window, random, images_, images, beside);
  }
  Tensor batch = empty(images.shape(), {.device = device_}, MemoryFormat::channels_last);
  write_image_window(window, random, images_, batch, beside);
  const BatchRandomScope scope(call_seed(options_.seed, kTransform), epoch, numbers);
  batch = options_.transform(batch).to(options_.dtype);
  if (overwrites)
    images.copy_(batch);
  else
    images = batch;
}

Tensor DeviceLoader::Iterator::numbers() const {
  const auto batch = static_cast<int64_t>(loader_->options_.batch_size);
  const int64_t first = static_cast<int64_t>(number_) * batch;
  return order_.narrow(0, first, std::min(batch, order_.size(0) - first));
}

void DeviceLoader::Iterator::took_batch() const {
  const DataLoaderState behind = number_ + 1 < loader_->size()
                                     ? DataLoaderState{epoch_, number_ + 1}
                                     : DataLoaderState{epoch_ + 1, 0};
  if (loader_->next_.epoch == epoch_ + 1) loader_->state_ = behind;
}

Batch& DeviceLoader::Iterator::operator*() const& {
  if (batch_) return *batch_;
  const Tensor numbers = this->numbers();
  const ImageSize& size = loader_->size_;
  const int64_t n = numbers.size(0), c = loader_->images_.size(1);
  const Device device = loader_->device_;
  batch_.emplace();
  batch_->targets = empty({n}, {.dtype = int64, .device = device});
  batch_->images =
      empty({n, c, size.height, size.width}, {.dtype = loader_->options_.dtype, .device = device},
            MemoryFormat::channels_last);
  loader_->fill(epoch_, numbers, batch_->images, batch_->targets, false);
  took_batch();
  return *batch_;
}

void DeviceLoader::Iterator::write(Tensor& images, Tensor& targets) const {
  const Tensor numbers = this->numbers();
  const ImageSize& size = loader_->size_;
  const Shape shape{numbers.size(0), loader_->images_.size(1), size.height, size.width};
  const auto check = [&](const char* which, const Tensor& given, const Shape& wanted, DType dtype) {
    if (!given.defined() || given.shape() != wanted || given.dtype() != dtype ||
        given.device() != loader_->device_)
      fail("DeviceLoader: write() needs ", which, " of ", dtype, " ", wanted, " on ",
           loader_->device_, given.defined() ? ", got " + given.shape().str() : ", got none",
           "; an epoch's last batch may be smaller, drop_last leaves it out");
  };
  if (!loader_->options_.transform) check("images", images, shape, loader_->options_.dtype);
  check("targets", targets, {shape[0]}, int64);
  if (!targets.is_contiguous()) fail("DeviceLoader: write() needs contiguous targets");
  loader_->fill(epoch_, numbers, images, targets, true);
  took_batch();
}

DeviceLoader::Iterator& DeviceLoader::Iterator::operator++() {
  ++number_;
  batch_.reset();
  return *this;
}

}  // namespace cuttle
