// The Python files of CIFAR-10: a reader for just that kind of pickle. Internal to data.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

namespace cuttle {

struct PythonBatch {
  std::vector<uint8_t> planes;  // (N, 3, 32, 32)
  std::vector<int64_t> labels;  // (N)
};

/// Reads data_batch_1 … 5 or test_batch of cifar-10-batches-py: a protocol-2 pickle of a dictionary
/// with "data", a NumPy array (N, 3072) of uint8, and "labels", a list of N integers. Throws Error
/// naming the file for anything else; nothing in the pickle is ever called.
PythonBatch read_python_batch(const std::filesystem::path& path);

}  // namespace cuttle
