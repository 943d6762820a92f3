// Broken and hostile .pt files: whatever the bytes, an Error that names the file, or data.
#include <cuttle/core/creation.h>
#include <cuttle/io/serialization.h>
#include <cuttle/io/zip/zip_writer.h>

#include "scratch.h"
#include "support/golden_path.h"

namespace cuttle {
namespace {

class HostileTorchFile : public testing::ScratchTest {
 protected:
  /// The Error of loading an archive of this pickle and one storage of eight bytes.
  std::string fault(const std::string& pickle) const {
    AtomicFile file(path("x.pt"));
    zip::Writer zip(file);
    zip.add("x/data.pkl", "\x80\x02" + pickle + ".");
    zip.add("x/data/0", std::string(8, '\1'));
    zip.finish();
    file.commit();
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
std::string tensor(const std::string& count, const std::string& rest) {
  return "ctorch._utils\n_rebuild_tensor_v2\n((U\7storagectorch\nFloatStorage\nU\1"
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
  expect_fault(tensor(two, "K\1K\2\x85)"), "other numbers of sizes and strides");
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
