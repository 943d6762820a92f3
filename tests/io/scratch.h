// A folder for one test, gone afterwards; whole files in and out; the sentence of an Error.
#pragma once

#include <cuttle/kernels/error.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace cuttle::testing {

class ScratchTest : public ::testing::Test {
 protected:
  ScratchTest() {
    std::string name = (std::filesystem::temp_directory_path() / "cuttle-test-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
    folder_ = name;
  }
  ~ScratchTest() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path path(const std::string& name) const { return folder_ / name; }
  /// Names of what is in the folder.
  std::vector<std::string> names() const {
    std::vector<std::string> all;
    for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
      all.push_back(entry.path().filename().string());
    }
    return all;
  }

 private:
  std::filesystem::path folder_;
};

inline void write_file(const std::filesystem::path& path, const std::string& contents) {
  std::ofstream(path, std::ios::binary) << contents;
}

inline std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// What the Error says that `function` throws; "" and a failure if it throws none.
template <class E = Error, class F>
std::string error_of(F&& function) {
  try {
    function();
  } catch (const E& error) {
    return error.what();
  }
  ADD_FAILURE() << "nothing was thrown";
  return "";
}

}  // namespace cuttle::testing

/// Expects that `expression` throws an Error whose sentence contains `part`.
#define EXPECT_ERROR(expression, part)                                       \
  do {                                                                       \
    const std::string sentence =                                             \
        ::cuttle::testing::error_of([&] { static_cast<void>(expression); }); \
    EXPECT_NE(sentence.find(part), std::string::npos) << sentence;           \
  } while (false)
