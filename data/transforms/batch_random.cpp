#include "batch_random.h"

#include "../../core/ops/images/draws.h"

namespace cuttle {
namespace {

thread_local BatchRandomScope* innermost = nullptr;

}  // namespace

BatchRandomScope::BatchRandomScope(uint64_t seed, uint64_t epoch, Tensor numbers)
    : seed_(seed), epoch_(epoch), numbers_(std::move(numbers)), before_(innermost) {
  if (!numbers_.defined() || numbers_.dtype() != int64 || numbers_.dim() != 1 ||
      !numbers_.is_contiguous())
    fail("BatchRandomScope: expected the images' numbers as a contiguous int64 tensor (N)");
  innermost = this;
}

BatchRandomScope::~BatchRandomScope() {
  innermost = before_;
}

ImageRandom next_batch_random(const Tensor& images) {
  if (innermost == nullptr) return next_image_random(images.device());
  BatchRandomScope& scope = *innermost;
  if (scope.numbers_.size(0) != images.size(0) || scope.numbers_.device() != images.device())
    fail("BatchRandomScope: it has the numbers of ", scope.numbers_.size(0), " images on ",
         scope.numbers_.device(), ", the batch is ", images.shape(), " on ", images.device());
  return numbered_image_random(call_seed(scope.seed_, scope.calls_++), scope.epoch_,
                               scope.numbers_);
}

}  // namespace cuttle
