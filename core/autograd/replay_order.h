// The nodes of a replay, and a number for each place at which a gradient can arrive.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "node.h"

namespace cuttle {

/// Everything reachable from some roots, latest first: an order in which each node comes before the
/// nodes that made its inputs. Leaves come last. Each result of a node has a slot; those of one
/// node follow each other.
class ReplayOrder {
 public:
  struct Entry {
    std::shared_ptr<Node> node;
    size_t slot;  // of its first result
  };

  /// Undefined roots are left out.
  explicit ReplayOrder(const std::vector<std::shared_ptr<Node>>& roots);

  const std::vector<Entry>& entries() const noexcept { return entries_; }
  /// Of one of the nodes.
  size_t slot(const Node* node) const { return table_[find(node)].slot; }
  size_t slot_count() const noexcept { return slot_count_; }

 private:
  // A hash table without a block of memory for each node, for this is most of what a replay costs.
  struct Place {
    const Node* node = nullptr;
    size_t slot = 0;
  };
  void insert(const std::shared_ptr<Node>& node);
  size_t find(const Node* node) const;  // where it is in the table, or would be
  void grow();

  std::vector<Entry> entries_;
  std::vector<Place> table_;  // a power of two, at most half of it taken
  size_t slot_count_ = 0;
};

}  // namespace cuttle
