// Random numbers on the CPU: the same stream as PyTorch's, bit for bit where its conversions are
// exact, so that a model built in the same order starts from PyTorch's weights.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <random>
#include <span>

namespace cuttle {

/// A 32-bit Mersenne Twister with PyTorch's conversions. Its calls may come from several threads.
class Generator {
 public:
  /// What torch.initial_seed() gives in a fresh process.
  static constexpr uint64_t kDefaultSeed = 67280421310721;

  explicit Generator(uint64_t seed = kDefaultSeed) { manual_seed(seed); }

  /// Starts the stream anew; the low 32 bits count, as in PyTorch.
  void manual_seed(uint64_t seed);
  uint64_t seed() const;

  /// All that the next numbers depend on: torch.Generator.get_state and set_state.
  struct State {
    std::mt19937 engine;
    uint64_t seed;
    std::optional<double> spare_normal;
  };
  State state() const;
  void set_state(const State& state);

  /// Uniform on [low, high): throws Error if low > high, or the range overflows the type. float
  /// takes 24 bits of one draw, double 53 bits of two.
  void uniform(std::span<float> out, double low = 0, double high = 1);
  void uniform(std::span<double> out, double low = 0, double high = 1);
  /// Normal by Box and Muller; PyTorch's order of draws for 16 values and more, and for fewer.
  /// Equal to PyTorch's up to the last bits of logarithm and cosine. Throws Error for a negative
  /// standard deviation, and for numbers that the type cannot hold.
  void normal(std::span<float> out, double mean = 0, double stddev = 1);
  void normal(std::span<double> out, double mean = 0, double stddev = 1);
  /// Uniform integers on [low, high).
  void integers(std::span<int64_t> out, int64_t low, int64_t high);
  /// A random permutation of 0 … n − 1.
  void permutation(std::span<int64_t> out);

 private:
  friend Generator& default_generator();  // whose mutex is held at fork()

  uint32_t next32() { return static_cast<uint32_t>(engine_()); }
  uint64_t next64();
  template <class T>
  T next_uniform();
  template <class T>
  void uniform_impl(std::span<T> out, double low, double high);
  template <class T>
  void normal_impl(std::span<T> out, double mean, double stddev);
  double next_normal();

  mutable std::mutex mutex_;
  std::mt19937 engine_;
  uint64_t seed_ = kDefaultSeed;
  std::optional<double> spare_normal_;
};

/// The generator that functions use when given none.
Generator& default_generator();
/// Seeds the default generator: torch.manual_seed.
void manual_seed(uint64_t seed);

}  // namespace cuttle
