// What CIFAR10 and CIFAR100 have in common: where their files can lie, fetching them, reading them
// whole. Internal to data.
#pragma once

#include <string>
#include <vector>

#include "../../core/tensor.h"
#include "../../io/network/download.h"
#include "cifar_batch.h"

namespace cuttle {

/// One of the two data sets.
struct CifarSet {
  std::string name;                   // in messages
  std::string binary_folder;          // of the binary archive
  std::string python_folder;          // of the Python archive, as torchvision unpacks it
  std::string archive;                // the binary archive's name
  std::vector<std::string> urls;      // of it
  DownloadChecks checks;              // for it
  std::vector<std::string> training;  // file names; the binary files have the ending .bin
  std::vector<std::string> test;
  std::vector<CifarLabel> labels;
  size_t training_examples = 0;  // in all files together
  size_t test_examples = 0;
};

struct CifarContents {
  Tensor images;                             // uint8 (N, 32, 32, 3)
  std::vector<std::vector<int64_t>> labels;  // (N) for each label of the set
};

/// Reads the training or the test set from the first place that has all its files; see CIFAR10.
CifarContents read_cifar(const CifarSet& set, const std::filesystem::path& root, bool train,
                         bool may_download);

}  // namespace cuttle
