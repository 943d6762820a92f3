// Writes what kernels computed to a file, so that tools/compare_records.py can compare two
// machines: a GPU and the interpreter, say. CUTTLE_TEST_RECORD names the file; without it nothing
// is written.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <string>
#include <type_traits>
#include <vector>

#include "backends.h"

namespace cuttle::test {

/// "f4", "i8", "u1": kind and bytes of an element.
template <class T>
std::string element_code() {
  const char kind = std::is_floating_point_v<T> ? 'f' : std::is_signed_v<T> ? 'i' : 'u';
  return kind + std::to_string(sizeof(T));
}

/// The file of CUTTLE_TEST_RECORD, or nullptr.
inline std::ofstream* record_file() {
  static const char* const path = std::getenv("CUTTLE_TEST_RECORD");
  static std::ofstream file;
  if (path && !file.is_open()) file.open(path, std::ios::binary | std::ios::trunc);
  return path ? &file : nullptr;
}

/// Adds the values to the file: a line "test, tab, element, tab, count, tab, kernels", then the
/// bytes.
template <class T>
void record(const std::vector<T>& values) {
  std::ofstream* file = record_file();
  if (!file) return;
  const ::testing::TestInfo* test = ::testing::UnitTest::GetInstance()->current_test_info();
  *file << (test ? std::string(test->test_suite_name()) + "." + test->name() : "") << '\t'
        << element_code<T>() << '\t' << values.size() << '\t' << launched_kernels() << '\n';
  file->write(reinterpret_cast<const char*>(values.data()),
              static_cast<std::streamsize>(values.size() * sizeof(T)));
  file->flush();
  if (!*file) ADD_FAILURE() << "cannot write the file of CUTTLE_TEST_RECORD";
}

}  // namespace cuttle::test
