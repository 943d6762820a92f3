#include "samplers.h"

#include <algorithm>
#include <numeric>

#include "../../core/creation.h"
#include "../../kernels/error.h"

namespace cuttle {

std::vector<int64_t> SequentialSampler::order(uint64_t) const {
  std::vector<int64_t> indices(size_);
  std::iota(indices.begin(), indices.end(), int64_t{0});
  return indices;
}

std::vector<int64_t> DrawingSampler::order(uint64_t epoch) const {
  const std::lock_guard lock(mutex_);
  if (epoch < drawn_) {
    generator_.manual_seed(seed_);
    drawn_ = 0;
  }
  for (; drawn_ < epoch; ++drawn_) draw(generator_);
  std::vector<int64_t> indices = draw(generator_);
  ++drawn_;
  return indices;
}

RandomSampler::RandomSampler(size_t size, const RandomSamplerOptions& options)
    : DrawingSampler(options.seed),
      size_(size),
      samples_(options.num_samples.value_or(size)),
      replacement_(options.replacement) {
  if (size_ == 0) fail("RandomSampler: there is nothing to draw from, the size is 0");
  if (samples_ == 0) fail("RandomSampler: num_samples is 0; it must be at least 1");
}

std::vector<int64_t> RandomSampler::draw(Generator& generator) const {
  std::vector<int64_t> indices(samples_), all(size_);
  if (replacement_) {
    generator.integers(indices, 0, static_cast<int64_t>(size_));
    return indices;
  }
  for (size_t done = 0; done <= samples_; done += size_) {
    generator.permutation(all);
    std::copy_n(all.begin(), std::min(size_, samples_ - done),
                indices.begin() + static_cast<ptrdiff_t>(done));
  }
  return indices;
}

std::vector<int64_t> SubsetRandomSampler::draw(Generator& generator) const {
  std::vector<int64_t> order(indices_.size());
  generator.permutation(order);
  for (int64_t& place : order) place = indices_[static_cast<size_t>(place)];
  return order;
}

WeightedRandomSampler::WeightedRandomSampler(std::vector<double> weights, size_t num_samples,
                                             const WeightedRandomSamplerOptions& options)
    : DrawingSampler(options.seed),
      weights_(std::move(weights)),
      samples_(num_samples),
      replacement_(options.replacement) {
  if (weights_.empty()) fail("WeightedRandomSampler: there are no weights");
  if (samples_ == 0) fail("WeightedRandomSampler: num_samples is 0; it must be at least 1");
}

std::vector<int64_t> WeightedRandomSampler::draw(Generator& generator) const {
  return multinomial(tensor(weights_), static_cast<int64_t>(samples_), replacement_, generator)
      .to_vector<int64_t>();
}

BatchSampler::BatchSampler(std::shared_ptr<const Sampler> sampler, size_t batch_size,
                           bool drop_last)
    : sampler_(std::move(sampler)), batch_size_(batch_size), drop_last_(drop_last) {
  if (sampler_ == nullptr) fail("BatchSampler: the sampler is a null pointer");
  if (batch_size_ == 0) fail("BatchSampler: batch_size is 0; it must be at least 1");
}

std::vector<std::vector<int64_t>> BatchSampler::batches(uint64_t epoch) const {
  const std::vector<int64_t> order = sampler_->order(epoch);
  std::vector<std::vector<int64_t>> all;
  all.reserve(size());
  for (size_t first = 0; first < order.size(); first += batch_size_) {
    const size_t count = std::min(batch_size_, order.size() - first);
    if (count < batch_size_ && drop_last_) break;
    const auto begin = order.begin() + static_cast<ptrdiff_t>(first);
    all.emplace_back(begin, begin + static_cast<ptrdiff_t>(count));
  }
  return all;
}

size_t BatchSampler::size() const {
  const size_t full = sampler_->size() / batch_size_;
  return full + (!drop_last_ && sampler_->size() % batch_size_ != 0 ? 1 : 0);
}

}  // namespace cuttle
