// broken_kernels NAME runs one deliberately broken kernel; without a name it lists them.
#include <cstring>

#include "broken.h"

int main(int argc, char** argv) {
  using namespace broken;
  bool known = false;
  for (const auto& cases : {barrier_cases(), warp_cases(), memory_cases(), race_cases(),
                            host_cases(), other_cases(), tensor_core_cases()}) {
    for (const Case& c : cases) {
      if (argc == 1) std::printf("%s\n", c.name);
      if (argc != 2 || std::strcmp(argv[1], c.name) != 0) continue;
      c.run();
      cudaDeviceSynchronize();
      known = true;
    }
  }
  if (argc == 1) return 0;
  if (!known) std::fprintf(stderr, "broken_kernels: no case of this name; call it without one\n");
  return known ? 0 : 2;
}
