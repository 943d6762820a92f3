// A first-in, first-out queue of fixed capacity, from which any element can be taken: the threads
// that could run next.
#pragma once

#include <array>
#include <utility>

namespace cuttle::simt {

template <class T, unsigned kCapacity>
class ReadyQueue {
 public:
  unsigned size() const { return size_; }
  void clear() { size_ = 0; }
  void push(T value) { at(size_++) = value; }
  /// Takes the element at `position`; 0 is the one that has waited longest.
  T take(unsigned position) {
    std::swap(at(position), at(0));
    const T value = at(0);
    head_ = (head_ + 1) % kCapacity;
    --size_;
    return value;
  }

 private:
  T& at(unsigned position) { return ring_[(head_ + position) % kCapacity]; }

  std::array<T, kCapacity> ring_;
  unsigned head_ = 0, size_ = 0;
};

}  // namespace cuttle::simt
