// Both kinds of files are checked whole before anything of them is used.
#include "cifar_batch.h"

#include <algorithm>
#include <string_view>

#include "../../io/files/file.h"
#include "../../io/pickle/reader.h"
#include "../../kernels/error.h"

namespace cuttle {
namespace {

namespace fs = std::filesystem;
using pickle::Item;
using pickle::Kind;

constexpr size_t kPlane = kCifarSide * kCifarSide;

// Planes (3, 32, 32) to pixels (32, 32, 3).
void interleave(const uint8_t* planes, uint8_t* pixels) {
  for (size_t p = 0; p < kPlane; ++p) {
    for (size_t c = 0; c < 3; ++c) pixels[3 * p + c] = planes[c * kPlane + p];
  }
}

// `where` is empty, or says at which byte of the file the label is.
[[noreturn]] void refuse_label(size_t record, int64_t label, int64_t classes,
                               const std::string& where) {
  fail("record ", record, " has label ", label, where, ", labels go from 0 to ", classes - 1,
       "; the file is damaged");
}

// Calls read(), and names the file in what it throws.
template <class Read>
void with_name(const fs::path& path, const Read& read) {
  try {
    read();
  } catch (const Error& error) {
    fail("cannot read ", path.string(), ": ", error.what());
  }
}

const Item& item(const Item& value, Kind kind, size_t index) {
  if (index >= value.items.size() || value.items[index]->kind != kind) {
    fail("it is not laid out as a CIFAR batch");
  }
  return *value.items[index];
}

// UTF-8 of code points up to 255, each of which stands for a byte.
std::string latin1_of(std::string_view text) {
  std::string bytes;
  bytes.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    const auto first = static_cast<unsigned char>(text[i]);
    if (first < 0x80) {
      bytes += text[i];
    } else if ((first & 0xFC) == 0xC0 && i + 1 < text.size() && (text[i + 1] & 0xC0) == 0x80) {
      bytes += static_cast<char>((first & 3) << 6 | (text[++i] & 0x3F));
    } else {
      fail("a string that stands for bytes is not of Latin-1 characters");
    }
  }
  return bytes;
}

// Python 2's strings, and what Python 3 writes for bytes in protocol 2, which has none: the call
// _codecs.encode(text, "latin1").
std::string bytes_of(const Item& value) {
  if (value.kind == Kind::string) return std::string(value.text);
  if (value.kind != Kind::object || !value.items[0]->is_global("_codecs\nencode\n")) {
    fail("it has another value where bytes belong");
  }
  const Item& given = item(value, Kind::tuple, 1);
  if (item(given, Kind::string, 1).text != "latin1") fail("its bytes are not written as Latin-1");
  return latin1_of(item(given, Kind::string, 0).text);
}

// The value of a key, which is text or, as torchvision's older files have it, bytes.
const Item& entry(const Item& dict, std::string_view key, Kind kind) {
  for (size_t i = 0; i + 1 < dict.items.size(); i += 2) {
    const Item& name = *dict.items[i];
    const bool is_text = name.kind == Kind::string || name.kind == Kind::object;
    if (is_text && bytes_of(name) == key) return item(dict, kind, i + 1);
  }
  fail("it has no entry \"", key, "\"");
}

// The bytes of an ndarray (examples, 3072) of uint8 in row-major order. Its state is
// (version, shape, dtype, is_fortran, bytes); NumPy 2 has moved what makes it.
std::string array_bytes(const Item& array, size_t examples) {
  const Item& maker = item(array, Kind::global, 0);
  if (!maker.is_global("numpy.core.multiarray\n_reconstruct\n") &&
      !maker.is_global("numpy._core.multiarray\n_reconstruct\n")) {
    fail("its data is not a NumPy array");
  }
  const Item& state = item(array, Kind::tuple, 2);
  const Item& shape = item(state, Kind::tuple, 1);
  const Item& dtype = item(state, Kind::object, 2);
  const std::string_view code = item(item(dtype, Kind::tuple, 1), Kind::string, 0).text;
  if (code != "u1" || item(state, Kind::boolean, 3).integer != 0 || shape.items.size() != 2 ||
      state.items.size() != 5 ||
      item(shape, Kind::integer, 1).integer != static_cast<int64_t>(kCifarImage)) {
    fail("its data is not a row-major uint8 array of rows of 3072");
  }
  const int64_t rows = item(shape, Kind::integer, 0).integer;
  if (rows != static_cast<int64_t>(examples)) fail("it holds ", rows, " images, not ", examples);
  std::string bytes = bytes_of(*state.items[4]);
  if (bytes.size() != examples * kCifarImage) {
    fail("it holds ", bytes.size(), " bytes of images, not ", examples * kCifarImage);
  }
  return bytes;
}

void read_labels(const Item& dict, const CifarLabel& label, size_t examples, int64_t* out) {
  const Item& list = entry(dict, label.key, Kind::list);
  if (list.items.size() != examples) {
    fail("it holds ", list.items.size(), " ", label.key, ", not ", examples);
  }
  for (size_t i = 0; i < examples; ++i) {
    out[i] = item(list, Kind::integer, i).integer;
    if (out[i] < 0 || out[i] >= label.classes) refuse_label(i, out[i], label.classes, "");
  }
}

}  // namespace

void read_cifar_records(const fs::path& path, const CifarLayout& layout,
                        const CifarPlaces& places) {
  with_name(path, [&] {
    const File file = File::open_for_reading(path);
    const size_t labels = layout.labels.size(), record = labels + kCifarImage;
    if (file.size() != layout.examples * record) {
      fail("it has ", file.size(), " bytes, not ", layout.examples * record,
           "; it is cut short or not a CIFAR batch; remove it and download it again");
    }
    std::vector<uint8_t> bytes(record);
    for (size_t i = 0; i < layout.examples; ++i) {
      file.read_at(i * record, bytes.data(), record);
      for (size_t k = 0; k < labels; ++k) {
        const int64_t label = bytes[k], classes = layout.labels[k].classes;
        if (label >= classes) {
          refuse_label(i, label, classes, " at byte " + std::to_string(i * record + k));
        }
        places.labels[k][i] = label;
      }
      interleave(bytes.data() + labels, places.pixels + i * kCifarImage);
    }
  });
}

void read_cifar_pickle(const fs::path& path, const CifarLayout& layout, const CifarPlaces& places) {
  with_name(path, [&] {
    const File file = File::open_for_reading(path);
    // Python 3 writes a byte of 128 and more as two; what else there is takes less than 256 bytes
    // and 16 values an example.
    const uint64_t bytes = file.size(), most = layout.examples * (2 * kCifarImage + 256) + 10'000;
    if (bytes > most) fail("it has ", bytes, " bytes, more than a CIFAR batch");
    std::string contents(bytes, '\0');
    file.read_at(0, contents.data(), contents.size());
    const pickle::Document document(contents, layout.examples * 16 + 10'000);
    const Item& dict = document.root();
    if (dict.kind != Kind::dict) fail("it does not hold a dictionary");
    const std::string planes = array_bytes(entry(dict, "data", Kind::object), layout.examples);
    for (size_t k = 0; k < layout.labels.size(); ++k) {
      read_labels(dict, layout.labels[k], layout.examples, places.labels[k]);
    }
    const auto* plane = reinterpret_cast<const uint8_t*>(planes.data());
    for (size_t i = 0; i < layout.examples; ++i) {
      interleave(plane + i * kCifarImage, places.pixels + i * kCifarImage);
    }
  });
}

}  // namespace cuttle
