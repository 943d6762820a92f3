// Walking through the modules of a container.
#pragma once

#include <cstddef>
#include <iterator>

#include "module.h"

namespace cuttle {

/// A container's modules in their order: for (Module& block : blocks) x = block(x);
class ChildIterator {
 public:
  using iterator_category = std::forward_iterator_tag;
  using value_type = Module;
  using difference_type = std::ptrdiff_t;
  using pointer = Module*;
  using reference = Module&;

  ChildIterator() = default;
  explicit ChildIterator(Module::NamedChildren::const_iterator at) : at_(at) {}

  Module& operator*() const { return *at_->second; }
  Module* operator->() const { return at_->second.get(); }
  ChildIterator& operator++() {
    ++at_;
    return *this;
  }
  ChildIterator operator++(int) {
    const ChildIterator before = *this;
    ++at_;
    return before;
  }
  friend bool operator==(const ChildIterator&, const ChildIterator&) = default;

 private:
  Module::NamedChildren::const_iterator at_;
};

}  // namespace cuttle
