// How a camera was held: EXIF's orientation, and turning pixels upright. Internal to io.
#pragma once

#include <string_view>
#include <vector>

namespace cuttle {

/// The orientation, 1 to 8, that the EXIF data (a TIFF file) give; 1, upright, if they give none or
/// are damaged.
int exif_orientation(std::string_view exif);

/// Turns pixels (height, width, channels) as `orientation` says, and exchanges height and width
/// where it has to.
void turn_upright(int orientation, std::vector<unsigned char>& pixels, int& height, int& width,
                  int channels);

}  // namespace cuttle
