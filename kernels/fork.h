// What a child process has after fork(): one thread, and every lock as it was. Here the library
// makes the child able to compute on that thread.
#pragma once

#include <mutex>

namespace cuttle::kernels {

/// Which locks are taken first: an outer lock may be held while an inner one is taken, and nothing
/// else is ever taken under a lock of the same kind.
enum class LockLevel { outer, inner };

/// From now on a fork() waits until nobody holds this mutex, so that what it guards is whole in the
/// child and the mutex free. `mutex` must live as long as the process, and hold at most for as long
/// as a kernel runs.
///
/// After the first call the thread of a child runs its OpenMP regions alone: the team's other
/// threads stay in the parent, and the region would wait for them for ever.
void hold_at_fork(std::mutex& mutex, LockLevel level);

/// The same for a mutex at namespace scope, written below it: from before main() on, so that no
/// thread is busy with it while another one forks.
struct HeldAtFork {
  HeldAtFork(std::mutex& mutex, LockLevel level) { hold_at_fork(mutex, level); }
};

}  // namespace cuttle::kernels
