// What a child process can do after fork(): compute on the CPU, on the one thread it has; and say
// that CUDA stayed behind. All values are small integers, so that results do not depend on the
// number of threads and can be compared bit for bit.
#include <cuttle/core/creation.h>
#include <cuttle/core/cuda.h>
#include <cuttle/core/generator.h>
#include <cuttle/core/ops/arithmetic.h>
#include <cuttle/core/ops/conv2d.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <string>
#include <thread>

namespace cuttle::test {
namespace {

/// What compute() gives in a forked child, or the sentence of its Error. A child that hangs is
/// ended after a minute, and a failure of the test.
template <class F>
std::string in_child(const F& compute) {
  int ends[2];
  if (pipe(ends) != 0) throw std::runtime_error("no pipe");
  const pid_t child = fork();
  if (child == 0) {
    alarm(60);
    std::string answer;
    try {
      answer = compute();
    } catch (const std::exception& error) {
      answer = error.what();
    }
    size_t written = 0;
    while (written < answer.size()) {
      const ssize_t count = write(ends[1], answer.data() + written, answer.size() - written);
      if (count <= 0) _exit(1);
      written += static_cast<size_t>(count);
    }
    _exit(0);
  }
  close(ends[1]);
  std::string answer;
  char buffer[1 << 16];
  for (ssize_t count; (count = read(ends[0], buffer, sizeof buffer)) > 0;)
    answer.append(buffer, static_cast<size_t>(count));
  close(ends[0]);
  int status = -1;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0)
      << (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM ? "the child hung" : "the child died")
      << ", status " << status;
  return answer;
}

std::string bytes_of_values(const Tensor& tensor) {
  const std::vector<float> values = tensor.to_vector<float>();
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)};
}

/// A batch and weights, and what the operations that use several threads make of them.
struct Work {
  Tensor x = randint(0, 3, {8, 3, 32, 32}).to(float32);
  Tensor weight = randint(-1, 2, {16, 3, 3, 3}).to(float32).requires_grad_();
  Tensor matrix = randint(-2, 3, {256, 256}).to(float32);

  std::string run() const {
    const Tensor y = conv2d(x, weight, {}, {.padding = {1, 1}});
    Tensor(weight).set_grad({});
    (y.relu() * 2 + 1).sum().backward();
    return bytes_of_values(y) + bytes_of_values(weight.grad()) +
           bytes_of_values(matrix.matmul(matrix)) + bytes_of_values(y.sum({0, 2, 3})) +
           bytes_of_values((matrix + 1).relu());
  }
};

TEST(Fork, ChildComputesTheSameBits) {
  manual_seed(0);
  const Work work;
  const std::string expected = work.run();  // this process has its threads now
  EXPECT_TRUE(in_child([&] { return work.run(); }) == expected);
  EXPECT_TRUE(work.run() == expected) << "after the fork, in the parent";
}

TEST(Fork, ChildOfAChildComputesToo) {
  const Work work;
  const std::string expected = work.run();
  const std::string answer = in_child([&] { return in_child([&] { return work.run(); }); });
  EXPECT_TRUE(answer == expected);
}

// A thread that the child starts has a team of its own.
TEST(Fork, ChildMayStartThreads) {
#if defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "the thread sanitizer lets the child of a process with threads start none";
#endif
  const Work work;
  const std::string expected = work.run();
  const std::string answer = in_child([&] {
    std::string of_thread;
    std::thread([&] { of_thread = work.run(); }).join();
    return of_thread;
  });
  EXPECT_TRUE(answer == expected);
}

// The locks of leaves and of the allocator are free in the child, whoever held them.
TEST(Fork, LeavesNoLockBehind) {
#if defined(__SANITIZE_ADDRESS__)
  GTEST_SKIP() << "the address sanitizer's allocator leaves locks of its own behind";
#endif
  manual_seed(0);
  const Work work;
  const Tensor shared = ones({1 << 12}).requires_grad_();
  const std::string expected = bytes_of_values(full({1 << 12}, 3)) + work.run();
  std::atomic<bool> stop{false};
  std::vector<std::thread> threads;
  for (int t = 0; t < 2; ++t)
    threads.emplace_back([&] {
      while (!stop) (shared * 2).sum().backward();
    });
  for (int i = 0; i < 8; ++i) {
    const std::string answer = in_child([&] {
      Tensor(shared).set_grad({});
      (shared * 3).sum().backward();
      return bytes_of_values(shared.grad()) + work.run();
    });
    EXPECT_TRUE(answer == expected) << "child " << i;
  }
  stop = true;
  for (std::thread& thread : threads) thread.join();
}

// CUDA's state does not survive fork(). Each way to the device says so; tensors that came along can
// be let go.
TEST(Fork, ChildIsRefusedCudaInASentence) {
  if (!cuda::is_available()) GTEST_SKIP() << "needs a CUDA device: " << cuda::why_unavailable();
  Tensor x = ones({4}).to("cuda");
  EXPECT_EQ((x + x).sum().item(), 8);
  const auto refused = [](const std::string& answer) {
    EXPECT_NE(answer.find("this process was made by fork()"), std::string::npos) << answer;
  };
  refused(in_child([&] { return (x + x).str(); }));
  refused(in_child([&] { return x.str(); }));
  refused(in_child([&] { return x.fill_(2).dim() ? "written" : ""; }));
  refused(in_child([&] { return ones({2}).to(x.device()).str(); }));
  refused(in_child([&] { return Device("cuda").str(); }));
  refused(in_child([&] {
    cuda::synchronize();
    return "done";
  }));
  EXPECT_EQ(in_child([&] {
              x = Tensor();
              if (cuda::is_available()) return std::string("is available");
              return std::to_string(ones({3}).sum().item<int>());
            }),
            "3");
  EXPECT_EQ((x + x).sum().item(), 8) << "in the parent";
}

}  // namespace
}  // namespace cuttle::test
