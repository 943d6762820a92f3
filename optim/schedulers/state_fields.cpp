// StateFields: saving and loading.
#include "state_fields.h"

#include <algorithm>

#include "../../core/creation.h"
#include "../../core/text.h"

namespace cuttle {
namespace {

Tensor saved(const int64_t* value) {
  return full({}, *value, {.dtype = int64});
}
Tensor saved(const double* value) {
  return full({}, *value, {.dtype = float64});
}
Tensor saved(const std::vector<double>* values) {
  return tensor(*values, {static_cast<int64_t>(values->size())}, {.dtype = float64});
}

Shape shape_of(const std::vector<double>* values) {
  return {static_cast<int64_t>(values->size())};
}
Shape shape_of(const void*) {
  return {};
}

void set(int64_t* place, const Tensor& value) {
  *place = value.to_vector<int64_t>().front();
}
void set(double* place, const Tensor& value) {
  *place = value.to_vector<double>().front();
}
void set(std::vector<double>* place, const Tensor& value) {
  *place = value.to_vector<double>();
}

}  // namespace

void StateFields::add(const std::string& prefix, const StateFields& part) {
  for (const auto& [name, place] : part.fields_) fields_.emplace_back(prefix + name, place);
}

StateDict StateFields::save() const {
  StateDict state;
  for (const auto& [name, place] : fields_)
    state.insert(name, std::visit([](const auto* field) { return saved(field); }, place));
  return state;
}

void StateFields::load(const std::string& owner, const StateDict& state) const {
  for (const auto& [name, place] : fields_) {
    const Tensor* const given = state.find(name);
    if (!given)
      fail(owner, ": the state has no ", in_quotes(name), "; it has ",
           listed(state, [](const auto& entry) { return in_quotes(entry.first); }),
           "; nothing was changed");
    const Shape expected = std::visit([](const auto* field) { return shape_of(field); }, place);
    if (given->shape() != expected)
      fail(owner, ": the state's ", in_quotes(name), " has shape ", given->shape(), ", expected ",
           expected, "; it was saved from an optimizer with other groups; nothing was changed");
  }
  for (const auto& entry : state) {
    const auto is_it = [&](const auto& field) { return field.first == entry.first; };
    if (std::none_of(fields_.begin(), fields_.end(), is_it))
      fail(owner, ": the state has ", in_quotes(entry.first),
           ", which this schedule does not; it was saved from another one; nothing was changed");
  }
  for (const auto& [name, place] : fields_) {
    const Tensor& given = state.at(name);
    std::visit([&](auto* field) { set(field, given); }, place);
  }
}

}  // namespace cuttle
