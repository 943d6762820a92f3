// Pictures by stb_image, whose code is compiled here, and JPEGs by libjpeg-turbo where the build
// found it. stb_image takes a file at its word and goes on with zeros where it ends, so what would
// make it allocate or work without bounds is refused before, and a read beyond the end ends it.
#include "decode.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "../../core/text.h"
#include "../../kernels/error.h"
#include "../files/file.h"
#include "bitmap.h"
#include "format.h"
#include "jpeg.h"
#include "orientation.h"
#include "segments.h"

namespace cuttle {
namespace {

// What stb_image allocates in a thread while one of these lives, which frees what is left: an Error
// of a callback leaves its code in the middle.
class Memory {
 public:
  Memory() { current_ = this; }
  ~Memory() {
    current_ = nullptr;
    for (void* block : blocks_) std::free(block);
  }
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;

  // Zeros, so that pixels which a damaged file leaves out are the same in every run.
  static void* allocate(size_t bytes) { return keep(std::calloc(1, bytes)); }
  static void* reallocate(void* block, size_t bytes) {
    void* const moved = std::realloc(block, bytes);
    if (moved != nullptr) current_->blocks_.erase(block);
    return keep(moved);
  }
  static void release(void* block) {
    current_->blocks_.erase(block);
    std::free(block);
  }

 private:
  static void* keep(void* block) {
    if (block != nullptr) current_->blocks_.insert(block);
    return block;
  }

  static thread_local Memory* current_;
  std::set<void*> blocks_;
};
thread_local Memory* Memory::current_ = nullptr;

}  // namespace
}  // namespace cuttle

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wshadow"
#define STBI_MALLOC(bytes) cuttle::Memory::allocate(bytes)
#define STBI_REALLOC(memory, bytes) cuttle::Memory::reallocate(memory, bytes)
#define STBI_FREE(memory) cuttle::Memory::release(memory)
#define STB_IMAGE_STATIC
#define STB_IMAGE_IMPLEMENTATION
#define STBI_NO_STDIO
#include <stb/stb_image.h>
#pragma GCC diagnostic pop

namespace cuttle {
namespace {

using Bytes = std::vector<unsigned char>;
using Pixels = std::unique_ptr<unsigned char, void (*)(void*)>;

std::string_view text_of(const Bytes& contents) {
  return {reinterpret_cast<const char*>(contents.data()), contents.size()};
}

// The reason may quote the file.
[[noreturn]] void refuse() {
  fail("it is damaged, or of a kind that is not read: ", printable(stbi_failure_reason()));
}

// What stb_image reads from. It asks for the next bytes for its own buffer, of which fewer will do,
// or for as many as it needs.
struct Source {
  const Bytes& contents;
  const stbi__context& reader;
  size_t place = 0;

