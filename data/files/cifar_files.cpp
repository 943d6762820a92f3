// Finding, fetching and reading CIFAR's files.
#include "cifar_files.h"

#include <optional>
#include <system_error>

#include "../../core/creation.h"
#include "../../core/text.h"
#include "../../io/archives/archive.h"

namespace cuttle {
namespace {

namespace fs = std::filesystem;

// Reads the set in one of the folders under `root`.
class Reader {
 public:
  Reader(const CifarSet& set, const fs::path& root, bool train)
      : set_(set), root_(root), train_(train), names_(train ? set.training : set.test) {}

  CifarContents read(bool may_download) const {
    const Source source = find_or_fetch(may_download);
    const size_t count = train_ ? set_.training_examples : set_.test_examples;
    CifarContents contents;
    constexpr auto kSide = static_cast<int64_t>(kCifarSide);
    contents.images = empty({static_cast<int64_t>(count), kSide, kSide, 3}, {.dtype = uint8});
    contents.labels.assign(set_.labels.size(), std::vector<int64_t>(count));
    const CifarLayout layout{.labels = set_.labels, .examples = count / names_.size()};
    for (size_t i = 0; i < names_.size(); ++i) {
      const size_t first = i * layout.examples;
      CifarPlaces places;
      places.pixels = contents.images.data<uint8_t>() + first * kCifarImage;
      for (auto& labels : contents.labels) places.labels.push_back(labels.data() + first);
      const auto read_file = source.python ? read_cifar_pickle : read_cifar_records;
      read_file(source.folder / file_name(names_[i], source), layout, places);
    }
    return contents;
  }

 private:
  // A folder that may hold the data set.
  struct Source {
    fs::path folder;
    bool python = false;
  };

  static std::string file_name(const std::string& name, const Source& source) {
    return source.python ? name : name + ".bin";
  }

  static bool exists(const fs::path& path) {
    std::error_code error;
    const bool found = fs::exists(path, error);
    if (error) fail("cannot look for ", path.string(), ": ", error.message());
    return found;
  }

  // Where the data set can lie, in the order in which it is looked for.
  std::vector<Source> sources() const {
    return {{root_ / set_.binary_folder, false},
            {root_, false},
            {root_ / set_.python_folder, true},
            {root_, true}};
  }

  // Which of the files are not there.
  std::vector<std::string> missing(const Source& source) const {
    std::vector<std::string> names;
    for (const std::string& name : names_) {
      if (!exists(source.folder / file_name(name, source))) {
        names.push_back(file_name(name, source));
      }
    }
    return names;
  }

  // The first folder that has all files; nothing if none has.
  std::optional<Source> find() const {
    for (const Source& source : sources()) {
      if (missing(source).empty()) return source;
    }
    return std::nullopt;
  }

  // What each folder that is there lacks, in words: "F lacks A, B; G lacks C".
  std::string shortcomings() const {
    std::string words;
    for (const Source& source : sources()) {
      const auto absent = missing(source);
      const bool begun = absent.size() < names_.size();
      const bool own_folder = source.folder != root_ && exists(source.folder);
      if (!begun && !own_folder) continue;
      words += (words.empty() ? "" : "; ") + source.folder.string() + " lacks " +
               listed(absent, [](const std::string& name) { return name; });
    }
    return words;
  }

  void fetch() const {
    const fs::path archive = root_ / set_.archive;
    try {
      fs::create_directories(root_);
      const bool fetched = download(set_.urls, archive, set_.checks);
      extract_tar_gz(archive, root_);
      if (fetched) fs::remove(archive);
    } catch (const DownloadError&) {
      throw;
    } catch (const std::exception& error) {
      throw DownloadError("cannot put the data set into " + root_.string() + ": " + error.what());
    }
  }

  Source find_or_fetch(bool may_download) const {
    std::optional<Source> source = find();
    if (!source && may_download) {
      fetch();
      source = find();
    }
    if (source) return *source;
    const std::string words = shortcomings();
    const char* what = train_ ? "training set" : "test set";
    if (may_download) {
      fail("the ", what, " was not in the archive fetched: ",
           words.empty() ? root_.string() + " has none of its files" : words);
    }
    if (!words.empty()) {
      fail("the ", what, " is not whole: ", words,
           "; put the missing files there, or set download to fetch the data set");
    }
    fail("there is neither ", set_.binary_folder, " nor ", set_.python_folder, " in ",
         root_.string(), "; set download to fetch the data set");
  }

  const CifarSet& set_;
  const fs::path& root_;
  bool train_;
  const std::vector<std::string>& names_;
};

}  // namespace

CifarContents read_cifar(const CifarSet& set, const fs::path& root, bool train, bool may_download) {
  try {
    return Reader(set, root, train).read(may_download);
  } catch (const DownloadError& error) {
    throw DownloadError(set.name + ": " + error.what());
  } catch (const Error& error) {
    fail(set.name, ": ", error.what());
  }
}

}  // namespace cuttle
