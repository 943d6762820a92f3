// PyTorch's generator for the CPU: its Mersenne Twister with its conversions, so that a model built
// in the same order starts from PyTorch's weights.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <optional>
#include <random>
#include <span>

#include "../kernels/distributions.h"

namespace cuttle {

class MersenneTwister {
 public:
  /// Starts the stream anew; the low 32 bits count, as in PyTorch.
  void seed(uint64_t seed);

  /// Draws from the distribution as PyTorch's CPU functions do: bit for bit where its conversions
  /// are exact, up to the last bits of logarithm and cosine elsewhere. Uniform float takes 24 bits
  /// of one draw, double 53 bits of two; normal numbers come in PyTorch's order for 16 values and
  /// more, and for fewer.  T: every element type that the distribution makes.
  template <class T>
  void fill(const kernels::Distribution& distribution, std::span<T> out);
  /// 0 … n − 1 shuffled.
  void permutation(std::span<int64_t> out);

  /// The state as words of text, and back. `read` throws Error if they are none.
  void write(std::ostream& to) const;
  void read(std::istream& from);

 private:
  uint32_t next32() { return static_cast<uint32_t>(engine_()); }
  uint64_t next64();
  template <class T>
  T next_uniform();
  double next_normal();
  template <class T>
  void draw(const kernels::Uniform& uniform, std::span<T> out);
  template <class T>
  void draw(const kernels::Normal& normal, std::span<T> out);
  template <class T>
  void draw(const kernels::Exponential& exponential, std::span<T> out);
  template <class T>
  void draw(const kernels::Geometric& geometric, std::span<T> out);
  template <class T>
  void draw(const kernels::Integers& integers, std::span<T> out);
  template <class T>
  void draw(const kernels::Bernoulli& bernoulli, std::span<T> out);

  std::mt19937 engine_;
  std::optional<double> spare_normal_;  // the second of a pair
};

}  // namespace cuttle
