#include "dataloader.h"

#include <utility>

#include "../../core/cuda.h"
#include "../../core/pinned_memory.h"
#include "batch_queue.h"
#include "sample_random.h"

namespace cuttle {
namespace {

// Orders of epochs as DataLoader::shuffle promises them: one permutation each.
class Shuffle : public DrawingSampler {
 public:
  Shuffle(size_t size, uint64_t seed) : DrawingSampler(seed), size_(size) {}
  size_t size() const override { return size_; }

 private:
  std::vector<int64_t> draw(Generator& generator) const override {
    std::vector<int64_t> order(size_);
    generator.permutation(order);
    return order;
  }
  size_t size_;
};

std::shared_ptr<const BatchSampler> batch_sampler_of(const DataLoaderOptions& options,
                                                     size_t examples) {
  if (options.batch_sampler) {
    if (options.sampler || options.shuffle || options.drop_last)
      fail(
          "DataLoader: a batch_sampler decides on order and size of the batches; leave out "
          "sampler, shuffle and drop_last");
    return options.batch_sampler;
  }
  if (options.sampler && options.shuffle)
    fail("DataLoader: a sampler decides on the order; leave out shuffle");
  std::shared_ptr<const Sampler> sampler = options.sampler;
  if (!sampler && options.shuffle) sampler = std::make_shared<Shuffle>(examples, options.seed);
  if (!sampler) sampler = std::make_shared<SequentialSampler>(examples);
  return std::make_shared<BatchSampler>(sampler, options.batch_size, options.drop_last);
}

// Must not be called while another exception than `index`'s is handled.
[[noreturn]] void fail_at(int64_t index) {
  std::string sentence = "an exception that is no std::exception";
  try {
    throw;
  } catch (const std::exception& error) {
    sentence = error.what();
  } catch (...) {
  }
  std::throw_with_nested(Error("DataLoader: example " + std::to_string(index) + ": " + sentence));
}

Example get_example(const Dataset& dataset, int64_t index) {
  try {
    return dataset.get(static_cast<size_t>(index));
  } catch (...) {
    fail_at(index);
  }
}

template <class F>
void change(Batch& batch, const F& function) {
  for (Tensor* tensor : {&batch.images, &batch.targets})
    if (tensor->defined()) *tensor = function(*tensor);
  for (Tensor& tensor : batch.more) tensor = function(tensor);
}

// The streams of whole batches are apart from those of examples.
constexpr uint64_t kBatchStreams = uint64_t{1} << 63;

}  // namespace

struct DataLoader::Iterator::Epoch {
  Epoch(std::shared_ptr<const Setup> from, std::shared_ptr<DataLoaderState> to, uint64_t epoch,
        std::vector<std::vector<int64_t>> indices, size_t first)
      : setup(std::move(from)),
        state(std::move(to)),
        number(epoch),
        batches(std::move(indices)),
        position(first) {}

  std::shared_ptr<const Setup> setup;
  std::shared_ptr<DataLoaderState> state;  // the loader's, as long as it begins no other epoch
  uint64_t number;
  std::vector<std::vector<int64_t>> batches;  // indices
  size_t position;
  std::optional<Batch> batch;       // of the position
  std::optional<BatchQueue> queue;  // with workers; last: they use all of the above

  bool at_end() const noexcept { return position >= batches.size(); }

  // Nothing if a stop is asked for.
  std::optional<Batch> collect(size_t which, const std::stop_token& stop) const {
    const DataLoaderOptions& options = setup->options;
    const std::vector<int64_t>& indices = batches[which];
    const SampleRandomScope of_batch(options.seed, number, kBatchStreams + which);
    if (!options.collate_fn)
      if (auto whole = setup->dataset->get_batch(indices)) return whole;
    std::vector<Example> examples;
    examples.reserve(indices.size());
    for (const int64_t index : indices) {
      if (stop.stop_requested()) return std::nullopt;
      const SampleRandomScope of_example(options.seed, number, static_cast<uint64_t>(index));
      examples.push_back(get_example(*setup->dataset, index));
    }
    return options.collate_fn ? options.collate_fn(std::move(examples))
                              : default_collate(examples, indices);
  }

