#include "nested_list.h"

namespace cuttle {

NestedList::NestedList(std::initializer_list<NestedList> items) : is_list_(true), items_(items) {
  if (items_.empty()) return;
  dtype_ = items_.front().dtype_;
  for (const NestedList& item : items_) dtype_ = promote_types(dtype_, item.dtype_);
}

Shape NestedList::shape() const {
  Shape shape;
  const NestedList* list = this;
  for (; list->is_list_; list = &list->items_.front()) {
    if (shape.size() == kMaxRank)
      fail("tensor: the braces are nested more than ", kMaxRank,
           " deep, and tensors have no more dimensions than that");
    shape.push_back(static_cast<int64_t>(list->items_.size()));
    if (list->items_.empty()) break;
  }
  check("", *this);
  return shape;
}

// Throws Error unless everything at one depth is like what comes first there, `first`.
void NestedList::check(const std::string& place, const NestedList& first) const {
  const auto what = [](const NestedList& list) {
    return list.is_list_ ? "a list of " + std::to_string(list.items_.size()) : "a number";
  };
  if (is_list_ != first.is_list_ || items_.size() != first.items_.size())
    fail("tensor: at ", place, " of the braces stands ", what(*this), ", and ", what(first),
         " where that depth begins; all of one depth need one length");
  for (size_t i = 0; i < items_.size(); ++i)
    items_[i].check(place + '[' + std::to_string(i) + ']', first.items_.front());
}

std::vector<Scalar> NestedList::numbers() const {
  std::vector<Scalar> numbers;
  append_to(numbers);
  return numbers;
}

void NestedList::append_to(std::vector<Scalar>& numbers) const {
  if (!is_list_) numbers.push_back(number_);
  for (const NestedList& item : items_) item.append_to(numbers);
}

}  // namespace cuttle
