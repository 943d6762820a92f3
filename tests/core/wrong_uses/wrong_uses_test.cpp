// Every wrong use of every operation is answered by an Error whose one sentence begins with the
// operation's name and says what was got, on every device the same, and changes nothing.
//
// The sentences stand in ../wrong_use_sentences.txt, to be read by people; run with
// CUTTLE_WRITE_SENTENCES=1 the test writes that list anew. What it found lies beside its results.
#include "wrong_uses.h"

#include <cuttle/core/cuda.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "support/devices.h"

namespace cuttle::test {
namespace {

const char* const kList = "wrong_use_sentences.txt";

// Words of the implementation that mean nothing to whoever reads the sentence.
const char* const kInternal[] = {"std::",   "cuttle::", "Tensor::", "Methods", "nullptr",
                                 "size_t",  "int64_t",  "_kernel",  ".cpp",    ".cu",
                                 "0x",      "assert",   "bad_",     "basic_",  "operator",
                                 "storage", "impl",     "dispatch", "Scalar",  "Shape{"};

// What is wrong with the sentence; "" if nothing is.
std::string flaw_of(const WrongUse& use, const std::string& sentence) {
  static const std::regex two_sentences("[^ .][.!?] +[A-Z]");
  if (!sentence.starts_with(use.operation + ": ")) return "does not begin with the operation";
  for (const std::string& word : use.says)
    if (sentence.find(word) == std::string::npos) return "does not say " + word;
  if (sentence.find('\n') != std::string::npos) return "has several lines";
  if (std::regex_search(sentence, two_sentences)) return "is more than one sentence";
  if (std::string(".! ").find(sentence.back()) != std::string::npos) return "ends in punctuation";
  for (const char* const word : kInternal)
    if (sentence.find(word) != std::string::npos)
      return "speaks of the implementation: " + std::string(word);
  return "";
}

// The sentence of the Error; "" where there was none.
std::string answer_to(const WrongUse& use, const Operands& operands) {
  try {
    use.call(operands);
    if (cuda::is_available()) cuda::synchronize();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

// As it stands in the list: of any device.
std::string line_of(const WrongUse& use, std::string sentence) {
  const std::string gpu = "cuda:0";
  if (use.wrong != kMixedDevices)
    for (size_t at; (at = sentence.find(gpu)) != std::string::npos;)
      sentence.replace(at, gpu.size(), "cpu");
  return "[" + use.wrong + "] " + sentence;
}

// The list's lines, by the name of the family in which they stand.
using Lines = std::map<std::string, std::vector<std::string>>;

void write(const std::filesystem::path& path, const Lines& lines) {
  std::ofstream file(path);
  file << "What the library says of each wrong use, family by family: [what is wrong] sentence.\n"
          "Written by tests/core/wrong_uses/wrong_uses_test.cpp with CUTTLE_WRITE_SENTENCES=1.\n";
  for (const auto& [family, sentences] : lines) {
    file << "\n" << family << "\n";
    for (const std::string& sentence : sentences) file << "  " << sentence << "\n";
  }
}

std::set<std::string> read(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::set<std::string> lines;
  for (std::string line; std::getline(file, line);)
    if (line.starts_with("  ")) lines.insert(line.substr(2));
  return lines;
}

// The folder of the test's results.
std::filesystem::path results() {
  const std::string output = ::testing::GTEST_FLAG(output);
  const size_t colon = output.find(':');
  return colon == std::string::npos ? std::filesystem::current_path()
                                    : std::filesystem::path(output.substr(colon + 1)).parent_path();
}

enum class Uses { all, of_one_device, of_two_devices };

bool is_among(Uses uses, const std::string& wrong) {
  return uses == Uses::all || wrong.starts_with(kMixedDevices) == (uses == Uses::of_two_devices);
}

// Looks at what is said of each of these wrong uses, and adds that to `found`.
void look_at(Uses which, const Device& device, Lines& found) {
  const uint64_t fresh = ones({1}).version();
  for (const auto& [family, uses] : WrongUses::all())
    for (const WrongUse& use : uses) {
      if (!is_among(which, use.wrong)) continue;
      const Operands operands(device);
      const std::string sentence = answer_to(use, operands);
      const std::string name = use.operation + ", " + use.wrong;
      if (sentence.empty()) {
        ADD_FAILURE() << name << ": no Error was thrown";
        continue;
      }
      const std::string flaw = flaw_of(use, sentence);
      EXPECT_EQ(flaw, "") << name << ": " << sentence;
      for (const Tensor& tensor : operands.all) {
        // On a GPU an index out of range is found after the write.
        EXPECT_TRUE(tensor.version() == fresh || device.is_cuda()) << name;
      }
      found[family].push_back(line_of(use, sentence));
    }
}

const std::filesystem::path kCommitted = CUTTLE_SENTENCES_DIR / std::filesystem::path(kList);

void expect_committed(Uses which, const Lines& found) {
  const std::filesystem::path& list = kCommitted;
  ASSERT_TRUE(std::filesystem::exists(list)) << list << " is missing";
  const std::set<std::string> expected = read(list);
  std::set<std::string> seen;
  for (const auto& [family, sentences] : found)
    for (const std::string& sentence : sentences) {
      EXPECT_TRUE(expected.contains(sentence)) << "not in the list: " << sentence;
      seen.insert(sentence);
    }
  for (const std::string& sentence : expected) {
    EXPECT_TRUE(seen.contains(sentence) || !is_among(which, sentence.substr(1)))
        << "in the list alone: " << sentence;
  }
}

// Before the others, which read the list that this one writes where it is asked to.
TEST(WrongUseSentencesOfTwoDevices, SayWhatWasGot) {
  const bool writes = std::getenv("CUTTLE_WRITE_SENTENCES") != nullptr;
  ASSERT_TRUE(cuda::is_available() || !writes) << "the list has sentences about two devices";
  if (!cuda::is_available()) GTEST_SKIP() << "needs a CUDA device: " << cuda::why_unavailable();
  Lines found;
  look_at(Uses::of_two_devices, "cpu", found);
  if (writes) {
    Lines all;
    look_at(Uses::all, "cpu", all);
    write(kCommitted, all);
  }
  expect_committed(Uses::of_two_devices, found);
}

class WrongUseSentences : public DeviceTest {};
CUTTLE_INSTANTIATE_DEVICES(WrongUseSentences);

TEST_P(WrongUseSentences, SayWhatWasGot) {
  Lines found;
  look_at(Uses::of_one_device, device(), found);
  std::filesystem::create_directories(results());
  write(results() / kList, found);
  expect_committed(Uses::of_one_device, found);
}

TEST(WrongUseTable, NamesEachUseOnce) {
  std::set<std::string> names;
  for (const auto& [family, uses] : WrongUses::all())
    for (const WrongUse& use : uses) {
      const std::string name = use.operation + ", " + use.wrong;
      EXPECT_TRUE(names.insert(name).second) << name << " stands twice in the table";
    }
  EXPECT_GT(names.size(), 300);
}

}  // namespace
}  // namespace cuttle::test
