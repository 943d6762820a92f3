// Walks the folders once; the order of names is that of their bytes, as Python sorts UTF-8.
#include "image_folder.h"

#include <algorithm>
#include <system_error>

#include "../core/text.h"
#include "../io/image.h"

namespace cuttle {
namespace {

namespace fs = std::filesystem;

bool has_image_extension(const fs::path& path) {
  std::string name = path.filename().string();
  std::transform(name.begin(), name.end(), name.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  const auto& endings = image_extensions();
  return std::any_of(endings.begin(), endings.end(),
                     [&](const std::string& ending) { return name.ends_with(ending); });
}

// The folder itself and all below it, as strings in their order. Links are followed.
std::vector<std::string> folders_below(const fs::path& top) {
  struct Folder {
    fs::path path;
    std::vector<fs::path> above;  // without links
  };
  std::vector<std::string> all;
  std::vector<Folder> waiting = {{top, {}}};
  while (!waiting.empty()) {
    Folder folder = std::move(waiting.back());
    waiting.pop_back();
    const fs::path place = fs::canonical(folder.path);
    if (std::find(folder.above.begin(), folder.above.end(), place) != folder.above.end()) {
      fail("the links at ", folder.path.string(), " lead in a circle");
    }
    folder.above.push_back(place);
    for (const auto& entry : fs::directory_iterator(folder.path)) {
      if (entry.is_directory()) waiting.push_back({entry.path(), folder.above});
    }
    all.push_back(folder.path.string());
  }
  std::sort(all.begin(), all.end());
  return all;
}

std::vector<std::string> sorted_files(const fs::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (!entry.is_directory()) names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

const std::vector<std::string>& image_extensions() {
  static const std::vector<std::string> kEndings = {".jpg", ".jpeg", ".png",  ".ppm",  ".bmp",
                                                    ".pgm", ".tif",  ".tiff", ".webp", ".gif",
                                                    ".hdr", ".pic",  ".psd",  ".tga"};
  return kEndings;
}

ImageFolder::ImageFolder(const fs::path& root, Transform transform, ImageFolderOptions options)
    : transform_(std::move(transform)), options_(std::move(options)) {
  try {
    find_classes(root);
    find_samples(root);
  } catch (const fs::filesystem_error& error) {
    fail("ImageFolder: cannot look through ", root.string(), ": ", error.code().message(), " (",
         error.path1().string(), ")");
  } catch (const Error& error) {
    fail("ImageFolder: ", error.what());
  }
}

void ImageFolder::find_classes(const fs::path& root) {
  if (!fs::is_directory(root)) fail("there is no folder ", root.string());
  for (const auto& entry : fs::directory_iterator(root)) {
    if (entry.is_directory()) classes_.push_back(entry.path().filename().string());
  }
  if (classes_.empty()) {
    fail("there is no class folder in ", root.string(),
         "; it must hold one folder for each class, with its pictures in it");
  }
  std::sort(classes_.begin(), classes_.end());
  for (const std::string& name : classes_) {
    class_to_idx_.emplace(name, static_cast<int64_t>(class_to_idx_.size()));
  }
}

void ImageFolder::find_samples(const fs::path& root) {
  std::vector<std::string> empty_classes;
  for (const std::string& name : classes_) {
    const size_t before = samples_.size();
    for (const std::string& folder : folders_below(root / name)) {
      for (const std::string& file : sorted_files(folder)) {
        const fs::path path = fs::path(folder) / file;
        if (options_.is_valid_file ? options_.is_valid_file(path) : has_image_extension(path)) {
          samples_.push_back({path, class_to_idx_.at(name)});
          targets_.push_back(samples_.back().target);
        }
      }
    }
    if (samples_.size() == before) empty_classes.push_back(name);
  }
  if (empty_classes.empty() || options_.allow_empty) return;
  const auto itself = [](const std::string& text) { return printable(text); };
  const std::string taken =
      options_.is_valid_file ? ""
                             : "; these endings are taken: " + listed(image_extensions(), itself);
  fail("there is no picture in ", root.string(), " for the classes ", listed(empty_classes, itself),
       taken, "; set allow_empty to keep such classes");
}

Example ImageFolder::get(size_t index) const {
  if (index >= size()) fail("ImageFolder: there is no example ", index, ", it has ", size());
  const auto& [path, target] = samples_[index];
  const Tensor image = options_.loader ? options_.loader(path) : read_image(path);
  return {transform_ ? transform_(image) : image,
          options_.target_transform ? options_.target_transform(target) : target};
}

}  // namespace cuttle
