// Names of the warp operations, for reports.
#pragma once

#include "../language/interpreter.h"

namespace cuttle::simt {

inline const char* name_of(WarpOp op) {
  switch (op) {
    case WarpOp::sync:
      return "__syncwarp";
    case WarpOp::shuffle:
      return "__shfl_sync";
    case WarpOp::shuffle_up:
      return "__shfl_up_sync";
    case WarpOp::shuffle_down:
      return "__shfl_down_sync";
    case WarpOp::shuffle_xor:
      return "__shfl_xor_sync";
    case WarpOp::ballot:
      return "__ballot_sync";
    case WarpOp::match:
      return "__match_any_sync";
  }
  return "a warp operation";
}

}  // namespace cuttle::simt
