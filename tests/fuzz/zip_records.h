// Puts right what no mutation of a zip file keeps: where its records are, and checksums.
#pragma once

#include <cuttle/io/zip/format.h>

#include <cstring>
#include <string>
#include <vector>

namespace cuttle::fuzz {

/// Where `signature` stands, in order, as records of `bytes` that lie within the file.
inline std::vector<size_t> places_of(const std::string& file, uint32_t signature, size_t bytes) {
  const std::string_view sought(reinterpret_cast<const char*>(&signature), sizeof(signature));
  std::vector<size_t> places;
  for (size_t at = file.find(sought); at != std::string::npos; at = file.find(sought, at + 1))
    if (bytes <= file.size() - at) places.push_back(at);
  return places;
}

/// The directory's entries point to the local headers, one after the other, and have no checksum;
/// the last end record counts and finds them. A file without these records stays as it is.
inline std::string with_places(std::string file) {
  const auto put = [&file](size_t at, auto value) {
    std::memcpy(file.data() + at, &value, sizeof(value));
  };
  const auto headers = places_of(file, zip::kLocalSignature, zip::kLocalBytes);
  const auto entries = places_of(file, zip::kCentralSignature, zip::kCentralBytes);
  const auto ends = places_of(file, zip::kEndSignature, zip::kEndBytes);
  if (entries.empty() || ends.empty() || ends.back() < entries.front()) return file;
  for (size_t i = 0; i < entries.size(); ++i) {
    put(entries[i] + 16, uint32_t{0});
    if (i < headers.size()) put(entries[i] + 42, static_cast<uint32_t>(headers[i]));
  }
  put(ends.back() + 10, static_cast<uint16_t>(entries.size()));
  put(ends.back() + 12, static_cast<uint32_t>(ends.back() - entries.front()));
  put(ends.back() + 16, static_cast<uint32_t>(entries.front()));
  return file;
}

}  // namespace cuttle::fuzz
