// Tensors as pictures: decoding is images/decode.cpp's, encoding stb_image_write's, whose code is
// compiled here.
#include "image.h"

#include <memory>
#include <optional>
#include <string>

#include "../core/creation.h"
#include "files/atomic_file.h"
#include "images/decode.h"

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"
#define STB_IMAGE_WRITE_STATIC
#define STB_IMAGE_WRITE_IMPLEMENTATION
#include <stb/stb_image_write.h>
#pragma GCC diagnostic pop

namespace cuttle {
namespace {

namespace fs = std::filesystem;

void collect(void* user, void* data, int bytes) {
  static_cast<std::string*>(user)->append(static_cast<const char*>(data),
                                          static_cast<size_t>(bytes));
}

bool is_jpeg(const fs::path& path) {
  return path.extension() == ".jpg" || path.extension() == ".jpeg";
}

void check_writable(const char* function, const Tensor& image, bool jpeg) {
  if (image.dtype() != DType::uint8 || image.dim() < 2 || image.dim() > 3) {
    fail(function, ": expected uint8 (H, W, C) or (H, W), got ", image.dtype(), " ", image.shape());
  }
  const int64_t channels = image.dim() == 3 ? image.size(2) : 1;
  if (channels != 1 && channels != 3 && (channels != 4 || jpeg)) {
    fail(function, ": ", channels, " channels cannot be written as ", jpeg ? "JPEG" : "PNG");
  }
  constexpr int64_t kMaxSide = 1 << 20;
  if (image.numel() == 0 || image.size(0) > kMaxSide || image.size(1) > kMaxSide ||
      image.numel() > kMaxImageBytes) {
    fail(function, ": an image of shape ", image.shape(), " is empty or too large");
  }
}

// The file's bytes: JPEG of that quality, or PNG.
std::string encode(const char* function, const Tensor& image, std::optional<int> jpeg_quality) {
  check_writable(function, image, jpeg_quality.has_value());
  const Tensor pixels = image.cpu().contiguous();  // (H, W, C)
  const auto height = static_cast<int>(pixels.size(0));
  const auto width = static_cast<int>(pixels.size(1));
  const auto channels = pixels.dim() == 3 ? static_cast<int>(pixels.size(2)) : 1;
  std::string contents;
  const int written = jpeg_quality
                          ? stbi_write_jpg_to_func(collect, &contents, width, height, channels,
                                                   pixels.raw_data(), *jpeg_quality)
                          : stbi_write_png_to_func(collect, &contents, width, height, channels,
                                                   pixels.raw_data(), width * channels);
  if (written == 0) fail(function, ": cannot encode an image of shape ", image.shape());
  return contents;
}

}  // namespace

Tensor read_image(const fs::path& path, int channels, bool apply_exif_orientation) {
  if (channels != 0 && channels != 1 && channels != 3 && channels != 4) {
    fail("read_image: channels can be 0, 1, 3 or 4, got ", channels);
  }
  const auto decoded =
      std::make_shared<DecodedImage>(decode_image_file(path, channels, apply_exif_orientation));
  return from_blob(decoded->pixels.data(), {decoded->height, decoded->width, decoded->channels},
                   {.dtype = uint8}, [decoded] {});
}

void write_image(const Tensor& image, const fs::path& path, int jpeg_quality) {
  if (!is_jpeg(path) && path.extension() != ".png") {
    fail("write_image: ", path.string(), " has the ending \"", path.extension().string(),
         "\"; the formats there are: .png, .jpg, .jpeg");
  }
  const std::string contents =
      encode("write_image", image, is_jpeg(path) ? std::optional(jpeg_quality) : std::nullopt);
  AtomicFile file(path);
  file.write(contents);
  file.commit();
}

std::string encode_png(const Tensor& image) {
  return encode("encode_png", image, {});
}

}  // namespace cuttle
