// What one CUDA thread has issued and not yet waited for, in groups: asynchronous copies, or
// products of its warpgroup.
#pragma once

#include <cstddef>
#include <vector>

namespace cuttle::simt {

template <class T>
class GroupQueue {
 public:
  void add(const T& item) { items_.push_back(item); }
  /// Ends the group of what was added since the last call.
  void commit() { group_ends_.push_back(items_.size()); }

  /// Hands out, one a call, the copies of all groups but the `groups_left` youngest; false once
  /// none is left. Copies that are in no group yet stay.
  bool take(size_t groups_left, T& item) {
    if (group_ends_.size() <= groups_left) return false;
    if (taken_ < group_ends_[group_ends_.size() - 1 - groups_left]) {
      item = items_[taken_++];
      return true;
    }
    drop_taken();
    return false;
  }

  void clear() {
    items_.clear();
    group_ends_.clear();
    taken_ = 0;
  }

 private:
  void drop_taken() {
    std::vector<size_t> left;
    for (const size_t end : group_ends_) {
      if (end > taken_) left.push_back(end - taken_);
    }
    items_.erase(items_.begin(), items_.begin() + static_cast<std::ptrdiff_t>(taken_));
    group_ends_ = left;
    taken_ = 0;
  }

  std::vector<T> items_;
  std::vector<size_t> group_ends_;  // of each group, the number of its last item plus one
  size_t taken_ = 0;
};

}  // namespace cuttle::simt
