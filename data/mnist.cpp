// Finding, fetching and reading the idx files of both data sets.
#include "mnist.h"

#include <array>
#include <cstring>
#include <system_error>

#include "../core/creation.h"
#include "../io/idx.h"
#include "../io/network/download.h"

namespace cuttle {

namespace fs = std::filesystem;

namespace detail {

struct MnistFile {
  std::string name;  // as it is fetched
  DownloadChecks checks;
};

struct MnistSet {
  std::string name;
  std::vector<std::string> mirrors;   // addresses that a file's name is put behind
  std::array<MnistFile, 2> training;  // images, labels
  std::array<MnistFile, 2> test;
  std::vector<std::string> classes;
};

}  // namespace detail

namespace {

using detail::MnistFile;
using detail::MnistSet;

const MnistSet& mnist() {
  static const MnistSet kSet = {
      .name = "MNIST",
      .mirrors = {"https://ossci-datasets.s3.amazonaws.com/mnist/",
                  "https://storage.googleapis.com/cvdf-datasets/mnist/",
                  "http://yann.lecun.com/exdb/mnist/"},
      .training = {{{"train-images-idx3-ubyte.gz",
                     {9'912'422, "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
                      "f68b3c2dcbeaaa9fbdd348bbdeb94873"}},
                    {"train-labels-idx1-ubyte.gz",
                     {28'881, "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
                      "d53e105ee54ea40749a09fcbcd1e9432"}}}},
      .test = {{{"t10k-images-idx3-ubyte.gz",
                 {1'648'877, "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
                  "9fb629c4189551a2d022fa330f9573f3"}},
                {"t10k-labels-idx1-ubyte.gz",
                 {4'542, "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
                  "ec29112dd5afa0611ce80d1b7f02629c"}}}},
      .classes = {"0 - zero", "1 - one", "2 - two", "3 - three", "4 - four", "5 - five", "6 - six",
                  "7 - seven", "8 - eight", "9 - nine"}};
  return kSet;
}

const MnistSet& fashion_mnist() {
  static const MnistSet kSet = {
      .name = "FashionMNIST",
      .mirrors = {"http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
                  "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"},
      .training = {{{"train-images-idx3-ubyte.gz",
                     {26'421'880,
                      "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
                      "8d4fb7e6c68d591d4c3dfef9ec88bf0d"}},
                    {"train-labels-idx1-ubyte.gz",
                     {29'515, "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
                      "25c81989df183df01b3e8a0aad5dffbe"}}}},
      .test = {{{"t10k-images-idx3-ubyte.gz",
                 {4'422'102, "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
                  "bef4ecab320f06d8554ea6380940ec79"}},
                {"t10k-labels-idx1-ubyte.gz",
                 {5'148, "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
                  "bb300cfdad3c16e7a12a480ee83cd310"}}}},
      .classes = {"T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt",
                  "Sneaker", "Bag", "Ankle boot"}};
  return kSet;
}

// Looks for one file, unpacked or not, and fetches it if that is wanted.
class Finder {
 public:
  Finder(const MnistSet& set, const fs::path& root, bool may_download)
      : set_(set), root_(root), raw_(root / set.name / "raw"), may_download_(may_download) {}

  fs::path find(const MnistFile& file) const {
    const std::string unpacked = fs::path(file.name).stem().string();
    for (const fs::path& folder : {raw_, root_}) {
      for (const std::string& name : {unpacked, file.name}) {
        if (exists(folder / name)) return folder / name;
      }
    }
    if (!may_download_) {
      fail("there is neither ", unpacked, " nor ", file.name, " in ", raw_.string(), " or ",
           root_.string(), "; put it there, or set download to fetch it");
    }
    fetch(file);
    return raw_ / file.name;
  }

 private:
  static bool exists(const fs::path& path) {
    std::error_code error;
    const bool found = fs::exists(path, error);
    if (error) fail("cannot look for ", path.string(), ": ", error.message());
    return found;
  }

  void fetch(const MnistFile& file) const {
    std::vector<std::string> urls;
    for (const std::string& mirror : set_.mirrors) urls.push_back(mirror + file.name);
    try {
      fs::create_directories(raw_);
    } catch (const std::exception& error) {
      throw DownloadError("cannot put the data set into " + raw_.string() + ": " + error.what());
    }
    download(urls, raw_ / file.name, file.checks);
  }

  const MnistSet& set_;
  const fs::path& root_;
  fs::path raw_;
  bool may_download_;
};

// uint8 of so many dimensions.
IdxArray read_checked(const fs::path& path, size_t dimensions) {
  IdxArray array = read_idx(path);
  if (array.dtype != DType::uint8 || array.shape.size() != dimensions) {
    fail(path.string(), " holds ", array.dtype, " of ", array.shape.size(),
         " dimensions, not uint8 of ", dimensions);
  }
  return array;
}

Tensor read_images(const fs::path& path) {
  const IdxArray array = read_checked(path, 3);
  Tensor images =
      empty({array.shape[0], array.shape[1], array.shape[2], 1}, {.dtype = uint8});  // grey
  if (!array.bytes.empty()) {
    std::memcpy(images.raw_data(), array.bytes.data(), array.bytes.size());
  }
  return images;
}

std::vector<int64_t> read_labels(const fs::path& path, size_t classes) {
  const IdxArray array = read_checked(path, 1);
  constexpr size_t kHeader = 8;
  for (size_t i = 0; i < array.bytes.size(); ++i) {
    if (array.bytes[i] >= classes) {
      fail(path.string(), " has label ", int{array.bytes[i]}, " at byte ", kHeader + i,
           ", labels go from 0 to ", classes - 1, "; the file is damaged");
    }
  }
  return {array.bytes.begin(), array.bytes.end()};
}

}  // namespace

MNIST::MNIST(const MnistSet& set, const fs::path& root, bool train, Transform transform,
             bool download)
    : ImageDataset(set.name, std::move(transform)) {
  try {
    const auto& [image_file, label_file] = train ? set.training : set.test;
    const Finder finder(set, root, download);
    const fs::path image_path = finder.find(image_file), label_path = finder.find(label_file);
    Tensor images = read_images(image_path);
    std::vector<int64_t> labels = read_labels(label_path, set.classes.size());
    if (images.size(0) != static_cast<int64_t>(labels.size())) {
      fail(image_path.string(), " holds ", images.size(0), " images, ", label_path.string(), " ",
           labels.size(), " labels");
    }
    set_contents(std::move(images), std::move(labels), set.classes);
  } catch (const DownloadError& error) {
    throw DownloadError(set.name + ": " + error.what());
  } catch (const Error& error) {
    fail(set.name, ": ", error.what());
  }
}

MNIST::MNIST(const fs::path& root, bool train, Transform transform, bool download)
    : MNIST(mnist(), root, train, std::move(transform), download) {}

FashionMNIST::FashionMNIST(const fs::path& root, bool train, Transform transform, bool download)
    : MNIST(fashion_mnist(), root, train, std::move(transform), download) {}

}  // namespace cuttle
