// How the forward convolution on tensor cores cuts its work: which tile a block takes, and where
// the tile's input and weights lie in shared memory. Worked out on the host, once a launch.
#pragma once

#include "../../conv2d.h"
#include "../index.cuh"

namespace cuttle::kernels::cuda {

// Shared memory is counted in atoms: 16 bytes, four channels of one pixel or of one weight. A step
// of the product, eight deep, takes two atoms.
//
// A window is 2 × 2 output pixels, whether they are pooled or not. Eight windows make a group, 8 /
// columns of them one above the other and `columns` side by side. The left pixels of a group's
// windows are one 16-row operand of the tensor core (upper pixels rows 0 to 7, lower ones 8 to 15),
// the right pixels a second one, so that each thread holds whole windows in registers.
//
// The input of a tile lies in planes of four channels. Within a row of a plane the columns are
// dealt out to 2 · stride_w classes, so that neighbouring windows are neighbouring atoms at every
// stride: eight windows are 128 bytes and free of bank conflicts.
struct ForwardTiling {
  int columns = 8;               // windows of a group side by side
  int group_warps = 4;           // of the block's warps: so many share out its groups of windows
  FastDivisor tiles_h, tiles_w;  // tiles of an image
  int window_rows = 0;           // of a tile
  FastDivisor input_w;           // a tile's input, in pixels
  int input_h = 0;
  FastDivisor classes;          // 2 · stride_w
  int class_width = 0;          // atoms of one class of a row
  int row = 0, plane = 0;       // atoms
  int planes = 1;               // of four channels that a stage holds: 1 where C ≤ 4, else 2
  int taps = 0;                 // KH · KW
  FastDivisor atoms, kernel_w;  // atoms of a weight in a stage: planes · taps, made even
  int stages = 1;               // passes over the channels
  int output_channels = 0;      // of a block
  int weight_row = 0;           // atoms from one atom of the weights to the next
  int stage_atoms = 0;          // input and weights of one stage

  /// One stage, or two where one is filled while the other is used; before them the taps' places.
  int shared_bytes() const {
    return 16 * (static_cast<int>(atoms.divisor) / 2 + stage_atoms * (stages > 1 ? 2 : 1));
  }
};

/// Groups of narrow images are four windows wide.
inline int windows_side_by_side(int windows_w) {
  return windows_w <= 4 ? 4 : 8;
}

/// Whether two groups of windows reach from the image's top to its bottom.
inline bool is_low(int windows_h, int windows_w) {
  return windows_h <= 2 * 8 / windows_side_by_side(windows_w);
}

/// kernel_groups: groups of windows a warp works on; kernel_channels: output channels of a warp.
inline ForwardTiling forward_tiling(const Conv2dShape& s, int windows_h, int windows_w,
                                    int kernel_groups, int kernel_channels) {
  ForwardTiling t;
  const auto int_of = [](int64_t v) { return static_cast<int>(v); };
  t.columns = windows_side_by_side(windows_w);
  const int group_rows = 8 / t.columns;
  // Low images: two warps share out the pixels, and the block takes twice a warp's channels.
  t.group_warps =
      kernel_groups == 1 && is_low(windows_h, windows_w) && s.o > kernel_channels ? 2 : 4;
  t.window_rows = group_rows * kernel_groups * t.group_warps;
  t.output_channels = kernel_channels * 4 / t.group_warps;
  t.tiles_h = FastDivisor((windows_h + t.window_rows - 1) / t.window_rows);
  t.tiles_w = FastDivisor((windows_w + t.columns - 1) / t.columns);

  const int span_h = int_of(s.dilation_h * (s.kh - 1)), span_w = int_of(s.dilation_w * (s.kw - 1));
  t.input_h = int_of((2 * t.window_rows - 1) * s.stride_h) + span_h + 1;
  const int input_w = int_of((2 * t.columns - 1) * s.stride_w) + span_w + 1;
  t.input_w = FastDivisor(input_w);
  t.classes = FastDivisor(2 * s.stride_w);
  const int classes = static_cast<int>(t.classes.divisor);
  t.class_width = (input_w + classes - 1) / classes;
  t.row = classes * t.class_width;
  // Groups of two window rows: those lie four atoms apart, in the other half of the banks, if they
  // can.
  const auto distance = [&] { return 2 * s.stride_h * t.row % 8; };
  for (int pad = 0; pad < 4 && t.columns == 4 && distance() != 4; ++pad) ++t.row;
  t.plane = t.input_h * t.row;

  t.planes = s.c <= 4 ? 1 : 2;
  t.taps = int_of(s.kh * s.kw);
  t.kernel_w = FastDivisor(s.kw);
  t.atoms = FastDivisor((t.planes * t.taps + 1) / 2 * 2);
  t.stages = int_of((s.c + 4 * t.planes - 1) / (4 * t.planes));
  t.weight_row = t.output_channels + 1;  // odd, so that a weight's atoms fall into different banks
  t.stage_atoms = t.planes * t.plane + static_cast<int>(t.atoms.divisor) * t.weight_row;
  return t;
}

}  // namespace cuttle::kernels::cuda
