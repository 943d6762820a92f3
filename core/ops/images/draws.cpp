#include "draws.h"

#include "../../../kernels/random.h"
#include "../../creation.h"
#include "../../dispatch.h"
#include "../../strided_loop.h"

namespace cuttle {

// A Twister's numbers come one after the other; one of them becomes the seed of this call.
ImageRandom next_image_random(const Device& device, std::optional<Generator> given) {
  Generator generator = given ? *given : default_generator(device);
  if (generator.engine() == Engine::philox) return {.draws = {.at = generator.next_call(device)}};
  int64_t seed = 0;
  generator.fill<int64_t>(kernels::Integers{.low = 0, .range = 0}, {&seed, 1});
  return {.draws = {.at = {.seed = static_cast<uint64_t>(seed)}}};
}

ImageRandom numbered_image_random(uint64_t seed, uint64_t offset, const Tensor& numbers) {
  return {.draws = {.at = {.seed = seed, .offset = offset}, .number = numbers.data<int64_t>()},
          .numbers = numbers};
}

uint64_t call_seed(uint64_t seed, uint64_t call) {
  constexpr uint64_t kSeeds = uint64_t{1} << 63;  // an offset that no epoch or call has
  return kernels::philox(seed, kSeeds, call).word(0);
}

Tensor random_order(int64_t n, uint64_t seed, uint64_t offset, const Device& device) {
  const Tensor keys = empty({n}, {.dtype = int64, .device = device});
  const auto loop = make_loop<2>(keys.shape(), {keys.strides(), keys.strides()});
  on_device(device, [&](auto stream) {
    kernels::random(stream, {.seed = seed, .offset = offset}, loop,
                    kernels::Integers{.low = 0, .range = 0}, keys.data<int64_t>());
  });
  return keys.argsort();
}

}  // namespace cuttle
