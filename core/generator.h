// Where random numbers come from: seeds and streams.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "device.h"

namespace cuttle {

namespace kernels {
struct Distribution;
struct PhiloxAt;
}  // namespace kernels

class Tensor;

/// How a generator makes its bits.
enum class Engine {
  /// PyTorch's Mersenne Twister (core/mersenne_twister.h): PyTorch's numbers. Draws on the CPU, one
  /// number after the other; those for a GPU are moved there.
  mt19937,
  /// Philox 4x32-10 (kernels/philox.h): each number is a function of seed, offset and place, where
  /// the offset counts the calls. Draws on the tensor's device, the same bits on every device.
  philox,
};

/// torch.Generator. A handle: copies are the same stream. Its calls may come from several threads.
///
///   Generator generator(42);                                   // PyTorch's numbers
///   rand({3}, {}, generator);
///   Generator fast(42, Engine::philox);                        // the same on CPU and GPU
///   rand({3}, {.device = "cuda"}, fast);
class Generator {
 public:
  /// What torch.initial_seed() gives in a fresh process.
  static constexpr uint64_t kDefaultSeed = 67280421310721;

  explicit Generator(uint64_t seed = kDefaultSeed, Engine engine = Engine::mt19937);
  /// The engine that the device's default generator has: Philox for "cuda".
  explicit Generator(const Device& device);

  Engine engine() const noexcept;
  /// Starts the stream anew. The Twister takes the low 32 bits, as in PyTorch, Philox all 64.
  void manual_seed(uint64_t seed);
  /// Starts the stream anew from a seed that the system's entropy gives, and returns it.
  uint64_t seed();
  /// The seed that the stream started from.
  uint64_t initial_seed() const;
  /// Where the stream stands, as bytes (uint8, on the CPU). set_state() goes on from there; it
  /// throws Error for bytes that no generator of this engine gave.
  Tensor get_state() const;
  void set_state(const Tensor& state);

  /// Uniform on [low, high): throws Error if low > high, or the range overflows the type.
  template <class T>
  void uniform(std::span<T> out, double low = 0, double high = 1);
  /// Normal. Throws Error for a negative standard deviation, and for numbers that the type cannot
  /// hold.
  template <class T>
  void normal(std::span<T> out, double mean = 0, double stddev = 1);
  /// Uniform integers on [low, high).
  void integers(std::span<int64_t> out, int64_t low, int64_t high);
  /// A random permutation of 0 … n − 1.
  void permutation(std::span<int64_t> out);

  // For operations.
  /// Memory of the CPU, row-major, from either engine.
  template <class T>
  void fill(const kernels::Distribution& distribution, std::span<T> out);
  /// Philox: where the numbers of the next call on this device start. While a CUDA graph is
  /// captured, that call at each of the graph's replays: the replays go on in the stream as eager
  /// calls would.
  kernels::PhiloxAt next_call(const Device& device);

 private:
  friend Generator& default_generator(const Device& device);  // whose mutex is held at fork()
  struct State;

  std::shared_ptr<State> state_;
};

/// The generators that functions use when given none: the CPU's, PyTorch's Twister, and one of
/// Philox for each CUDA device.
Generator& default_generator(const Device& device = {});
/// Seeds all of them, those of devices that were not used yet too: torch.manual_seed.
void manual_seed(uint64_t seed);

namespace cuda {
/// Seeds the current device's default generator, or all devices'.
void manual_seed(uint64_t seed);
void manual_seed_all(uint64_t seed);
}  // namespace cuda

}  // namespace cuttle
