#include "saved_tensor_hooks.h"

#include <utility>

namespace cuttle {
namespace {

thread_local std::shared_ptr<const SavedTensorHooks::Pair> current_hooks;

struct Offloaded {
  Tensor data;
  Device device;
};

}  // namespace

const std::shared_ptr<const SavedTensorHooks::Pair>& SavedTensorHooks::current() noexcept {
  return current_hooks;
}

SavedTensorHooks::SavedTensorHooks(std::shared_ptr<const Pair> pair)
    : previous_(std::exchange(current_hooks, std::move(pair))) {}

SavedTensorHooks::SavedTensorHooks(PackHook pack, UnpackHook unpack)
    : SavedTensorHooks(std::make_shared<const Pair>(Pair{std::move(pack), std::move(unpack)})) {
  if (!current_hooks->pack || !current_hooks->unpack)
    fail("SavedTensorHooks: pack and unpack are both needed, one is an empty function");
}

SavedTensorHooks::~SavedTensorHooks() {
  current_hooks = std::move(previous_);
}

SaveOnCpu::SaveOnCpu()
    : SavedTensorHooks(
          [](const Tensor& saved) {
            return Offloaded{saved.cpu(), saved.device()};
          },
          [](const std::any& packed) {
            const auto& offloaded = std::any_cast<const Offloaded&>(packed);
            return offloaded.data.to(offloaded.device);
          }) {}

}  // namespace cuttle
