// Broken and hostile .pt files: whatever the bytes, an Error that names the file, or data.
#include <cuttle/core/creation.h>
#include <cuttle/io/serialization.h>
#include <cuttle/io/zip/zip_writer.h>
#include <sys/resource.h>

#include "scratch.h"
#include "support/golden_path.h"

namespace cuttle {
namespace {

class HostileTorchFile : public testing::ScratchTest {
 protected:
  /// An archive of this pickle and one storage of eight bytes.
  void write_archive(const std::string& pickle) const {
    AtomicFile file(path("x.pt"));
    zip::Writer zip(file);
    zip.add("x/data.pkl", "\x80\x02" + pickle + ".");
    zip.add("x/data/0", std::string(8, '\2'));
    zip.finish();
    file.commit();
  }
  /// The Error of loading it.
  std::string fault(const std::string& pickle) const {
    write_archive(pickle);
    return testing::error_of([&] { load_value(path("x.pt")); });
  }
  void expect_fault(const std::string& pickle, const std::string& part) const {
    const std::string sentence = fault(pickle);
    EXPECT_NE(sentence.find(part), std::string::npos) << sentence;
    EXPECT_NE(sentence.find("x.pt: "), std::string::npos) << sentence;
  }
  /// Whether it loads; anything but an Error that names the file fails the test.
  bool loads(const std::string& contents) const {
    testing::write_file(path("x.pt"), contents);
    try {
      static_cast<void>(load_value(path("x.pt")));
      return true;
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find("x.pt"), std::string::npos) << error.what();
      return false;
    }
  }
};

// A tensor on the storage, with these arguments behind it.
std::string tensor(const std::string& count, const std::string& rest,
                   const std::string& type = "Float") {
  return "ctorch._utils\n_rebuild_tensor_v2\n((U\7storagectorch\n" + type +
         "Storage\nU\1"
         "0U\3cpu" +
         count + "tQ" + rest + "\x89NtR";
}

TEST_F(HostileTorchFile, TensorsStayInTheirStorage) {
  const std::string two("K\2");
  expect_fault(tensor(two, std::string("K\0K\3\x85K\1\x85", 8)),
               "reaches to element 2 of a storage of 2");
  expect_fault(tensor("K\3", std::string("K\0K\3\x85K\1\x85", 8)), "has 8 bytes");
  expect_fault(tensor(two, "K\2K\1\x85K\1\x85"), "reaches to element 2");
  expect_fault(tensor(two, "J\xff\xff\xff\xffK\1\x85K\1\x85"), "negative or overflow");
  expect_fault(tensor(two, "K\1J\xff\xff\xff\xff\x85K\1\x85"), "negative or overflow");
  const std::string large = "\x8a\x08" + std::string(7, '\xff') + "\x7f";
  expect_fault(tensor(two, "K\1" + large + large + "\x86K\1K\1\x86"), "negative or overflow");
  expect_fault(tensor(two, std::string("K\0K\1\x85", 5) + large + "\x85"), "negative or overflow");
  expect_fault(tensor(two, std::string("K\0K\0J\xff\xff\xff\xff\x86K\1K\1\x86", 15)),
               "negative or overflow");
  expect_fault(tensor(two, "K\1K\2\x85)"), "other numbers of sizes and strides");
}

TEST_F(HostileTorchFile, AStorageIsOfOneType) {
  const std::string rest("K\0K\1\x85K\1\x85", 8), bytes = tensor("K\x8", rest, "Byte");
  expect_fault("(" + bytes + tensor("K\x8", rest, "Bool") + "t",
               "data/0 is of bool, and before it was of uint8");
  write_archive("(" + bytes + bytes + "t");
  EXPECT_EQ(load_value(path("x.pt"))[1].to_tensor().item(), 2);
}

// Whichever tensor names the storage first, and however much of it.
TEST_F(HostileTorchFile, BoolsAreZeroOrOne) {
  const std::string first = tensor("K\1", std::string("K\0K\1\x85K\1\x85", 8), "Bool"),
                    all = tensor("K\x8", std::string("K\0K\x8\x85K\1\x85", 8), "Bool");
  write_archive("(" + first + all + "t");
  const Value data = load_value(path("x.pt"));
  const auto* const bytes = static_cast<const uint8_t*>(data[1].to_tensor().raw_data());
  for (int i = 0; i < 8; ++i) EXPECT_EQ(bytes[i], 1) << i;
}

TEST_F(HostileTorchFile, NegatedViewsAreRefused) {
  std::string view = tensor("K\2", std::string("K\0K\1\x85K\1\x85", 8));
  view.replace(view.size() - 2, 2, "}U\3neg\x88stR");
  expect_fault(view, "a tensor is a negated view of its memory; save its resolve_neg()");
}

// Few bytes that would become many: each is refused before it takes the memory.
TEST_F(HostileTorchFile, WhatIsNamedAgainAndAgainIsBounded) {
  const uint32_t length = 100'000;
  const std::string text =
      "X" + std::string(reinterpret_cast<const char*>(&length), 4) + std::string(length, 'a');
  std::string recalls;
  for (int i = 0; i < 2000; ++i) recalls += "h\1";
  expect_fault("(" + text + "q\1" + recalls + "t", "bytes of text, most again");
  std::string lists = "Nq\1";
  for (int i = 0; i < 30; ++i) lists += "h\1\x86q\1";
  expect_fault(lists, "values, most of them again");
  std::string counters = "ccollections\nCounter\nq\1}(" + std::string(2000, 'N') + "u\x85q\2R";
  for (int i = 0; i < 200; ++i) counters += "h\1h\2R";
  expect_fault(counters, "the pickle copies one dictionary again and again up to byte");
}

TEST_F(HostileTorchFile, ErrorsSayWhere) {
  expect_fault("ctorch\nSize\nK\1\x85R",
               "torch.Size is made of a whole number (byte 18 of data.pkl)");
  expect_fault("ctorch\ndevice\nK\1\x85R", "a device has no name (byte 20 of data.pkl)");
  expect_fault("U\1\xff", "a text is not UTF-8 (byte 5 of data.pkl)");
  expect_fault("}U\1\xffNs", "a text is not UTF-8 (byte 6 of data.pkl)");
  expect_fault("ctorch\nSt\xefrage\n", "a text is not UTF-8 (byte 17 of data.pkl)");
  expect_fault("Nc", "the pickle is cut short inside the name at byte 4");
  expect_fault("N\x80\4", "another pickle protocol than 2 at byte 3");
  expect_fault("ccollections\nCounter\n]R", "malformed at byte 25: a dictionary made of something");
}

TEST_F(HostileTorchFile, TwoFilesInOneAreRefused) {
  AtomicFile file(path("x.pt"));
  zip::Writer zip(file);
  for (const char* name : {"x/data.pkl", "y/data.pkl"}) zip.add(name, "\x80\2N.");
  zip.finish();
  file.commit();
  EXPECT_EQ(testing::error_of([&] { load_value(path("x.pt")); }),
            "load " + path("x.pt").string() +
                ": it holds two files in one: \"x/data.pkl\" and \"y/data.pkl\"");
}

// The memory for a directory is asked for once the file is known to be as long.
TEST_F(HostileTorchFile, AClaimedDirectoryTakesNoMemory) {
  const auto peak = [] {
    rusage used{};
    ::getrusage(RUSAGE_SELF, &used);
    return used.ru_maxrss;  // in KiB
  };
  const uint32_t claimed = 250'000'000;
  std::string end = "PK\5\6" + std::string(18, '\0');
  end.replace(12, 4, reinterpret_cast<const char*>(&claimed), 4);
  testing::write_file(path("x.pt"), end);
  const auto before = peak();
  const std::string sentence = testing::error_of([&] { load_value(path("x.pt")); });
  EXPECT_NE(sentence.find("at byte 0 250000000 bytes of the zip's directory are expected"),
            std::string::npos)
      << sentence;
  EXPECT_LT(peak() - before, 100'000);
}

TEST_F(HostileTorchFile, PicklesRunNothing) {
  expect_fault("cos\nsystem\nU\2ls\x85R", "it holds an object of os.system");
  expect_fault("cos\nsystem\n", "it names os.system");
  expect_fault("}(K\1]K\1as]", "malformed at byte");
  expect_fault("h\5", "recalls value 5");
  expect_fault("V1\n", "opcode 86 at byte 2");
  expect_fault("X\xff\xff\xff\x7f", "cut short");
  expect_fault("", "stack is empty");
  expect_fault("]q\1h\1a", "nested more than 100 deep");  // a list in itself
  expect_fault("]" + std::string(5000, '\x85'), "nested more than 100 deep");
}

TEST_F(HostileTorchFile, EveryCutIsAnError) {
  const std::string whole = testing::read_file(test::golden_path("torch_2_15.pt"));
  ASSERT_TRUE(loads(whole));
  for (size_t bytes = 0; bytes < whole.size(); bytes += 149)
    EXPECT_FALSE(loads(whole.substr(0, bytes)));
}

// One byte after the other, wherever it lies: header, directory, pickle or payload.
TEST_F(HostileTorchFile, AChangedByteIsAnErrorOrData) {
  const std::string whole = testing::read_file(test::golden_path("torch_1_13.pt"));
  size_t refused = 0;
  for (size_t i = 0; i < whole.size(); i += 41) {
    std::string changed = whole;
    changed[i] = static_cast<char>(changed[i] ^ 0xFF);
    refused += !loads(changed);
  }
  EXPECT_GT(refused, whole.size() / 410);
}

}  // namespace
}  // namespace cuttle
