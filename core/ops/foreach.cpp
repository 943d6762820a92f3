#include "foreach.h"

#include "../../kernels/multi_tensor.h"
#include "../autograd/record.h"
#include "../dispatch.h"
#include "../tensor_impl.h"

namespace cuttle {
namespace {

constexpr std::string_view kOp = "foreach_lerp_";

// Whether the kernel may walk both in memory order.
bool can_share(const Tensor& start, const Tensor& end, const Tensor& weight) {
  const bool same = start.shape() == end.shape() && start.strides() == end.strides() &&
                    start.dtype() == end.dtype() && start.device() == end.device();
  return same && start.dtype() == weight.dtype() && start.device() == weight.device() &&
         (start.dtype() == float32 || start.dtype() == float64) &&
         is_dense_in_some_order(start.shape(), start.strides()) &&
         !needs_recording({start, end, weight});
}

}  // namespace

void foreach_lerp_(const std::vector<Tensor>& starts, const std::vector<Tensor>& ends,
                   const Tensor& weight) {
  if (starts.size() != ends.size())
    fail(kOp, ": expected as many ends as starts, got ", ends.size(), " for ", starts.size());
  check_defined(kOp, weight);
  if (weight.numel() != 1) fail(kOp, ": expected one number as weight, got ", weight.shape());
  std::vector<size_t> shared;
  for (size_t i = 0; i < starts.size(); ++i) {
    check_defined(kOp, starts[i]);
    check_defined(kOp, ends[i]);
    if (can_share(starts[i], ends[i], weight)) {
      check_in_place(kOp, starts[i], {ends[i], weight});
      shared.push_back(i);
    } else {
      Tensor(starts[i]).lerp_(ends[i], weight);
    }
  }
  if (shared.empty()) return;
  dispatch_float_double(kOp, weight.dtype(), [&]<class T>() {
    std::vector<kernels::PairOf<T>> pairs;
    for (const size_t i : shared)
      pairs.push_back({starts[i].data<T>(), ends[i].data<T>(), starts[i].numel()});
    on_device(weight.device(), [&](auto stream) {
      kernels::multi_lerp<T>(stream, weight.data<T>(), std::span<const kernels::PairOf<T>>(pairs));
    });
  });
  for (const size_t i : shared) starts[i].impl().storage->bump_version();
}

}  // namespace cuttle
