// CIFAR-100's files and classes; data/files/cifar_files.cpp reads them.
#include "cifar100.h"

#include "files/cifar_files.h"

namespace cuttle {
namespace {

const DownloadChecks kArchive = {
    .expected_size = 168'513'733,
    .sha256 = "58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec",
    .md5 = "03b5dce01913d631647c71ecec9e9cb8"};

const CifarSet& cifar100() {
  static const CifarSet kSet = {
      .name = "CIFAR100",
      .binary_folder = "cifar-100-binary",
      .python_folder = "cifar-100-python",
      .archive = "cifar-100-binary.tar.gz",
      .urls = {"https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz"},
      .checks = kArchive,
      .training = {"train"},
      .test = {"test"},
      .labels = {{"coarse_labels", 20}, {"fine_labels", 100}},
      .training_examples = 50'000,
      .test_examples = 10'000};
  return kSet;
}

const std::vector<std::string>& fine_classes() {
  static const std::vector<std::string> kNames = {
      "apple",       "aquarium_fish", "baby",      "bear",       "beaver",       "bed",
      "bee",         "beetle",        "bicycle",   "bottle",     "bowl",         "boy",
      "bridge",      "bus",           "butterfly", "camel",      "can",          "castle",
      "caterpillar", "cattle",        "chair",     "chimpanzee", "clock",        "cloud",
      "cockroach",   "couch",         "crab",      "crocodile",  "cup",          "dinosaur",
      "dolphin",     "elephant",      "flatfish",  "forest",     "fox",          "girl",
      "hamster",     "house",         "kangaroo",  "keyboard",   "lamp",         "lawn_mower",
      "leopard",     "lion",          "lizard",    "lobster",    "man",          "maple_tree",
      "motorcycle",  "mountain",      "mouse",     "mushroom",   "oak_tree",     "orange",
      "orchid",      "otter",         "palm_tree", "pear",       "pickup_truck", "pine_tree",
      "plain",       "plate",         "poppy",     "porcupine",  "possum",       "rabbit",
      "raccoon",     "ray",           "road",      "rocket",     "rose",         "sea",
      "seal",        "shark",         "shrew",     "skunk",      "skyscraper",   "snail",
      "snake",       "spider",        "squirrel",  "streetcar",  "sunflower",    "sweet_pepper",
      "table",       "tank",          "telephone", "television", "tiger",        "tractor",
      "train",       "trout",         "tulip",     "turtle",     "wardrobe",     "whale",
      "willow_tree", "wolf",          "woman",     "worm"};
  return kNames;
}

}  // namespace

CIFAR100::CIFAR100(const std::filesystem::path& root, bool train, Transform transform,
                   bool download)
    : ImageDataset("CIFAR100", std::move(transform)) {
  CifarContents contents = read_cifar(cifar100(), root, train, download);
  coarse_targets_ = std::move(contents.labels[0]);
  set_contents(std::move(contents.images), std::move(contents.labels[1]), fine_classes());
}

const std::vector<std::string>& CIFAR100::coarse_classes() {
  static const std::vector<std::string> kNames = {"aquatic_mammals",
                                                  "fish",
                                                  "flowers",
                                                  "food_containers",
                                                  "fruit_and_vegetables",
                                                  "household_electrical_devices",
                                                  "household_furniture",
                                                  "insects",
                                                  "large_carnivores",
                                                  "large_man-made_outdoor_things",
                                                  "large_natural_outdoor_scenes",
                                                  "large_omnivores_and_herbivores",
                                                  "medium_mammals",
                                                  "non-insect_invertebrates",
                                                  "people",
                                                  "reptiles",
                                                  "small_mammals",
                                                  "trees",
                                                  "vehicles_1",
                                                  "vehicles_2"};
  return kNames;
}

}  // namespace cuttle
