// Lists of hooks, and the handles that take a hook off its list again.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "locks.h"

namespace cuttle {

/// What a handle knows of a list.
class RemovableHooks {
 public:
  virtual ~RemovableHooks() = default;
  virtual void remove(uint64_t id) = 0;
};

/// torch.utils.hooks.RemovableHandle: what registering a hook returns. It may be dropped (the hook
/// stays), outlive the tensor or module (remove() then does nothing), and be used from any thread.
class RemovableHandle {
 public:
  RemovableHandle() = default;
  RemovableHandle(std::weak_ptr<RemovableHooks> hooks, uint64_t id)
      : hooks_(std::move(hooks)), id_(id) {}

  /// Takes the hook off; again, or on a copy, it does nothing. A replay that has begun to call this
  /// list's hooks on another thread may still call it once.
  void remove() {
    if (const std::shared_ptr<RemovableHooks> hooks = hooks_.lock()) hooks->remove(id_);
  }

 private:
  std::weak_ptr<RemovableHooks> hooks_;
  uint64_t id_ = 0;
};

/// Hooks in the order in which they were registered. Any thread may add, remove and read; who reads
/// sees the list as it was at that moment.
template <class Hook>
class HookList final : public RemovableHooks, public std::enable_shared_from_this<HookList<Hook>> {
 public:
  struct Entry {
    uint64_t id;
    std::shared_ptr<const Hook> hook;
  };
  using Entries = std::vector<Entry>;

  RemovableHandle add(Hook hook) {
    const auto shared = std::make_shared<const Hook>(std::move(hook));
    uint64_t id = 0;
    change([&](Entries& entries) {
      id = ++last_id_;
      entries.push_back({id, shared});
    });
    return {this->weak_from_this(), id};
  }
  void remove(uint64_t id) override {
    change([&](Entries& entries) {
      std::erase_if(entries, [&](const Entry& entry) { return entry.id == id; });
    });
  }
  /// nullptr for none.
  std::shared_ptr<const Entries> entries() const {
    const std::lock_guard lock(pointer_lock(this));
    return entries_;
  }

 private:
  template <class Change>
  void change(const Change& change) {
    std::shared_ptr<const Entries> old;  // outlives the lock, and with it a hook that was removed
    const std::lock_guard lock(pointer_lock(this));
    auto changed = entries_ ? std::make_shared<Entries>(*entries_) : std::make_shared<Entries>();
    change(*changed);
    old = std::exchange(entries_, std::move(changed));
  }

  std::shared_ptr<const Entries> entries_;
  uint64_t last_id_ = 0;
};

}  // namespace cuttle
