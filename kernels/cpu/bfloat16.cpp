#include "../bfloat16.h"

#include <oneapi/dnnl/dnnl.hpp>

namespace cuttle::kernels {

bool multiplies_bfloat16(cpu::Stream) {
  // The values of dnnl::cpu_isa are sets of instructions, larger where they hold more.
  static const bool has = [] {
    const auto isa = static_cast<unsigned>(dnnl::get_effective_cpu_isa());
    const auto wanted = static_cast<unsigned>(dnnl::cpu_isa::avx512_core_bf16);
    return (isa & wanted) == wanted;
  }();
  return has;
}

}  // namespace cuttle::kernels
