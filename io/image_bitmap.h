// Two simple formats that stb_image reads only in part, put right before it sees them. Internal to
// io.
#pragma once

#include <string_view>
#include <vector>

namespace cuttle {

/// Gives a BMP of at most 256 colours a palette of as many as its pixels can name, black where the
/// file has none, behind a header of 40 bytes. stb_image does not look whether a pixel's colour is
/// there, and takes four colours too few from OS/2's headers. Throws Error for one that is cut
/// short.
void complete_bmp_palette(std::vector<unsigned char>& bmp);

/// Throws Error for a PNM whose largest value is not 255: stb_image does not scale its values, and
/// reads past its memory where they have 16 bits.
void check_pnm_range(std::string_view pnm);

}  // namespace cuttle
