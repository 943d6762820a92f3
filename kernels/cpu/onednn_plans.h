// Plans of oneDNN that are kept by what they were made for. For kernels/cpu alone.
#pragma once

#include <mutex>
#include <optional>
#include <unordered_map>

#include "../fork.h"
#include "onednn.h"

namespace cuttle::kernels::cpu {

/// Held while oneDNN makes a plan, under locks of its own: no fork() copies those while they are
/// taken.
inline constinit std::mutex onednn_planning;
inline const HeldAtFork onednn_planning_is_held(onednn_planning, LockLevel::inner);

/// The plan for a key, or nullptr where oneDNN has none; make(key) makes it. Kept for the thread: a
/// known plan takes no lock, and oneDNN's own cache shares the generated code between threads.
template <class Plan, class Hash, class Key, class Make>
const Plan* kept_plan(const Key& key, const Make& make) {
  constexpr size_t kMostPlans = 1024;
  thread_local std::unordered_map<Key, std::optional<Plan>, Hash> plans;
  const auto known = plans.find(key);
  if (known != plans.end()) return known->second ? &*known->second : nullptr;
  if (plans.size() >= kMostPlans) plans.clear();  // a program whose shapes never repeat
  std::optional<Plan> plan;
  try {
    const std::lock_guard lock(onednn_planning);
    plan = make(key);
  } catch (const dnnl::error& error) {
    if (error.status != dnnl_unimplemented) throw;
  }
  const auto& kept = plans.emplace(key, std::move(plan)).first->second;
  return kept ? &*kept : nullptr;
}

/// The same where there must be one. Throws Error, naming `what`, if oneDNN has none.
template <class Plan, class Hash, class Key, class Make>
const Plan& needed_plan(const char* what, const Key& key, const Make& make) {
  const Plan* const plan = kept_plan<Plan, Hash>(key, make);
  if (plan == nullptr) fail(what, ": this build of oneDNN has no code for it");
  return *plan;
}

/// A hash of whole numbers.
inline size_t hash_of(std::initializer_list<int64_t> values) {
  size_t hash = 0;
  for (const int64_t value : values)
    hash = (hash ^ static_cast<size_t>(value)) * 0x9e3779b97f4a7c15u;
  return hash ^ (hash >> 32);
}

/// A description of memory that is bound to an address at each call.
inline dnnl::memory as_memory(const dnnl::memory::desc& description, const void* data) {
  return dnnl::memory(description, onednn_engine(), const_cast<void*>(data));
}

}  // namespace cuttle::kernels::cpu
