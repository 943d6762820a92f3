// Compiled where the build found the library.
#include "jpeg.h"

#include <csetjmp>
#include <cstdio>  // before jpeglib.h, which needs it

#include <jpeglib.h>
// After it:
#include <jerror.h>

#include <string>

#include "../../kernels/error.h"

namespace cuttle {
namespace {

// The library reports to functions of its user's, which must not return from an error: they jump.
// So between read_header or read_rows and the library nothing has a destructor.
struct Reader {
  jpeg_error_mgr errors;  // first: the library knows its address alone
  std::jmp_buf leave;
  char reason[JMSG_LENGTH_MAX];
  bool ends_early;
  jpeg_decompress_struct jpeg;
};

Reader& reader_of(j_common_ptr jpeg) {
  return *reinterpret_cast<Reader*>(jpeg->err);
}

[[noreturn]] void on_error(j_common_ptr jpeg) {
  Reader& reader = reader_of(jpeg);
  reader.errors.format_message(jpeg, reader.reason);
  std::longjmp(reader.leave, 1);
}

// The library goes on after a warning, with pixels of its own invention. Bytes between segments and
// an application's unknown colour transform touch no pixel.
void on_message(j_common_ptr jpeg, int level) {
  Reader& reader = reader_of(jpeg);
  const int code = reader.errors.msg_code;
  if (level >= 0 || code == JWRN_EXTRANEOUS_DATA || code == JWRN_ADOBE_XFORM) return;
  reader.ends_early = code == JWRN_JPEG_EOF;
  on_error(jpeg);
}

bool read_header(Reader& reader, const std::vector<unsigned char>& jpeg) {
  if (setjmp(reader.leave) != 0) return false;
  jpeg_create_decompress(&reader.jpeg);
  jpeg_mem_src(&reader.jpeg, jpeg.data(), static_cast<unsigned long>(jpeg.size()));
  jpeg_read_header(&reader.jpeg, TRUE);
  return true;
}

// Pixels (height, width, channels of the colour space).
bool read_rows(Reader& reader, J_COLOR_SPACE colours, unsigned char* to) {
  jpeg_decompress_struct& jpeg = reader.jpeg;
  if (setjmp(reader.leave) != 0) return false;
  jpeg.out_color_space = colours;
  jpeg_start_decompress(&jpeg);
  while (jpeg.output_scanline < jpeg.output_height) {
    JSAMPROW row = to + size_t{jpeg.output_scanline} * jpeg.output_width *
                            static_cast<size_t>(jpeg.output_components);
    jpeg_read_scanlines(&jpeg, &row, 1);
  }
  jpeg_finish_decompress(&jpeg);
  return true;
}

[[noreturn]] void refuse(const Reader& reader, size_t bytes) {
  if (reader.ends_early)
    fail("it ends at byte ", bytes, ", before its picture does; it is cut short");
  fail("it is damaged, or of a kind that is not read: ", reader.reason);
}

}  // namespace

std::optional<DecodedImage> decode_jpeg(const std::vector<unsigned char>& jpeg, int channels) {
  Reader reader{};
  reader.jpeg.err = jpeg_std_error(&reader.errors);
  reader.errors.error_exit = on_error;
  reader.errors.emit_message = on_message;
  struct Destroy {
    jpeg_decompress_struct& jpeg;
    ~Destroy() { jpeg_destroy_decompress(&jpeg); }
  } const destroy{reader.jpeg};

  if (!read_header(reader, jpeg)) refuse(reader, jpeg.size());
  const int in_file = reader.jpeg.num_components;
  if (in_file != 1 && in_file != 3) return std::nullopt;
  DecodedImage image{.height = static_cast<int>(reader.jpeg.image_height),
                     .width = static_cast<int>(reader.jpeg.image_width),
                     .channels = channels == 0 ? in_file : channels};
  image.pixels.resize(size_t(image.height) * size_t(image.width) * size_t(image.channels));
  const J_COLOR_SPACE colours = image.channels == 1   ? JCS_GRAYSCALE
                                : image.channels == 4 ? JCS_EXT_RGBA
                                                      : JCS_RGB;
  if (!read_rows(reader, colours, image.pixels.data())) refuse(reader, jpeg.size());
  return image;
}

}  // namespace cuttle
