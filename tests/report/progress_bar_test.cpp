// Progress in a pipe, and on a terminal: a pseudo-terminal's other end is read.
#include <cuttle/report/progress_bar.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <thread>

#include "io/scratch.h"

namespace cuttle {
namespace {

class ProgressBarTest : public testing::ScratchTest {
 protected:
  /// What `use` prints to a file.
  template <class Use>
  std::string plain(const Use& use) {
    FILE* file = std::fopen(path("log").c_str(), "w");
    use(file);
    std::fclose(file);
    return testing::read_file(path("log"));
  }

  /// What `use` prints to a terminal of so many columns.
  template <class Use>
  static std::string on_terminal(unsigned short columns, const Use& use,
                                 const char* kind = "xterm") {
    ::setenv("TERM", kind, 1);
    const int master = ::posix_openpt(O_RDWR | O_NOCTTY);
    if (master < 0 || ::grantpt(master) != 0 || ::unlockpt(master) != 0)
      return "no pseudo-terminal";
    FILE* terminal = std::fopen(::ptsname(master), "w");
    const winsize size{24, columns, 0, 0};
    ::ioctl(::fileno(terminal), TIOCSWINSZ, &size);
    use(terminal);
    std::fflush(terminal);
    char text[4096];
    const ssize_t got = ::read(master, text, sizeof(text));
    std::fclose(terminal);
    ::close(master);
    return {text, static_cast<size_t>(std::max<ssize_t>(0, got))};
  }
};

TEST_F(ProgressBarTest, InAFileItIsALineATenth) {
  const std::string text = plain([](FILE* file) {
    ProgressBar bar("epoch 1/2", 1000, {.stream = file, .plain_seconds = 0});
    for (int i = 0; i < 1000; i += 25) bar.update(25, [&] { return "loss " + std::to_string(i); });
  });
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 10) << text;
  EXPECT_EQ(text.substr(0, 16), "epoch 1/2  10 % ") << text;
  EXPECT_NE(text.find(" images/s  0:00 left  loss 75\n"), std::string::npos) << text;
  EXPECT_NE(text.find("epoch 1/2 100 %"), std::string::npos) << text;
  EXPECT_EQ(text.find('\r'), std::string::npos);
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
}

TEST_F(ProgressBarTest, PlainLinesAreRareAndDetailsAreAskedForThemAlone) {
  int asked = 0;
  const auto details = [&] { return ++asked, std::string("x"); };
  EXPECT_EQ(plain([&](FILE* file) {
              ProgressBar bar("a", 100, {.stream = file});  // ten seconds apart
              for (int i = 0; i < 100; ++i) bar.update(1, details);
            }),
            "");
  EXPECT_EQ(asked, 0);
  EXPECT_EQ(plain([&](FILE* file) {
              ProgressBar bar("a", 100, {.quiet = true, .stream = file, .plain_seconds = 0});
              for (int i = 0; i < 100; ++i) bar.update(1, details);
              EXPECT_EQ(bar.done(), 100u);
            }),
            "");
  EXPECT_EQ(asked, 0);
}

TEST_F(ProgressBarTest, OnATerminalOneLineIsRewrittenAndGoneInTheEnd) {
  const std::string text = on_terminal(120, [](FILE* terminal) {
    ProgressBar bar("epoch 1/2", 200, {.unit = "rows", .stream = terminal});
    bar.update(50);
    std::this_thread::sleep_for(std::chrono::milliseconds(210));
    bar.update(50, [] { return std::string("loss 0.5"); });
    bar.update(100, [] { return std::string("loss 0.4"); });
  });
  EXPECT_EQ(text.find('\n'), std::string::npos) << text;
  EXPECT_EQ(text.find("\repoch 1/2 [===============>              ]  50 %  "), 0u) << text;
  EXPECT_NE(text.find(" rows/s  0:00 left  loss 0.5\x1b[K\repoch 1/2 [=="), std::string::npos)
      << text;
  EXPECT_NE(text.find("100 %"), std::string::npos) << text;
  EXPECT_EQ(text.substr(text.size() - 4), "\r\x1b[K") << text;
}

TEST_F(ProgressBarTest, NeverWiderThanTheTerminal) {
  for (const unsigned short columns : {20, 78, 300}) {
    const std::string text = on_terminal(columns, [](FILE* terminal) {
      ProgressBar bar("époque", 2, {.stream = terminal});
      bar.update(2, [] { return std::string(200, 'x'); });
    });
    const size_t begin = text.find("époque"), end = text.find('\x1b');
    ASSERT_NE(end, std::string::npos) << text;
    EXPECT_EQ(end - begin - 1,
              std::min<size_t>(columns - 1u, text.substr(begin, end - begin).size() - 1));
    EXPECT_LE(end - begin - 1, columns - 1u);
  }
}

TEST_F(ProgressBarTest, ATerminalThatCannotRewriteGetsPlainLines) {
  const std::string text = on_terminal(
      80, [](FILE* t) { ProgressBar("a", 2, {.stream = t, .plain_seconds = 0}).update(2); },
      "dumb");
  EXPECT_EQ(text.find('\x1b'), std::string::npos) << text;
  EXPECT_EQ(text.substr(0, 8), "a 100 % ") << text;
}

TEST_F(ProgressBarTest, WithoutATotalItCounts) {
  const std::string text = on_terminal(80, [](FILE* terminal) {
    ProgressBar bar("reading", 0, {.unit = "rows", .stream = terminal});
    std::this_thread::sleep_for(std::chrono::milliseconds(210));
    bar.update(7);
  });
  EXPECT_EQ(text.substr(0, 16), "\rreading 7 rows ") << text;
  EXPECT_EQ(text.find("left"), std::string::npos) << text;
}

TEST(ClockTime, HasHoursWhereNeeded) {
  EXPECT_EQ(clock_time(0), "0:00");
  EXPECT_EQ(clock_time(7.4), "0:07");
  EXPECT_EQ(clock_time(59.6), "1:00");
  EXPECT_EQ(clock_time(727), "12:07");
  EXPECT_EQ(clock_time(4327), "1:12:07");
  EXPECT_EQ(clock_time(-3), "0:00");
}

}  // namespace
}  // namespace cuttle
