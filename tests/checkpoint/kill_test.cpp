// Processes that are killed: a training that SIGKILL ends again and again at random moments reaches
// bit for bit the weights of one that ran through; SIGINT and SIGTERM let it finish its step.
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <random>
#include <thread>

#include "io/scratch.h"

namespace cuttle::testing {
namespace {

constexpr const char* kSteps = "60";

// The trainer as a process, whose standard output is read.
class Trainer {
 public:
  explicit Trainer(const std::filesystem::path& folder, const char* steps = kSteps) {
    int ends[2];
    if (::pipe(ends) != 0) throw std::runtime_error("no pipe");
    const std::string name = folder.string();
    process_ = ::fork();
    if (process_ == 0) {
      ::dup2(ends[1], STDOUT_FILENO);
      ::close(ends[0]);
      ::close(ends[1]);
      ::setenv("OMP_NUM_THREADS", "1", 1);
      ::execl(CUTTLE_TRAINER, CUTTLE_TRAINER, name.c_str(), steps, nullptr);
      ::_exit(127);
    }
    ::close(ends[1]);
    output_ = ends[0];
  }
  ~Trainer() {
    if (process_ > 0) end();
    ::close(output_);
  }

  void send(int signal) const { ::kill(process_, signal); }
  /// Waits until it begins its `steps`-th step, counted from 1 since it was started, or has ended.
  void wait_for_step(size_t steps) {
    char byte;
    size_t lines = 0;
    while (lines < steps && ::read(output_, &byte, 1) == 1) {
      text_ += byte;
      lines += byte == '\n';
    }
  }
  /// Waits for its end, and gives what waitpid() says.
  int end() {
    char byte;
    while (::read(output_, &byte, 1) == 1) text_ += byte;
    int status = 0;
    ::waitpid(std::exchange(process_, -1), &status, 0);
    return status;
  }
  const std::string& text() const { return text_; }

 private:
  pid_t process_ = -1;
  int output_ = -1;
  std::string text_;
};

class KillTest : public ScratchTest {
 protected:
  std::string weights_of(const std::string& folder) {
    return read_file(path(folder) / "weights.safetensors");
  }
  std::string undisturbed() {
    EXPECT_EQ(Trainer(path("whole")).end(), 0);
    return weights_of("whole");
  }
};

TEST_F(KillTest, KilledAtRandomMomentsItReachesTheSameBits) {
  const std::string expected = undisturbed();
  ASSERT_FALSE(expected.empty());
  std::mt19937 random(1);
  int killed = 0;
  for (int run = 0; run < 3; ++run) {
    const std::string folder = "killed" + std::to_string(run);
    for (bool ended = false; !ended;) {
      Trainer trainer(path(folder));
      // From step to step, and anywhere within one; some before the first, while it loads.
      trainer.wait_for_step(random() % 9);
      std::this_thread::sleep_for(std::chrono::microseconds(random() % 20000));
      trainer.send(SIGKILL);
      const int status = trainer.end();
      ended = !(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
      if (ended) {
        ASSERT_EQ(status, 0) << trainer.text();
      }
      killed += !ended;
    }
    EXPECT_EQ(weights_of(folder), expected) << "run " << run << ", " << killed << " killed";
    std::filesystem::remove_all(path(folder));
  }
  EXPECT_GE(killed, 3);
  RecordProperty("killed", killed);
}

TEST_F(KillTest, SignalsFinishTheStepSaveAndSayHowToGoOn) {
  for (const int signal : {SIGINT, SIGTERM}) {
    const std::string folder = "stopped" + std::to_string(signal);
    Trainer endless(path(folder), "1000000000");
    endless.wait_for_step(3);
    endless.send(signal);
    const int status = endless.end();
    ASSERT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 128 + signal);
    const char* name = signal == SIGINT ? "stopped by SIGINT" : "stopped by SIGTERM";
    EXPECT_NE(endless.text().find(name), std::string::npos) << endless.text();
    EXPECT_NE(endless.text().find("checkpoint-00"), std::string::npos) << endless.text();
  }
}

}  // namespace
}  // namespace cuttle::testing
