// One run: a new network, trained with Muon on the filters and SGD on the rest, and judged.
#pragma once

#include "model.h"

struct RunOptions {
  int64_t width = 64;
  int64_t epochs = 8;
  size_t batch_size = 2000;
  uint64_t seed = 0;
};

/// Pictures uint8 (N, H, W, C) and their classes (N) int64.
struct Pictures {
  cuttle::Tensor images, targets;
};

struct Outcome {
  double accuracy, of_one_view;  // of the mean of six views of each picture, of the picture itself
  double seconds;                // of everything but the reading of the files
};

Outcome run(const Pictures& train, const Pictures& test, const RunOptions& options,
            const cuttle::Device& device);
