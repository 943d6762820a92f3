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
    case WarpOp::match_any:
      return "__match_any_sync";
    case WarpOp::match_all:
      return "__match_all_sync";
    case WarpOp::reduce_add:
      return "__reduce_add_sync";
    case WarpOp::reduce_min:
      return "__reduce_min_sync";
    case WarpOp::reduce_max:
      return "__reduce_max_sync";
    case WarpOp::reduce_and:
      return "__reduce_and_sync";
    case WarpOp::reduce_or:
      return "__reduce_or_sync";
    case WarpOp::reduce_xor:
      return "__reduce_xor_sync";
    case WarpOp::mma_tf32:
      return "mma.sync of tf32";
    case WarpOp::mma_bf16:
      return "mma.sync of bf16";
    case WarpOp::mma_sparse_tf32:
      return "mma.sp of tf32";
    case WarpOp::wgmma:
      return "wgmma";
  }
  return "a warp operation";
}

}  // namespace cuttle::simt
