// Whose kernels compute what both this project and NVIDIA's libraries can.
#pragma once

namespace cuttle::kernels::cuda {

/// own: this project's kernels. vendor: cuDNN and cuBLAS, and this project's kernels where those
/// refuse. fastest: for each new shape both are tried, and the faster one that gives the same bits
/// in every run is kept.
enum class Backend { own, vendor, fastest };

}  // namespace cuttle::kernels::cuda
