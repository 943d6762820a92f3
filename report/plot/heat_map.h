// A matrix as colours, with its numbers in them; and the matrix of confusions.
#pragma once

#include <string>
#include <vector>

#include "canvas.h"

namespace cuttle::plot {

struct HeatMapOptions {
  std::string title = {};
  std::string x_label = {};
  std::string y_label = {};
  std::vector<std::string> row_names = {};  // one a row, or none
  std::vector<std::string> column_names = {};
  std::vector<std::string> texts = {};  // one a cell, row by row; if empty, the values
  bool numbers = true;                  // texts in the cells, where they fit
  double low = 0;                       // the value of the colour map's beginning …
  double high = 0;                      // … and end; if both are 0, the least and the greatest
  ColorMap color_map = blues;
  std::string bar_label = {};  // beside the colours' bar
  int side = 480;              // of the matrix, the longer one, in pixels; about
  double font_size = 15;
};

/// `values` (R, C) of any dtype and device, as one cell each. Names that would overlap are left
/// out, every so many stay. Returns uint8 (H, W, 3). Throws Error for another rank, no cell, more
/// than 1024 rows or columns, or names and texts that differ in number.
Tensor heat_map(const Tensor& values, const HeatMapOptions& options = {});

/// How often examples of each class (row) were taken for each class (column): counts (C, C) of
/// integers, as ConfusionMatrix gives. The colour is the share of the row, the number the count.
/// `options` may change all but values' range. Throws Error as heat_map.
Tensor confusion_matrix(const Tensor& counts, const std::vector<std::string>& classes,
                        HeatMapOptions options = {});

}  // namespace cuttle::plot
