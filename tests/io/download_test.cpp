// Downloads from the loopback: whole ones, and every way one can fail.
#include <cuttle/io/network/download.h>

#include <cstdlib>

#include "loopback_server.h"
#include "scratch.h"

namespace cuttle {
namespace {

using testing::LoopbackServer;
using testing::read_file;

const std::string kBody = "abc";
const std::string kMd5 = "900150983cd24fb0d6963f7d28e17f72";
const std::string kSha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
const DownloadOptions kQuiet = {.progress = false, .connect_timeout = std::chrono::seconds(5)};

class DownloadTest : public testing::ScratchTest {
 protected:
  void SetUp() override {
    ::setenv("no_proxy", "127.0.0.1", 1);  // a proxy of this machine does not see the loopback
    if (!CUTTLE_WITH_CURL) GTEST_SKIP() << "this build has no libcurl";
  }
  /// Expects that nothing can be fetched, that the Error says why, and that nothing is left.
  void expect_failure(const std::vector<std::string>& urls, const DownloadChecks& checks,
                      const std::string& part) const {
    const std::string sentence =
        testing::error_of<DownloadError>([&] { download(urls, path("file"), checks, kQuiet); });
    EXPECT_NE(sentence.find(part), std::string::npos) << sentence;
    for (const std::string& url : urls)
      EXPECT_NE(sentence.find(url), std::string::npos) << sentence;
    EXPECT_TRUE(names().empty());
  }

  LoopbackServer server_{{
      {"/good", LoopbackServer::ok(kBody)},
      {"/large", LoopbackServer::ok(std::string(1 << 20, 'x'))},
      {"/cut", LoopbackServer::ok("ab", 3)},
      {"/moved", LoopbackServer::redirect("/good")},
      {"/to-file", LoopbackServer::redirect("file:///etc/hostname")},
      {"/circle", LoopbackServer::redirect("/circle")},
      {"/silent", ""},
  }};
};

TEST_F(DownloadTest, FetchesAndChecks) {
  download({server_.url("/good")}, path("file"),
           {.expected_size = 3, .sha256 = kSha256, .md5 = kMd5}, kQuiet);
  EXPECT_EQ(read_file(path("file")), kBody);
  EXPECT_EQ(names().size(), 1u);
}

TEST_F(DownloadTest, AcceptsCapitalDigits) {
  std::string capitals = kMd5;
  for (char& c : capitals) c = static_cast<char>(std::toupper(c));
  download({server_.url("/good")}, path("file"), {.md5 = capitals}, kQuiet);
  EXPECT_EQ(read_file(path("file")), kBody);
}

TEST_F(DownloadTest, FollowsRedirects) {
  download({server_.url("/moved")}, path("file"), {.md5 = kMd5}, kQuiet);
  EXPECT_EQ(read_file(path("file")), kBody);
  EXPECT_EQ(server_.requests(), 2);
}

TEST_F(DownloadTest, TakesFileUrls) {
  testing::write_file(path("source"), kBody);
  download({"file://" + path("source").string()}, path("file"), {.md5 = kMd5}, kQuiet);
  EXPECT_EQ(read_file(path("file")), kBody);
}

TEST_F(DownloadTest, TriesTheMirrorsInOrder) {
  download(
      {server_.url("/absent"), server_.url("/large"), server_.url("/good"), server_.url("/cut")},
      path("file"), {.expected_size = 3, .sha256 = kSha256}, kQuiet);
  EXPECT_EQ(read_file(path("file")), kBody);
  EXPECT_EQ(server_.requests(), 3);
}

TEST_F(DownloadTest, ReplacesAFileOnlyWhenWhole) {
  testing::write_file(path("file"), "old");
  EXPECT_THROW(download({server_.url("/cut")}, path("file"), {}, kQuiet), DownloadError);
  EXPECT_EQ(read_file(path("file")), "old");
  download({server_.url("/good")}, path("file"), {}, kQuiet);
  EXPECT_EQ(read_file(path("file")), kBody);
}

TEST_F(DownloadTest, WrongContents) {
  expect_failure({server_.url("/good")}, {.expected_size = 4},
                 "it has 3 bytes, not the 4 expected");
  expect_failure({server_.url("/large")}, {.expected_size = 4}, "larger than the 4 bytes expected");
  expect_failure({server_.url("/good")}, {.sha256 = std::string(64, '0')},
                 "its SHA-256 is " + kSha256);
  expect_failure({server_.url("/good")}, {.md5 = std::string(32, '0')}, "its MD5 is " + kMd5);
}

TEST_F(DownloadTest, BrokenTransfers) {
  expect_failure({server_.url("/cut")}, {}, "1 bytes remaining");
  expect_failure({server_.url("/absent")}, {}, "404");
  expect_failure({server_.url("/silent")}, {}, "Empty reply");
  expect_failure({server_.url("/circle")}, {}, "redirects");
  expect_failure({server_.url("/to-file")}, {}, "rotocol");
  expect_failure({"file://" + path("absent").string()}, {}, "absent");
  expect_failure({"gopher://127.0.0.1/"}, {}, "rotocol");
}

TEST_F(DownloadTest, UnreachableHosts) {
  // Port 1 of the loopback refuses; the name can never be resolved (RFC 2606).
  expect_failure({"http://127.0.0.1:1/file"}, {}, "onnect");
  expect_failure({server_.url("/absent"), "http://127.0.0.1:1/file"}, {}, "404");
}

TEST_F(DownloadTest, AStalledTransferEnds) {
  // Listens, and never answers.
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  ASSERT_EQ(::bind(socket, reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(::listen(socket, 1), 0);
  ASSERT_EQ(::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size), 0);
  DownloadOptions hasty = kQuiet;
  hasty.stall_timeout = std::chrono::seconds(1);
  const std::string url = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "/";
  const std::string sentence =
      testing::error_of<DownloadError>([&] { download({url}, path("file"), {}, hasty); });
  EXPECT_NE(sentence.find("too slow"), std::string::npos) << sentence;
  ::close(socket);
  EXPECT_TRUE(names().empty());
}

TEST_F(DownloadTest, WrongPlaces) {
  EXPECT_THROW(download({}, path("file"), {}, kQuiet), DownloadError);
  const std::string sentence = testing::error_of<DownloadError>(
      [&] { download({server_.url("/good")}, path("absent/file"), {}, kQuiet); });
  EXPECT_NE(sentence.find("there is no folder"), std::string::npos) << sentence;
}

}  // namespace
}  // namespace cuttle
