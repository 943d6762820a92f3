// Threads that start together, as often as a test wants.
#pragma once

#include <gtest/gtest.h>

#include <barrier>
#include <exception>
#include <string>
#include <thread>
#include <vector>

namespace cuttle::test {

inline constexpr int kThreads = 4;

/// Calls body(thread, round) for each round on kThreads threads at once; none begins a round before
/// the others have ended the last one. An exception is a failure of the test.
template <class Body>
void run_together(int rounds, const Body& body) {
  std::barrier gate(kThreads);
  std::vector<std::string> errors(kThreads);
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t)
    threads.emplace_back([&, t] {
      for (int round = 0; round < rounds; ++round) {
        gate.arrive_and_wait();
        try {
          body(t, round);
        } catch (const std::exception& error) {
          errors[t] = error.what();
        }
      }
    });
  for (std::thread& thread : threads) thread.join();
  for (const std::string& error : errors) EXPECT_EQ(error, "");
}

}  // namespace cuttle::test
