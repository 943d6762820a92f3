// Loads batches on request, for compare_torchvision.py: reads a number of batches a line, takes
// them from a loader and answers with images a second. Arguments: set, its root, workers, batch
// size.
#include <chrono>
#include <iostream>

#include "loader_sets.h"

int main(int argc, char** argv) try {
  using namespace cuttle;
  using clock = std::chrono::steady_clock;
  if (argc != 5) fail("usage: loader_worker SET ROOT WORKERS BATCH_SIZE");
  const DataLoader loader(bench::loader_set(argv[1], argv[2]),
                          {.batch_size = std::stoul(argv[4]),
                           .shuffle = true,
                           .drop_last = true,
                           .num_workers = std::stoul(argv[3])});
  auto walk = loader.begin();
  int64_t wanted = 0;
  while (std::cin >> wanted) {
    const auto start = clock::now();
    int64_t images = 0;
    for (int64_t i = 0; i < wanted; ++i) {
      if (walk == loader.end()) walk = loader.begin();
      images += (*walk).images.size(0);
      ++walk;
    }
    const std::chrono::duration<double> took = clock::now() - start;
    std::cout << static_cast<double>(images) / took.count() << std::endl;
  }
} catch (const std::exception& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
