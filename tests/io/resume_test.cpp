// Downloads that break off and are taken up again, from servers that do this well, badly or not at
// all.
#include <cuttle/io/files/checksum.h>
#include <cuttle/io/files/file.h>
#include <cuttle/io/network/download.h>

#include <cstdlib>

#include "loopback_server.h"
#include "scratch.h"

namespace cuttle {
namespace {

using testing::LoopbackServer;
using testing::read_file;

const DownloadOptions kQuiet = {.progress = false, .connect_timeout = std::chrono::seconds(5)};

// A file of 300,000 bytes, and servers that have their ways with it.
class ResumeTest : public testing::ScratchTest {
 protected:
  void SetUp() override {
    ::setenv("no_proxy", "127.0.0.1", 1);  // a proxy of this machine does not see the loopback
    if (!CUTTLE_WITH_CURL) GTEST_SKIP() << "this build has no libcurl";
  }
  using Answer = LoopbackServer::Answer;

  ResumeTest() {
    for (size_t i = 0; i < 300'000; ++i) body_ += static_cast<char>(i * i >> 7);
    testing::write_file(path("source"), body_);
    checks_ = {.expected_size = body_.size(),
               .sha256 = file_checksum(path("source"), ChecksumKind::sha256)};
    std::filesystem::remove(path("source"));
  }
  /// Gives `part` bytes of what is asked for, and breaks off if that is not all.
  Answer breaks_off(size_t part) {
    return {[this, part](const std::string& request) {
      const size_t begin = LoopbackServer::asked(request);
      asked_.push_back(begin);
      std::string answer = begin == 0
                               ? LoopbackServer::ok(body_)
                               : LoopbackServer::partial(body_.substr(begin), begin, body_.size());
      const size_t header = answer.find("\r\n\r\n") + 4;
      answer.resize(std::min(answer.size(), header + part));
      return answer;
    }};
  }
  void expect_whole() const {
    EXPECT_TRUE(read_file(path("file")) == body_);
    EXPECT_EQ(names(), std::vector<std::string>{"file"});
  }
  std::string failure(const std::string& url, const DownloadOptions& options = kQuiet) const {
    return testing::error_of<DownloadError>(
        [&] { download({url}, path("file"), checks_, options); });
  }

  std::string body_;
  DownloadChecks checks_;
  std::vector<size_t> asked_;  // where each request's part begins; 0: the whole
};

TEST_F(ResumeTest, TakesUpWhatBrokeOff) {
  LoopbackServer server{{{"/a", breaks_off(100'000)}}};
  EXPECT_TRUE(download({server.url("/a")}, path("file"), checks_, kQuiet));
  expect_whole();
  EXPECT_EQ(asked_, (std::vector<size_t>{0, 100'000, 200'000}));
}

TEST_F(ResumeTest, TakesItUpInTheNextCallAndFromAnotherMirror) {
  LoopbackServer server{{{"/a", breaks_off(100'000)}, {"/moved", LoopbackServer::redirect("/a")}}};
  DownloadOptions once = kQuiet;
  once.attempts = 1;
  const std::string sentence = failure(server.url("/a"), once);
  const std::string file = path("file").string();
  EXPECT_NE(sentence.find("100000 bytes of it are kept in " + file + ".partial, and the next try"),
            std::string::npos)
      << sentence;
  EXPECT_EQ(names(), std::vector<std::string>{"file.partial"});
  failure(server.url("/absent"), once);  // a mirror without it leaves it there
  EXPECT_EQ(names(), std::vector<std::string>{"file.partial"});
  EXPECT_TRUE(download({server.url("/moved"), server.url("/moved")}, path("file"), checks_, once));
  expect_whole();
  EXPECT_EQ(asked_, (std::vector<size_t>{0, 100'000, 200'000}));
}

TEST_F(ResumeTest, BeginsAnewWhereTheServerGivesNoParts) {
  int count = 0;
  LoopbackServer server{{{"/a", {[&](const std::string&) {
                            const std::string whole = LoopbackServer::ok(body_);
                            return ++count == 1 ? whole.substr(0, 200'000) : whole;
                          }}}}};
  EXPECT_TRUE(download({server.url("/a")}, path("file"), checks_, kQuiet));
  expect_whole();
  EXPECT_EQ(server.requests(), 2);
}

TEST_F(ResumeTest, BeginsAnewWhereTheBeginningIsAnotherFiles) {
  LoopbackServer server{{{"/a", breaks_off(body_.size())}}};
  testing::write_file(path("file.partial"), std::string(1000, 'x'));
  EXPECT_TRUE(download({server.url("/a")}, path("file"), checks_, kQuiet));
  expect_whole();
  EXPECT_EQ(asked_, (std::vector<size_t>{1000, 0}));
  for (const size_t size : {body_.size(), body_.size() + 1}) {  // no part of it is missing
    asked_.clear();
    std::filesystem::remove(path("file"));
    testing::write_file(path("file.partial"), std::string(size, 'x'));
    EXPECT_TRUE(download({server.url("/a")}, path("file"), checks_, kQuiet));
    expect_whole();
    EXPECT_EQ(asked_, std::vector<size_t>{0});
  }
  std::filesystem::rename(path("file"), path("file.partial"));
  EXPECT_TRUE(download({server.url("/a")}, path("file"), checks_, kQuiet));
  expect_whole();
  EXPECT_EQ(asked_, std::vector<size_t>{0});  // asks for nothing more
}

TEST_F(ResumeTest, BeginsAnewWhereItGetsAnotherPartOrNone) {
  const std::string refused = "HTTP/1.1 416 Range Not Satisfiable\r\nContent-Length: 0\r\n\r\n";
  for (const std::string& part : {LoopbackServer::partial(body_.substr(999), 999, body_.size()),
                                  LoopbackServer::partial("x", 1 << 20, 1 << 21), refused}) {
    LoopbackServer server{{{"/a", {[&](const std::string& request) {
                              return LoopbackServer::asked(request) == 0 ? LoopbackServer::ok(body_)
                                                                         : part;
                            }}}}};
    testing::write_file(path("file.partial"), body_.substr(0, 1000));
    EXPECT_TRUE(download({server.url("/a")}, path("file"), checks_, kQuiet));
    expect_whole();
    EXPECT_EQ(server.requests(), 2);
    std::filesystem::remove(path("file"));
  }
}

TEST_F(ResumeTest, EndsWhereAServerStallsOrGivesOtherBytes) {
  Answer stalls = breaks_off(50);  // few: curl looks at the speed of the last seconds
  stalls.held = true;
  int count = 0;
  LoopbackServer server{{{"/stalls", stalls},
                         {"/wrong", LoopbackServer::ok(std::string(body_.size(), 'x'))},
                         {"/none", {[&](const std::string&) {
                            return ++count == 1 ? LoopbackServer::ok(body_).substr(0, 5000) : "";
                          }}}}};
  DownloadOptions hasty = kQuiet;
  hasty.stall_timeout = std::chrono::seconds(1);
  hasty.attempts = 2;
  EXPECT_NE(failure(server.url("/stalls"), hasty).find("too slow"), std::string::npos);
  EXPECT_EQ(std::filesystem::file_size(path("file.partial")), 100u);
  // Others do not help, and what was there is gone where the whole proves to be wrong.
  EXPECT_NE(failure(server.url("/wrong")).find("its SHA-256 is "), std::string::npos);
  EXPECT_TRUE(names().empty());
  EXPECT_NE(failure(server.url("/none")).find("Empty reply"), std::string::npos);
  EXPECT_EQ(server.requests(), 2 + 2 + 2);  // each as long as it brought the file further
}

TEST_F(ResumeTest, KeepsNothingThatNoChecksumWillProve) {
  LoopbackServer server{{{"/a", breaks_off(100'000)}}};
  EXPECT_THROW(download({server.url("/a")}, path("file"), {}, kQuiet), DownloadError);
  EXPECT_TRUE(names().empty());
  testing::write_file(path("file.partial"), "another's");
  LoopbackServer whole{{{"/a", LoopbackServer::ok(body_)}}};
  EXPECT_TRUE(download({whole.url("/a")}, path("file"), {}, kQuiet));
  EXPECT_TRUE(read_file(path("file")) == body_);
  EXPECT_EQ(read_file(path("file.partial")), "another's");
}

TEST_F(ResumeTest, LeavesAnothersPartAlone) {
  LoopbackServer server{{{"/a", breaks_off(body_.size())}}};
  const File other = File::open_alone(path("file.partial"));
  ASSERT_TRUE(other.is_open());
  EXPECT_TRUE(download({server.url("/a")}, path("file"), checks_, kQuiet));
  EXPECT_TRUE(read_file(path("file")) == body_);
  EXPECT_EQ(other.size(), 0u);
}

TEST_F(ResumeTest, TakesAFileThatWasPutThere) {
  testing::write_file(path("file"), body_);
  EXPECT_FALSE(download({"http://127.0.0.1:1/file"}, path("file"), checks_, kQuiet));
  testing::write_file(path("file"), body_ + "x");
  const std::string sentence = failure("http://127.0.0.1:1/file");
  EXPECT_NE(sentence.find("; where there is no network, fetch http://127.0.0.1:1/file on another "
                          "machine and put it here as " +
                          path("file").string()),
            std::string::npos)
      << sentence;
  EXPECT_EQ(read_file(path("file")), body_ + "x");
}

}  // namespace
}  // namespace cuttle
