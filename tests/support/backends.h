// What tests know of the build they run in. Defined apart, so that the tests themselves compile to
// the same objects for each backend.
#pragma once

#include <string>
#include <vector>

namespace cuttle::test {

/// "cpu", and "cuda" where the build has a GPU backend.
std::vector<std::string> devices();

/// The kernels launched since the last call, where they can be known: in the interpreter.
std::string launched_kernels();

/// As long as it lives, the interpreter runs what is queued on streams only when something waits
/// for it, and streams that nothing orders in random order: a missing event shows, sooner or later.
/// Elsewhere it does nothing.
class DeferredStreams {
 public:
  DeferredStreams();
  ~DeferredStreams();
  DeferredStreams(const DeferredStreams&) = delete;
  DeferredStreams& operator=(const DeferredStreams&) = delete;

  /// True in the interpreter.
  static bool are_possible();

 private:
  bool before_ = false;
};

}  // namespace cuttle::test
