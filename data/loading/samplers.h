// Which examples make an epoch, and in which order: torch.utils.data's samplers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "../../core/generator.h"

namespace cuttle {

/// Base class of samplers. A sampler is asked for an epoch by number and gives the same order for
/// the same number, so that a run can be resumed in its middle. Safe to call from several threads.
class Sampler {
 public:
  virtual ~Sampler() = default;
  /// The indices of an epoch, counted from 0.
  virtual std::vector<int64_t> order(uint64_t epoch) const = 0;
  /// How many order() gives.
  virtual size_t size() const = 0;
};

/// 0 … size − 1.
class SequentialSampler : public Sampler {
 public:
  explicit SequentialSampler(size_t size) : size_(size) {}
  std::vector<int64_t> order(uint64_t epoch) const override;
  size_t size() const override { return size_; }

 private:
  size_t size_;
};

/// Base of the samplers that draw: epoch k is the k-th draw from one generator that starts from
/// `seed`, PyTorch's numbers. Epochs asked for in rising order cost one draw each, another one
/// those before it too.
class DrawingSampler : public Sampler {
 public:
  std::vector<int64_t> order(uint64_t epoch) const final;

 protected:
  explicit DrawingSampler(uint64_t seed) : seed_(seed), generator_(seed) {}
  virtual std::vector<int64_t> draw(Generator& generator) const = 0;

 private:
  const uint64_t seed_;
  mutable std::mutex mutex_;
  mutable Generator generator_;
  mutable uint64_t drawn_ = 0;  // epochs
};

struct RandomSamplerOptions {
  bool replacement = false;                // draw each index from all, whatever was drawn before
  std::optional<size_t> num_samples = {};  // of an epoch; unset: as many as there are examples
  uint64_t seed = 0;
};

/// Indices below `size` at random: what list(RandomSampler(range(size), …, generator=g)) gives in
/// torch, again and again with one g that starts from `seed`. As there, an epoch without
/// replacement takes one permutation more than it needs from g when num_samples is a multiple of
/// size.
class RandomSampler : public DrawingSampler {
 public:
  /// Throws Error for a size or num_samples of 0.
  explicit RandomSampler(size_t size, const RandomSamplerOptions& options = {});
  size_t size() const override { return samples_; }

 private:
  std::vector<int64_t> draw(Generator& generator) const override;

  size_t size_, samples_;
  bool replacement_;
};

/// The given indices in random order, each once.
class SubsetRandomSampler : public DrawingSampler {
 public:
  explicit SubsetRandomSampler(std::vector<int64_t> indices, uint64_t seed = 0)
      : DrawingSampler(seed), indices_(std::move(indices)) {}
  size_t size() const override { return indices_.size(); }

 private:
  std::vector<int64_t> draw(Generator& generator) const override;

  std::vector<int64_t> indices_;
};

struct WeightedRandomSamplerOptions {
  bool replacement = true;
  uint64_t seed = 0;
};

/// `num_samples` indices, each i with a probability in proportion to weights[i]: torch.multinomial
/// of float64 weights.
class WeightedRandomSampler : public DrawingSampler {
 public:
  /// Throws Error for num_samples of 0 and without weights; order() for weights that multinomial
  /// refuses (negative, all 0, or fewer above 0 than samples without replacement).
  WeightedRandomSampler(std::vector<double> weights, size_t num_samples,
                        const WeightedRandomSamplerOptions& options = {});
  size_t size() const override { return samples_; }

 private:
  std::vector<int64_t> draw(Generator& generator) const override;

  std::vector<double> weights_;
  size_t samples_;
  bool replacement_;
};

/// Cuts a sampler's order into batches. Base of samplers that choose their batches otherwise: of
/// examples of similar length, say.
class BatchSampler {
 public:
  /// Throws Error for a batch size of 0 and a null pointer.
  BatchSampler(std::shared_ptr<const Sampler> sampler, size_t batch_size, bool drop_last = false);
  virtual ~BatchSampler() = default;
  /// The indices of each batch of an epoch, counted from 0.
  virtual std::vector<std::vector<int64_t>> batches(uint64_t epoch) const;
  /// How many batches() gives.
  virtual size_t size() const;

 protected:
  BatchSampler() = default;  // for those that override both functions

 private:
  std::shared_ptr<const Sampler> sampler_;
  size_t batch_size_ = 1;
  bool drop_last_ = false;
};

}  // namespace cuttle
