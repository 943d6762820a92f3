#include "warning.h"

#include <cstdio>
#include <memory>
#include <mutex>
#include <set>

#include "../kernels/fork.h"

namespace cuttle {
namespace {

struct Warnings {
  std::mutex mutex;
  std::set<std::string> printed;
  WarningHandler handler;
};

Warnings& warnings() {
  static Warnings& instance = *std::make_unique<Warnings>().release();
  return instance;
}

const kernels::HeldAtFork held(warnings().mutex, kernels::LockLevel::inner);

}  // namespace

void set_warning_handler(WarningHandler handler) {
  const std::lock_guard lock(warnings().mutex);
  warnings().handler = std::move(handler);
}

void warn(const std::string& sentence) {
  WarningHandler handler;
  {
    const std::lock_guard lock(warnings().mutex);
    handler = warnings().handler;
    if (!handler && !warnings().printed.insert(sentence).second) return;
  }
  if (handler)
    handler(sentence);
  else
    std::fprintf(stderr, "warning: %s\n", sentence.c_str());
}

}  // namespace cuttle
