#include "nested_list.h"

namespace cuttle {

NestedList::NestedList(std::initializer_list<NestedList> items) : is_list_(true), items_(items) {
  if (items_.empty()) return;
  dtype_ = items_.front().dtype_;
  for (const NestedList& item : items_) dtype_ = promote_types(dtype_, item.dtype_);
}

Shape NestedList::shape() const {
  Shape shape;
  if (!is_list_) return shape;
  if (!items_.empty()) shape = items_.front().shape();
  for (const NestedList& item : items_)
    if (item.shape() != shape)
      fail("tensor: the lists in the braces differ, one has shape ", shape, " and another ",
           item.shape(), "; all lists of one depth need one length");
  shape.insert(0, static_cast<int64_t>(items_.size()));
  return shape;
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