  std::optional<LoadedBatch> load(size_t which, const std::stop_token& stop) const {
    std::optional<Batch> made = collect(which, stop);
    if (!made) return std::nullopt;
    LoadedBatch loaded{std::move(*made), {}};
    if (setup->copies) {
      const cuda::StreamGuard guard(*setup->copies);
      change(loaded.batch, [&](const Tensor& one) { return one.to(setup->options.device); });
      loaded.copied = setup->copies->record_event();
    } else if (setup->pins_for) {
      change(loaded.batch, [&](const Tensor& one) { return pin_memory(one, *setup->pins_for); });
    }
    return loaded;
  }

  // The batch of the position, which this thread's current stream may use.
  Batch next() {
    LoadedBatch loaded = queue ? queue->take() : *load(position, {});
    if (loaded.copied) loaded.copied->wait(cuda::current_stream(setup->options.device.index()));
    return std::move(loaded.batch);
  }
};

DataLoader::DataLoader(DatasetRef dataset, const DataLoaderOptions& options) {
  if (options.batch_size == 0) fail("DataLoader: batch_size is 0; it must be at least 1");
  if (options.prefetch_factor == 0) fail("DataLoader: prefetch_factor is 0; it must be at least 1");
  if (dataset->size() == 0) fail("DataLoader: the data set is empty");
  Setup setup{dataset, options, batch_sampler_of(options, dataset->size())};
  if (options.device.is_cuda())
    setup.copies.emplace(options.device.index());
  else if (options.pin_memory && cuda::is_available())
    setup.pins_for = Device("cuda");
  setup_ = std::make_shared<const Setup>(std::move(setup));
  state_ = std::make_shared<DataLoaderState>();
}

DataLoader::Iterator DataLoader::begin() const {
  const DataLoaderState from = next_;
  auto batches = setup_->batches->batches(from.epoch);
  const auto examples = static_cast<int64_t>(dataset().size());
  for (const auto& batch : batches)
    for (const int64_t index : batch)
      if (index < 0 || index >= examples)
        fail("DataLoader: the sampler gave index ", index, ", the data set has ", examples,
             " examples");
  next_ = {from.epoch + 1, 0};
  state_ = std::make_shared<DataLoaderState>(from);
  auto epoch = std::make_shared<Iterator::Epoch>(setup_, state_, from.epoch, std::move(batches),
                                                 static_cast<size_t>(from.batch));
  const DataLoaderOptions& options = setup_->options;
  if (options.num_workers > 0 && !epoch->at_end())
    epoch->queue.emplace(epoch->position, epoch->batches.size(), options.num_workers,
                         options.num_workers * options.prefetch_factor,
                         [epoch = epoch.get()](size_t which, const std::stop_token& stop) {
                           return epoch->load(which, stop);
                         });
  return Iterator(std::move(epoch));
}

void DataLoader::load_state(const DataLoaderState& state) {
  if (state.batch > size())
    fail("DataLoader: the state is after batch ", state.batch, " of an epoch, this loader's have ",
         size(), "; give it the data set and options of the one that was saved");
  next_ = state;
  state_ = std::make_shared<DataLoaderState>(state);
}

Batch& DataLoader::Iterator::operator*() const& {
  Epoch& epoch = *epoch_;
  if (!epoch.batch) {
    if (epoch.at_end()) fail("DataLoader: there is no batch behind the epoch's last one");
    epoch.batch = epoch.next();
    epoch.state->batch = epoch.position + 1;
  }
  return *epoch.batch;
}

DataLoader::Iterator& DataLoader::Iterator::operator++() {
  Epoch& epoch = *epoch_;
  epoch.batch.reset();
  ++epoch.position;
  *epoch.state = epoch.at_end() ? DataLoaderState{epoch.number + 1, 0}
                                : DataLoaderState{epoch.number, epoch.position};
  if (epoch.queue) epoch.queue->advance();
  return *this;
}

bool DataLoader::Iterator::operator==(std::default_sentinel_t) const noexcept {
  return epoch_->at_end();
}

}  // namespace cuttle
