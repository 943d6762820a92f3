// The asynchronous copies that one CUDA thread has issued and not yet waited for, in groups.
#pragma once

#include <cstddef>
#include <vector>

#include "../language/async_copy.h"

namespace cuttle::simt {

class CopyQueue {
 public:
  void add(const AsyncCopy& copy) { copies_.push_back(copy); }
  /// Ends the group of what was added since the last call.
  void commit() { group_ends_.push_back(copies_.size()); }

  /// Hands out, one a call, the copies of all groups but the `groups_left` youngest; false once
  /// none is left. Copies that are in no group yet stay.
  bool take(size_t groups_left, AsyncCopy& copy) {
    if (group_ends_.size() <= groups_left) return false;
    if (taken_ < group_ends_[group_ends_.size() - 1 - groups_left]) {
      copy = copies_[taken_++];
      return true;
    }
    drop_taken();
    return false;
  }

  void clear() {
    copies_.clear();
    group_ends_.clear();
    taken_ = 0;
  }

 private:
  void drop_taken() {
    std::vector<size_t> left;
    for (const size_t end : group_ends_) {
      if (end > taken_) left.push_back(end - taken_);
    }
    copies_.erase(copies_.begin(), copies_.begin() + static_cast<std::ptrdiff_t>(taken_));
    group_ends_ = left;
    taken_ = 0;
  }

  std::vector<AsyncCopy> copies_;
  std::vector<size_t> group_ends_;  // of each group, the number of its last copy plus one
  size_t taken_ = 0;
};

}  // namespace cuttle::simt
