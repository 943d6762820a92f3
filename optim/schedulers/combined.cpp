// SequentialLR and ChainedScheduler.
#include "combined.h"

#include <algorithm>

namespace cuttle {

CombinedScheduler::CombinedScheduler(const char* name, Optimizer& optimizer,
                                     LRSchedulers schedulers)
    : LRScheduler(name, optimizer), schedulers_(std::move(schedulers)) {
  for (size_t i = 0; i < schedulers_.size(); ++i)
    if (&part(i).optimizer() != &optimizer)
      fail(name, ": schedule ", i, " belongs to another optimizer; all have to belong to one");
}

Optimizer& CombinedScheduler::optimizer_of(const char* name, const LRSchedulers& schedulers) {
  if (schedulers.empty()) fail(name, ": the list of schedules is empty");
  return schedulers.front().get().target();
}

StateFields CombinedScheduler::state_fields() {
  StateFields fields;
  fields.add(
      "_schedulers", [this] { return states_of_parts(); },
      [this](const Value& states) { take_states_of_parts(states); });
  add_settings(fields);
  add_last_lr(fields);
  return fields;
}

Value CombinedScheduler::states_of_parts() const {
  Value::List states;
  for (size_t i = 0; i < count(); ++i) states.emplace_back(part(i).state_dict());
  return states;
}

void CombinedScheduler::take_states_of_parts(const Value& states) {
  const Value::List& items = states.items();
  if (items.size() != count())
    fail("expected a list of ", count(), " schedules' states, got one of ", items.size());
  for (size_t i = 0; i < count(); ++i) part(i).state_fields().take(part(i).name(), items[i]);
  set_last_epoch(part(0).last_epoch());  // unless the state has one of its own
}

void CombinedScheduler::check() const {
  for (size_t i = 0; i < count(); ++i) part(i).check();
}

SequentialLR::SequentialLR(Optimizer& optimizer, LRSchedulers schedulers,
                           std::vector<int64_t> milestones)
    : CombinedScheduler("SequentialLR", optimizer, std::move(schedulers)),
      milestones_(std::move(milestones)) {
  if (milestones_.size() + 1 != count())
    fail("SequentialLR: expected one milestone less than schedules, got ", milestones_.size(),
         " milestones and ", count(), " schedules");
  check();
  for (size_t group = 0; group < optimizer.group_count(); ++group)
    optimizer.set_lr(optimizer.initial_lr(group), group);
  for (size_t i = 0; i < count(); ++i) take_back_part(i);
  start_part(0);
  note_step(0);
}

void SequentialLR::add_settings(StateFields& fields) {
  fields.add("_milestones", &milestones_);
  add_last_epoch(fields);
}

void SequentialLR::check() const {
  for (size_t i = 0; i < milestones_.size(); ++i)
    if (milestones_[i] <= (i == 0 ? 0 : milestones_[i - 1]))
      fail("SequentialLR: milestones must rise from 1 or more, got ", milestones_[i],
           " as milestone ", i);
  CombinedScheduler::check();
}

size_t SequentialLR::turn(int64_t epoch) const {
  return static_cast<size_t>(std::upper_bound(milestones_.begin(), milestones_.end(), epoch) -
                             milestones_.begin());
}

void SequentialLR::step() {
  const int64_t epoch = last_epoch() + 1;
  const size_t i = turn(epoch);
  if (i > 0 && milestones_[i - 1] == epoch)
    part(i).step(0);
  else
    part(i).step();
  note_step(epoch);
}

void SequentialLR::step(int64_t epoch) {
  check_epoch(epoch);
  const size_t i = turn(epoch);
  part(i).step(i == 0 ? epoch : epoch - milestones_[i - 1]);
  note_step(epoch);
}

void SequentialLR::take_back() {
  LRScheduler::take_back();
  take_back_part(0);  // the others' steps were taken back before
}

ChainedScheduler::ChainedScheduler(LRSchedulers schedulers)
    : CombinedScheduler("ChainedScheduler", optimizer_of("ChainedScheduler", schedulers),
                        schedulers) {
  note_step(0);
}

void ChainedScheduler::step() {
  for (size_t i = 0; i < count(); ++i) part(i).step();
  note_step(last_epoch() + 1);
}

void ChainedScheduler::step(int64_t epoch) {
  check_epoch(epoch);
  for (size_t i = 0; i < count(); ++i) part(i).step(epoch);
  note_step(epoch);
}

void ChainedScheduler::take_back() {
  LRScheduler::take_back();
  for (size_t i = 0; i < count(); ++i) take_back_part(i);
}

}  // namespace cuttle