  [[noreturn]] void end() const {
    fail("it ends at byte ", contents.size(), ", before its picture does; it is cut short");
  }
};

int on_read(void* user, char* data, int wanted) {
  auto& source = *static_cast<Source*>(user);
  const size_t bytes = std::min(static_cast<size_t>(wanted), source.contents.size() - source.place);
  const bool fewer_will_do = data == reinterpret_cast<const char*>(source.reader.buffer_start);
  if (bytes == 0 || (bytes < static_cast<size_t>(wanted) && !fewer_will_do)) source.end();
  std::memcpy(data, source.contents.data() + source.place, bytes);
  source.place += bytes;
  return static_cast<int>(bytes);
}

void on_skip(void* user, int bytes) {
  auto& source = *static_cast<Source*>(user);
  if (static_cast<size_t>(bytes) > source.contents.size() - source.place) source.end();
  source.place += static_cast<size_t>(bytes);
}

int on_end(void* user) {
  const auto& source = *static_cast<Source*>(user);
  return source.place == source.contents.size() ? 1 : 0;
}

// Throws Error, without the file's name, for what stb_image should not be given, and puts right
// what it would not.
void prepare(ImageFormat format, Bytes& contents, int channels) {
  const auto bytes = static_cast<int64_t>(contents.size());
  int64_t passes = 1;
  if (format == ImageFormat::jpeg) {
    passes = std::max<int64_t>(checked_jpeg_scans(text_of(contents)), 1);
  } else if (format == ImageFormat::png) {
    check_png_chunks(text_of(contents));
    complete_png_palette(contents);
  } else if (format == ImageFormat::bmp) {
    complete_bmp_palette(contents);
  } else if (format == ImageFormat::pnm) {
    check_pnm_range(text_of(contents));
  }
  int width = 0, height = 0, in_file = 0;
  if (stbi_info_from_memory(contents.data(), static_cast<int>(contents.size()), &width, &height,
                            &in_file) == 0) {
    refuse();
  }
  if (width <= 0 || height == 0) fail("it claims ", width, " x ", height, " pixels; it is damaged");
  const int64_t pixels = int64_t{width} * std::abs(int64_t{height});  // BMP: may be from above
  const ImageBounds bounds = bounds_of(format);
  if (pixels > bytes * bounds.pixels_per_byte / passes) {
    fail("it claims ", width, " x ", height, " pixels", passes > 1 ? " in " : "",
         passes > 1 ? std::to_string(passes) + " scans" : "", ", which its ", bytes,
         " bytes cannot hold; it is damaged");
  }
  const int64_t needed =
      std::max<int64_t>(channels == 0 ? in_file : channels, bounds.bytes_per_pixel);
  if (pixels * needed > kMaxImageBytes) {
    fail("its ", width, " x ", height, " pixels take more than 1 GiB");
  }
}

DecodedImage decode_by_stb(ImageFormat format, const Bytes& contents, int channels) {
  stbi_io_callbacks callbacks{.read = on_read, .skip = on_skip, .eof = on_end};
  stbi__context reader{};
  Source source{.contents = contents, .reader = reader};
  stbi__start_callbacks(&reader, &callbacks, &source);
  DecodedImage image;
  int in_file = 0;
  // A PIC that stb_image refuses, it would convert all the same, and read through a null pointer.
  const int asked = format == ImageFormat::pic ? 4 : channels;
  Pixels pixels(
      stbi__load_and_postprocess_8bit(&reader, &image.width, &image.height, &in_file, asked),
      stbi_image_free);
  if (!pixels) refuse();
  image.channels = channels == 0 ? in_file : channels;
  if (asked != channels && image.channels != asked) {
    pixels.reset(stbi__convert_format(pixels.release(), asked, image.channels,
                                      static_cast<unsigned>(image.width),
                                      static_cast<unsigned>(image.height)));
    if (!pixels) refuse();
  }
  const int64_t bytes = int64_t{image.height} * image.width * image.channels;
  image.pixels.assign(pixels.get(), pixels.get() + bytes);
  return image;
}

DecodedImage decode(Bytes& contents, int channels, bool upright) {
  const ImageFormat format = image_format(text_of(contents));
  const Memory memory;  // of stb_image
  prepare(format, contents, channels);
  std::optional<DecodedImage> decoded;
#if CUTTLE_HAVE_JPEG
  if (format == ImageFormat::jpeg) decoded = decode_jpeg(contents, channels);
#endif
  DecodedImage image = decoded ? std::move(*decoded) : decode_by_stb(format, contents, channels);
  const bool may_be_turned = format == ImageFormat::png || format == ImageFormat::jpeg;
  if (upright && may_be_turned) {
    turn_upright(exif_orientation(exif_of(text_of(contents))), image.pixels, image.height,
                 image.width, image.channels);
  }
  return image;
}

}  // namespace

DecodedImage decode_image_file(const std::filesystem::path& path, int channels, bool upright) {
  const File file = File::open_for_reading(path);
  const uint64_t bytes = file.size();
  if (bytes > uint64_t{kMaxImageBytes})
    fail("read_image: ", path.string(), " is larger than 1 GiB");
  Bytes contents(bytes);
  if (bytes > 0) file.read_at(0, contents.data(), contents.size());
  try {
    return decode(contents, channels, upright);
  } catch (const Error& error) {
    fail("read_image: ", path.string(), ": ", error.what());
  }
}

}  // namespace cuttle
