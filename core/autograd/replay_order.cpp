#include "replay_order.h"

#include <algorithm>
#include <utility>

namespace cuttle {

ReplayOrder::ReplayOrder(const std::vector<std::shared_ptr<Node>>& roots) : table_(64) {
  entries_.reserve(32);
  for (const std::shared_ptr<Node>& root : roots) insert(root);
  for (size_t i = 0; i < entries_.size(); ++i) {
    const std::shared_ptr<Node> node = entries_[i].node;  // entries_ may move
    for (const Node::Edge& edge : node->inputs()) insert(edge.node);
  }
  // Leaves have number 0, and stay in the order in which they were met.
  std::sort(entries_.begin(), entries_.end(), [](const Entry& a, const Entry& b) {
    const uint64_t first = a.node->sequence(), second = b.node->sequence();
    return first != second ? first > second : a.slot < b.slot;
  });
}

void ReplayOrder::insert(const std::shared_ptr<Node>& node) {
  if (!node) return;
  Place& place = table_[find(node.get())];
  if (place.node) return;
  place = {node.get(), slot_count_};
  entries_.push_back({node, slot_count_});
  slot_count_ += static_cast<size_t>(node->outputs());
  if (entries_.size() * 2 > table_.size()) grow();
}

// Addresses of nodes are multiples of 16. The factor is 2⁶⁴ divided by the golden ratio (Knuth,
// "The Art of Computer Programming", volume 3, 6.4): its product's upper bits depend on all of
// them.
size_t ReplayOrder::find(const Node* node) const {
  const size_t mask = table_.size() - 1;
  const uint64_t product = (reinterpret_cast<uintptr_t>(node) >> 4) * 0x9E3779B97F4A7C15u;
  size_t at = (product >> 32) & mask;
  while (table_[at].node && table_[at].node != node) at = (at + 1) & mask;
  return at;
}

void ReplayOrder::grow() {
  const std::vector<Place> old = std::exchange(table_, std::vector<Place>(table_.size() * 2));
  for (const Place& place : old)
    if (place.node) table_[find(place.node)] = place;
}

}  // namespace cuttle
