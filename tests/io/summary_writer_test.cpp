// Event files, read back by a parser of records and protobuf fields that shares no code with the
// writer. check_tensorboard.py asks TensorBoard itself.
#include <cuttle/core/creation.h>
#include <cuttle/core/ops/arithmetic.h>
#include <cuttle/core/warning.h>
#include <cuttle/io/summary_writer.h>

#include <cmath>
#include <cstring>
#include <map>
#include <thread>

#include "scratch.h"

namespace cuttle {
namespace {

// CRC-32C bit by bit: the remainder of the message, bits reflected, modulo 0x82F63B78.
uint32_t slow_masked_crc(const std::string& bytes) {
  uint32_t crc = ~0u;
  for (const char byte : bytes) {
    crc ^= static_cast<unsigned char>(byte);
    for (int bit = 0; bit < 8; ++bit) crc = crc % 2 == 1 ? crc / 2 ^ 0x82F63B78u : crc / 2;
  }
  crc = ~crc;
  return (crc >> 15 | crc << 17) + 0xA282EAD8u;
}

template <class T>
T value_at(const std::string& bytes, size_t place) {
  T value;
  std::memcpy(&value, bytes.substr(place, sizeof(T)).data(), sizeof(T));
  return value;
}

// The payloads; fails where a checksum or a length is wrong.
std::vector<std::string> records(const std::string& file) {
  std::vector<std::string> all;
  for (size_t place = 0; place < file.size();) {
    const auto length = value_at<uint64_t>(file, place);
    EXPECT_EQ(value_at<uint32_t>(file, place + 8), slow_masked_crc(file.substr(place, 8)));
    all.push_back(file.substr(place + 12, length));
    EXPECT_EQ(all.back().size(), length);
    EXPECT_EQ(value_at<uint32_t>(file, place + 12 + length), slow_masked_crc(all.back()));
    place += 16 + length;
  }
  return all;
}

// The fields of a message by number: the eight or four bytes, the varint as text, or the contents.
std::map<int, std::string> fields(const std::string& message) {
  std::map<int, std::string> all;
  size_t place = 0;
  const auto varint = [&] {
    uint64_t value = 0;
    for (int shift = 0;; shift += 7) {
      const auto byte = static_cast<unsigned char>(message.at(place++));
      value |= static_cast<uint64_t>(byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  while (place < message.size()) {
    const uint64_t key = varint();
    const int number = static_cast<int>(key / 8), wire = static_cast<int>(key % 8);
    if (wire == 0) {
      all[number] = std::to_string(static_cast<int64_t>(varint()));
      continue;
    }
    const size_t size = wire == 1 ? 8 : wire == 5 ? 4 : varint();
    all[number] = message.substr(place, size);
    place += size;
  }
  return all;
}

class SummaryWriterTest : public testing::ScratchTest {};

TEST_F(SummaryWriterTest, WritesVersionThenScalars) {
  SummaryWriter writer(path("logs"));
  writer.add_scalar("train_loss", 0.1, 100, 1234.5);
  writer.add_scalar("genauigkeit/größe", -std::numeric_limits<double>::infinity(), -1, 1e9 + 0.25);
  writer.add_scalar("large", 2, int64_t{1} << 40);
  writer.close();
  const auto all = records(testing::read_file(writer.path()));
  ASSERT_EQ(all.size(), 4u);

  auto version = fields(all[0]);
  EXPECT_EQ(version[3], "brain.Event:2");
  EXPECT_GT(value_at<double>(version[1], 0), 1.7e9);

  auto event = fields(all[1]);
  EXPECT_EQ(value_at<double>(event[1], 0), 1234.5);
  EXPECT_EQ(event[2], "100");
  auto value = fields(fields(event[5])[1]);
  EXPECT_EQ(value[1], "train_loss");
  EXPECT_EQ(value_at<float>(value[2], 0), 0.1f);

  event = fields(all[2]);
  EXPECT_EQ(event[2], "-1");
  value = fields(fields(event[5])[1]);
  EXPECT_EQ(value[1], "genauigkeit/größe");
  EXPECT_EQ(value_at<float>(value[2], 0), -INFINITY);

  EXPECT_EQ(fields(all[3])[2], "1099511627776");
  // Now, in seconds, with its fraction.
  EXPECT_NEAR(value_at<double>(fields(all[3])[1], 0), static_cast<double>(std::time(nullptr)), 60);
}

TEST_F(SummaryWriterTest, NamesItsFileAsTensorBoardExpects) {
  SummaryWriter first(path("logs")), second(path("logs"));
  EXPECT_NE(first.path(), second.path());
  const std::string name = first.path().filename().string();
  EXPECT_EQ(name.rfind("events.out.tfevents.", 0), 0u);
  EXPECT_EQ(name.find_first_not_of("0123456789", 20), 30u) << name;
  EXPECT_EQ(name[30], '.');
  EXPECT_NE(name.find("." + std::to_string(::getpid()) + "."), std::string::npos) << name;
}

TEST_F(SummaryWriterTest, ShowsTheVersionAtOnceAndRecordsWhenFlushed) {
  SummaryWriter writer(path("logs"), {.flush_secs = 1e9});
  EXPECT_EQ(records(testing::read_file(writer.path())).size(), 1u);
  writer.add_scalar("a", 1, 1);
  EXPECT_EQ(records(testing::read_file(writer.path())).size(), 1u);
  writer.flush();
  EXPECT_EQ(records(testing::read_file(writer.path())).size(), 2u);
}

TEST_F(SummaryWriterTest, FlushesByItself) {
  SummaryWriter soon(path("soon"), {.flush_secs = 0});
  soon.add_scalar("a", 1, 1);
  EXPECT_EQ(records(testing::read_file(soon.path())).size(), 2u);
  SummaryWriter full(path("full"), {.max_queue = 3, .flush_secs = 1e9});
  for (int i = 0; i < 8; ++i) full.add_scalar("a", i, i);
  EXPECT_EQ(records(testing::read_file(full.path())).size(), 1u + 6u);
  std::filesystem::path left;
  {
    SummaryWriter writer(path("left"), {.flush_secs = 1e9});
    left = writer.path();
    writer.add_scalar("a", 1, 1);
  }
  EXPECT_EQ(records(testing::read_file(left)).size(), 2u);
}

TEST_F(SummaryWriterTest, RefusesWhatIsNotUtf8AndGoesOn) {
  SummaryWriter writer(path("logs"));
  writer.add_scalar("größe", 1, 1);
  EXPECT_ERROR(writer.add_scalar("gr\xf6\xdf"
                                 "e",
                                 1, 2),
               "add_scalar: the tag \"gr\\xf6\\xdfe\" is not UTF-8");
  for (const char* tag : {"\xff", "a\xc3", "\xed\xa0\x80", "\xc0\x80"}) {
    EXPECT_ERROR(writer.add_scalar(tag, 1, 2), "is not UTF-8");
  }
  writer.add_scalar("", 2, 2);
  writer.close();
  const auto all = records(testing::read_file(writer.path()));
  ASSERT_EQ(all.size(), 3u);  // nothing of what was refused
  EXPECT_EQ(fields(fields(fields(all[1])[5])[1])[1], "größe");
  EXPECT_EQ(fields(fields(fields(all[2])[5])[1])[1], "");
  EXPECT_ERROR(SummaryWriter(path("gr\xf6\xdf"
                                  "e/run")),
               "is not UTF-8");
  EXPECT_EQ(names(), std::vector<std::string>{"logs"});
}

TEST_F(SummaryWriterTest, ResumeTellsTheReaderWhatToForget) {
  { SummaryWriter first(path("logs")); }
  SummaryWriter first(path("logs"), {.filename_suffix = ".first"});
  SummaryWriter resumed = SummaryWriter::resume(path("logs"), 41);
  EXPECT_TRUE(first.path().native().ends_with(".first"));
  // Readers take files in the names' order, whatever host and process come behind the seconds.
  EXPECT_GT(resumed.path().filename().string().substr(0, 30),
            first.path().filename().string().substr(0, 30));
  const auto all = records(testing::read_file(resumed.path()));
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(fields(all[0])[3], "brain.Event:2");
  EXPECT_EQ(fields(all[2])[2], "42");
  EXPECT_EQ(fields(fields(all[2])[7])[1], "1");  // SessionLog.START
}

TEST_F(SummaryWriterTest, KeepsSubRunsWithinItsFolder) {
  SummaryWriter writer(path("logs"));
  for (const char* name : {"x/../../../out", "..", "a/..", "/etc/x"}) {
    EXPECT_ERROR(writer.add_hparams({}, {}, {}, name), "without \"..\"");
  }
  EXPECT_ERROR(writer.add_scalars("loss", {{"a/../../out", 1}}), "without \"..\"");
  EXPECT_ERROR(writer.add_scalars("loss", {{"\xff", 1}}), "is not UTF-8");
  EXPECT_EQ(names(), std::vector<std::string>{"logs"});
  writer.add_scalars("loss/all", {{"train", 1}, {"test", 2}}, 3);
  EXPECT_TRUE(std::filesystem::is_directory(path("logs/loss_all_train")));
  EXPECT_TRUE(std::filesystem::is_directory(path("logs/loss_all_test")));
}

TEST_F(SummaryWriterTest, LeavesOutWhatIsNotFinite) {
  std::vector<std::string> warnings;
  set_warning_handler([&](const std::string& sentence) { warnings.push_back(sentence); });
  SummaryWriter writer(path("logs"));
  const double inf = std::numeric_limits<double>::infinity(), nan = std::nan("");
  writer.add_histogram("some", tensor<double>({nan, 1, -inf, 2}));
  writer.add_histogram("none", tensor<double>({nan, inf}));
  writer.add_histogram("outside", full({3}, 1e30));
  set_warning_handler({});
  writer.flush();
  ASSERT_EQ(warnings.size(), 3u);
  EXPECT_NE(warnings[0].find("add_histogram(\"some\"): 2 of 4 values"), std::string::npos);
  EXPECT_NE(warnings[1].find("all 2 values are NaN or infinite"), std::string::npos);
  EXPECT_NE(warnings[2].find("no value lies in a bin"), std::string::npos);
  const auto all = records(testing::read_file(writer.path()));
  ASSERT_EQ(all.size(), 2u);
  const std::string value = fields(fields(all[1])[5])[1];
  EXPECT_EQ(value_at<double>(fields(fields(value)[5])[3], 0), 2);  // how many
}

TEST_F(SummaryWriterTest, ThreadsShareAWriter) {
  SummaryWriter writer(path("logs"));
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&writer, t] {
      for (int i = 0; i < 50; ++i) {
        writer.add_scalar("a", t, i);
        writer.add_scalars("b", {{"x", t}}, i);
      }
    });
  for (std::thread& thread : threads) thread.join();
  writer.close();
  EXPECT_EQ(records(testing::read_file(writer.path())).size(), 201u);
}

TEST_F(SummaryWriterTest, RefusesWhatItCannotShow) {
  SummaryWriter writer(path("logs"));
  EXPECT_ERROR(writer.add_scalar("a", zeros({2})), "expected a tensor with one element");
  EXPECT_ERROR(writer.add_histogram("a", zeros({0})), "is empty");
  EXPECT_ERROR(writer.add_histogram("a", zeros({1}), 0, {.bins = -1}), "must not be negative");
  EXPECT_ERROR(writer.add_histogram("a", zeros({1}), 0, {.edges = {1, 0}}), "rising order");
  EXPECT_ERROR(writer.add_image("a", zeros({3, 4})), "does not fit dataformats \"CHW\"");
  EXPECT_ERROR(writer.add_image("a", zeros({3, 4, 5}), 0, "CHX"), "does not fit");
  EXPECT_ERROR(writer.add_image("a", zeros({2, 4, 5})), "1, 3 or 4 channels");
  EXPECT_ERROR(writer.add_image("a", zeros({3, 0, 5})), "not empty");
  EXPECT_ERROR(writer.add_image("a", zeros({3, 4, 5}, {.dtype = int64})), "expected uint8");
  EXPECT_ERROR(writer.add_text("a", "\xff"), "the text \"\\xff\" is not UTF-8");
  EXPECT_ERROR(writer.add_hparams({{"lr", 0.1}, {"lr", 1}}, {}), "stands there twice");
  EXPECT_ERROR(writer.add_hparams({{"lr", "\xff"}}, {}), "is not UTF-8");
  EXPECT_ERROR(writer.add_hparams({{"lr", 0.1}}, {}, {{"rate", {0.1}}}), "no hyperparameter");
  EXPECT_ERROR(writer.add_hparams({{"lr", 0.1}}, {}, {{"lr", {"a"}}}), "another type");
  EXPECT_ERROR(writer.add_graph({{"\xff", "op", {}, {}, {}}}), "is not UTF-8");
  writer.close();
  EXPECT_ERROR(writer.add_scalars("a", {{"b", 1}}), "is closed");
  EXPECT_EQ(records(testing::read_file(writer.path())).size(), 1u);
  EXPECT_ERROR(SummaryWriter(path("x"), {.filename_suffix = "\xff"}), "is not UTF-8");
}

TEST_F(SummaryWriterTest, SaysWhatIsWrong) {
  SummaryWriter writer(path("logs"));
  writer.close();
  writer.close();
  EXPECT_ERROR(writer.add_scalar("a", 1, 1), "is closed; make a new writer");
  testing::write_file(path("file"), "");
  EXPECT_ERROR(SummaryWriter(path("file/logs")), "cannot make folder");
}

}  // namespace
}  // namespace cuttle
