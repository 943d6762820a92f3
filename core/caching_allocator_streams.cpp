// Blocks that other streams than their own use: freed, they wait for marks set in those streams.
#include <algorithm>

#include "caching_allocator.h"

namespace cuttle {

void CachingAllocator::note_use(void* memory, StreamId stream) {
  const std::lock_guard lock(mutex_);
  Block& block = blocks_.find(static_cast<char*>(memory))->second;
  std::vector<StreamId>& users = block.users;
  if (stream == block.home->first.first) return;
  if (std::find(users.begin(), users.end(), stream) == users.end()) users.push_back(stream);
}

void CachingAllocator::wait_for_users(Blocks::iterator block) {
  set_marks(waiting_.emplace_back(Waiting{block->first, {}}));
}

void CachingAllocator::set_marks(Waiting& waiting) {
  for (const StreamId user : blocks_.find(waiting.block)->second.users) {
    std::unique_ptr<StreamMark> mark = source_->mark(user);
    if (mark == nullptr) return waiting.marks.clear();
    waiting.marks.push_back(std::move(mark));
  }
}

void CachingAllocator::reclaim(bool wait) {
  if (source_->is_capturing()) return;
  std::deque<Waiting> left;
  for (Waiting& waiting : std::exchange(waiting_, {})) {
    if (!wait && !left.empty()) {  // the first that is not done stands for the rest
      left.push_back(std::move(waiting));
      continue;
    }
    if (waiting.marks.empty()) set_marks(waiting);
    const auto is_reached = [&](const std::unique_ptr<StreamMark>& mark) {
      if (wait) mark->wait();
      return mark->reached();
    };
    const bool done = !waiting.marks.empty() &&
                      std::all_of(waiting.marks.begin(), waiting.marks.end(), is_reached);
    if (done)
      make_free(blocks_.find(waiting.block));
    else
      left.push_back(std::move(waiting));
  }
  waiting_ = std::move(left);
}

}  // namespace cuttle
