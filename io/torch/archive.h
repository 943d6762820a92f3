// The zip around a PyTorch file: its members by name, read or mapped. Internal to io.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "../../core/storage.h"
#include "../files/file.h"
#include "../files/mapped_file.h"
#include "../zip/zip_reader.h"

namespace cuttle::torch_file {

class Archive {
 public:
  /// Throws Error, without the file's name, for another kind of file.
  Archive(const std::filesystem::path& path, bool mmap);

  /// data.pkl.
  std::string pickle() const;
  /// The memory of data/`key`, aligned for any type. Throws Error if there is none.
  std::shared_ptr<Storage> storage(std::string_view key) const;

 private:
  /// nullptr if there is none of that name in the archive's folder.
  const zip::Member* find(const std::string& name) const;
  /// Reads the member's bytes and compares their checksum.
  void read(const zip::Member& member, void* bytes) const;

  File file_;
  std::shared_ptr<MappedFile> mapped_;
  std::string folder_;  // with its slash
  std::map<std::string, zip::Member> members_;
};

}  // namespace cuttle::torch_file
