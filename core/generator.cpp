#include "generator.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <numeric>
#include <random>
#include <sstream>
#include <vector>

#include "../kernels/fork.h"
#include "../kernels/random.h"
#include "allocators.h"
#include "creation.h"
#include "cuda_graph.h"
#include "distributions.h"
#include "mersenne_twister.h"
#include "stream_use.h"
#include "strided_loop.h"

namespace cuttle {
namespace {

// The calls of one generator that one graph captured, and the place that their kernels read.
struct CapturedCalls {
  uint64_t capture = 0;
  uint64_t count = 0;
  Tensor base;  // {seed, offset}
};

}  // namespace

struct Generator::State {
  std::mutex own;
  std::mutex* mutex = &own;
  Engine engine = Engine::mt19937;
  uint64_t seed = kDefaultSeed;
  MersenneTwister twister;
  uint64_t offset = 0;  // Philox's calls so far
  std::vector<std::weak_ptr<CapturedCalls>> captured;

  void start(uint64_t from) {
    seed = from;
    twister.seed(from);
    offset = 0;
  }
};

Generator::Generator(uint64_t seed, Engine engine) : state_(std::make_shared<State>()) {
  state_->engine = engine;
  state_->start(seed);
}

Generator::Generator(const Device& device)
    : Generator(kDefaultSeed, device.is_cuda() ? Engine::philox : Engine::mt19937) {}

Engine Generator::engine() const noexcept {
  return state_->engine;
}

void Generator::manual_seed(uint64_t seed) {
  const std::lock_guard lock(*state_->mutex);
  state_->start(seed);
}

uint64_t Generator::seed() {
  std::random_device entropy;
  const uint64_t high = entropy(), seed = high << 32 | entropy();
  manual_seed(seed);
  return seed;
}

uint64_t Generator::initial_seed() const {
  const std::lock_guard lock(*state_->mutex);
  return state_->seed;
}

// Words of text: the engine's name, the seed, and what the engine has beside it.
Tensor Generator::get_state() const {
  std::ostringstream words;
  {
    const std::lock_guard lock(*state_->mutex);
    if (engine() == Engine::philox) {
      words << "philox " << state_->seed << ' ' << state_->offset;
    } else {
      words << "mt19937 " << state_->seed << ' ';
      state_->twister.write(words);
    }
  }
  const std::string text = words.str();
  return tensor(std::vector<uint8_t>(text.begin(), text.end()));
}

void Generator::set_state(const Tensor& state) {
  if (!state.defined() || state.dtype() != uint8)
    fail("set_state: expected the uint8 tensor that get_state() gave");
  const std::vector<uint8_t> bytes = state.to_vector<uint8_t>();
  std::istringstream words(std::string(bytes.begin(), bytes.end()));
  const std::string expected = engine() == Engine::philox ? "philox" : "mt19937";
  std::string name;
  uint64_t seed = 0, offset = 0;
  words >> name >> seed;
  MersenneTwister twister;
  if (name == expected && engine() == Engine::philox) words >> offset;
  if (name == expected && engine() == Engine::mt19937) twister.read(words);
  if (name != expected || !words)
    fail("set_state: expected the state of a generator with engine ", expected, ", got ",
         name == "philox" || name == "mt19937" ? "one with " + name : "other bytes");
  const std::lock_guard lock(*state_->mutex);
  state_->seed = seed;
  state_->offset = offset;
  state_->twister = twister;
}

template <class T>
void Generator::fill(const kernels::Distribution& distribution, std::span<T> out) {
  if (engine() == Engine::philox) {
    const Shape shape{static_cast<int64_t>(out.size())};
    const auto loop = make_loop<2>(shape, {Strides{1}, Strides{1}});
    return kernels::random(kernels::cpu::Stream{}, next_call(Device()), loop, distribution,
                           out.data());
  }
  const std::lock_guard lock(*state_->mutex);
  state_->twister.fill(distribution, out);
}

template <class T>
void Generator::uniform(std::span<T> out, double low, double high) {
  fill<T>(uniform_distribution(dtype_of<T>, low, high), out);
}

template <class T>
void Generator::normal(std::span<T> out, double mean, double stddev) {
  fill<T>(normal_distribution(dtype_of<T>, mean, stddev), out);
}

void Generator::integers(std::span<int64_t> out, int64_t low, int64_t high) {
  fill<int64_t>(integer_distribution(int64, low, high), out);
}

// With Philox: the places of random keys in ascending order, which a device could sort as well.
void Generator::permutation(std::span<int64_t> out) {
  if (engine() == Engine::mt19937) {
    const std::lock_guard lock(*state_->mutex);
    return state_->twister.permutation(out);
  }
  std::vector<int64_t> keys(out.size());
  fill<int64_t>(kernels::Integers{.low = 0, .range = 0}, keys);
  std::iota(out.begin(), out.end(), int64_t{0});
  std::stable_sort(out.begin(), out.end(), [&](int64_t a, int64_t b) {
    return keys[static_cast<size_t>(a)] < keys[static_cast<size_t>(b)];
  });
}

kernels::PhiloxAt Generator::next_call(const Device& device) {
  State& state = *state_;
  if (!device.is_cuda() || !cuda::is_capturing()) {
    const std::lock_guard lock(*state.mutex);
    return {.seed = state.seed, .offset = state.offset++};
  }
  std::shared_ptr<CapturedCalls> calls;
  const uint64_t capture = number_of_capture();
  {
    const std::lock_guard lock(*state.mutex);
    std::erase_if(state.captured, [](const auto& one) { return one.expired(); });
    for (const auto& one : state.captured)
      if (const auto live = one.lock(); live && live->capture == capture) calls = live;
  }
  if (!calls) {
    calls = std::make_shared<CapturedCalls>();
    calls->capture = capture;
    const cuda::OrdinaryMemoryGuard guard;  // the host writes there between replays
    calls->base = empty({2}, {.dtype = int64, .device = device});
    cuda::before_replay([shared = state_, calls] {
      uint64_t base[2];
      {
        const std::lock_guard lock(*shared->mutex);
        base[0] = shared->seed;
        base[1] = shared->offset;
        shared->offset += calls->count;
      }
      copy_to_device(calls->base.raw_data(), calls->base.device(), base, sizeof base);
    });
    const std::lock_guard lock(*state.mutex);
    state.captured.push_back(calls);
  }
  return {.offset = calls->count++,
          .base = reinterpret_cast<const uint64_t*>(calls->base.data<int64_t>())};
}

#define CUTTLE_INSTANTIATE_REAL(T)                                \
  template void Generator::uniform(std::span<T>, double, double); \
  template void Generator::normal(std::span<T>, double, double);  \
  template void Generator::fill(const kernels::Distribution&, std::span<T>);
#define CUTTLE_INSTANTIATE(T) \
  template void Generator::fill(const kernels::Distribution&, std::span<T>);
CUTTLE_INSTANTIATE_REAL(float)
CUTTLE_INSTANTIATE_REAL(double)
CUTTLE_INSTANTIATE_REAL(Half)
CUTTLE_INSTANTIATE_REAL(BFloat16)
CUTTLE_INSTANTIATE(int64_t)
CUTTLE_INSTANTIATE(int32_t)
CUTTLE_INSTANTIATE(int16_t)
CUTTLE_INSTANTIATE(int8_t)
CUTTLE_INSTANTIATE(uint8_t)
CUTTLE_INSTANTIATE(bool)

namespace {

struct Defaults {
  Generator cpu;
  std::map<int, Generator> cuda;  // made at first use
  uint64_t cuda_seed = Generator::kDefaultSeed;
};

// Never destroyed: tensors are made to the end of the program.
Defaults& defaults() {
  static Defaults& made = *std::make_unique<Defaults>().release();
  return made;
}

std::mutex defaults_mutex;
const kernels::HeldAtFork defaults_held(defaults_mutex, kernels::LockLevel::outer);
std::mutex cuda_mutex;  // of all devices' default generators: how many there will be is not known
const kernels::HeldAtFork cuda_held(cuda_mutex, kernels::LockLevel::inner);

}  // namespace

Generator& default_generator(const Device& device) {
  if (device.is_cpu()) {
    static Generator& generator = []() -> Generator& {
      kernels::hold_at_fork(*defaults().cpu.state_->mutex, kernels::LockLevel::inner);
      return defaults().cpu;
    }();
    return generator;
  }
  const std::lock_guard lock(defaults_mutex);
  Defaults& all = defaults();
  const auto [place, is_new] = all.cuda.try_emplace(device.index(), all.cuda_seed, Engine::philox);
  if (is_new) place->second.state_->mutex = &cuda_mutex;
  return place->second;
}

namespace {
// Made before main(), so that no thread makes it while another one forks.
[[maybe_unused]] const Generator& made_before_main = default_generator();
}  // namespace

void manual_seed(uint64_t seed) {
  default_generator().manual_seed(seed);
  cuda::manual_seed_all(seed);
}

void cuda::manual_seed(uint64_t seed) {
  default_generator(Device(DeviceType::cuda)).manual_seed(seed);
}

void cuda::manual_seed_all(uint64_t seed) {
  const std::lock_guard lock(defaults_mutex);
  defaults().cuda_seed = seed;
  for (auto& [index, generator] : defaults().cuda) generator.manual_seed(seed);
}

}  // namespace cuttle
