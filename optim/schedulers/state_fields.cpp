// StateFields: saving and loading.
#include "state_fields.h"

#include <algorithm>
#include <iterator>
#include <string_view>

#include "../../core/text.h"

namespace cuttle {
namespace {

// What versions of PyTorch keep in schedules besides.
constexpr std::string_view kPassedOver[] = {"anneal_func", "use_beta1", "verbose"};

bool is_passed_over(const std::string& name) {
  return name.starts_with("_") ||
         std::find(std::begin(kPassedOver), std::end(kPassedOver), name) != std::end(kPassedOver);
}

double to_number(double, const Value& value) {
  return value.to_double();
}
int64_t to_number(int64_t, const Value& value) {
  return value.to_int();
}

template <class T>
Value list(const std::vector<T>& numbers) {
  return Value::List(numbers.begin(), numbers.end());
}

template <class T>
void set(std::vector<T>& place, const Value& value) {
  const Value::List& items = value.items();
  if (items.size() != place.size())
    fail("expected a list of ", place.size(), ", got one of ", items.size());
  std::transform(items.begin(), items.end(), place.begin(),
                 [](const Value& item) { return to_number(T(), item); });
}

Value counter(const EpochCounts& counts) {
  Dict dict(Dict::Type::counter);
  for (const auto& [epoch, count] : counts) dict.set(epoch, count);
  return dict;
}

EpochCounts to_counts(const Value& value) {
  EpochCounts counts;
  for (const auto& [key, count] : value.dict()) {
    const int64_t* const epoch = std::get_if<int64_t>(&key);
    if (!epoch) fail("expected whole numbers for epochs, got ", to_text(key));
    counts[*epoch] = count.to_int();
  }
  return counts;
}

}  // namespace

void StateFields::add(std::string name, bool* place) {
  add(
      std::move(name), [=] { return *place; },
      [=](const Value& value) { *place = value.to_bool(); });
}
void StateFields::add(std::string name, int64_t* place) {
  add(
      std::move(name), [=] { return *place; },
      [=](const Value& value) { *place = value.to_int(); });
}
void StateFields::add(std::string name, double* place) {
  add(
      std::move(name), [=] { return *place; },
      [=](const Value& value) { *place = value.to_double(); });
}
void StateFields::add(std::string name, std::vector<double>* place) {
  add(
      std::move(name), [=] { return list(*place); },
      [=](const Value& value) { set(*place, value); });
}
void StateFields::add(std::string name, std::vector<int64_t>* place) {
  add(
      std::move(name), [=] { return list(*place); },
      [=](const Value& value) { set(*place, value); });
}
void StateFields::add(std::string name, EpochCounts* place) {
  add(
      std::move(name), [=] { return counter(*place); },
      [=](const Value& value) { *place = to_counts(value); });
}

size_t StateFields::place_in(const std::vector<std::string>& names, const Value& value) {
  const auto place = std::find(names.begin(), names.end(), value.to_string());
  if (place == names.end())
    fail("expected one of ", listed(names, [](const std::string& name) { return in_quotes(name); }),
         ", got ", in_quotes(value.to_string()));
  return static_cast<size_t>(place - names.begin());
}

Dict StateFields::save() const {
  Dict state;
  for (const Field& field : fields_) state.set(field.name, field.save());
  return state;
}

void StateFields::take(const std::string& owner, const Value& value) const {
  if (!value.is_dict()) fail(owner, ": expected a dictionary for its state, got ", value.kind());
  const Dict& state = value.dict();
  for (const auto& [key, unused] : state) {
    const std::string* const name = std::get_if<std::string>(&key);
    const auto is_it = [&](const Field& field) { return field.name == *name; };
    if (!name || (!is_passed_over(*name) && std::none_of(fields_.begin(), fields_.end(), is_it)))
      fail(owner, ": the state has ", to_text(key),
           ", which this schedule does not; it was saved from another one");
  }
  for (const Field& field : fields_) {
    const Value* const given = state.find(field.name);
    if (!given && field.is_optional) continue;
    if (!given)
      fail(owner, ": the state has no ", in_quotes(field.name), "; it has ",
           state.empty() ? "nothing"
                         : listed(state, [](const auto& entry) { return to_text(entry.first); }));
    try {
      field.load(*given);
    } catch (const Error& error) {
      fail(owner, ": the state's ", in_quotes(field.name), ": ", error.what());
    }
  }
}

void StateFields::load(const std::string& owner, const Value& state,
                       const std::function<void()>& check) const {
  const Dict before = save();
  try {
    take(owner, state);
    check();
  } catch (const Error& error) {
    take(owner, before);
    fail(error.what(), "; nothing was changed");
  }
}

}  // namespace cuttle
