// Names from elsewhere in messages: what is shown, what is escaped, what is cut.
#include <cuttle/core/text.h>
#include <gtest/gtest.h>

#include <numeric>
#include <vector>

namespace cuttle::test {
namespace {

using std::string_literals::operator""s;

TEST(TextTest, ToldUtf8FromOtherBytes) {
  // RFC 3629, section 4: the first and the last character of each length, and their neighbours.
  for (const char* text :
       {"", "a", "\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80",
        "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf", "größe 名前"}) {
    EXPECT_TRUE(is_utf8(text)) << text;
    EXPECT_FALSE(is_utf8("a"s + text + "\xff")) << text;
  }
  for (const char* text :
       {"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xc2", "\xc2\x41", "\xe0\x9f\xbf", "\xe0\xa0",
        "\xed\xa0\x80", "\xed\xbf\xbf", "\xf0\x8f\xbf\xbf", "\xf0\x90\x80", "\xf4\x90\x80\x80",
        "\xf5\x80\x80\x80", "\xfe", "\xff"}) {
    EXPECT_FALSE(is_utf8(text)) << printable(text);
    EXPECT_FALSE(is_utf8("a"s + text + "b")) << printable(text);
  }
}

TEST(TextTest, ShowsWhatPrintsAndEscapesTheRest) {
  EXPECT_EQ(printable("model.0 größe 名前 \"x\" \\"), "model.0 größe 名前 \"x\" \\");
  EXPECT_EQ(in_quotes("größe"), "\"größe\"");
  EXPECT_EQ(in_quotes(""), "\"\"");
  EXPECT_EQ(printable("a\nb\0\x1b[31m\x7f"s), "a\\x0ab\\x00\\x1b[31m\\x7f");
  EXPECT_EQ(printable("gr\xf6\xdf"), "gr\\xf6\\xdf");
  // NEL, a line separator, and the mark that turns the rest of the line around.
  EXPECT_EQ(printable("\xc2\x85|\u2028|\u202e"), "\\xc2\\x85|\\xe2\\x80\\xa8|\\xe2\\x80\\xae");
}

TEST(TextTest, CutsWhatIsLong) {
  const std::string five_megabytes(5'000'000, 'a');
  EXPECT_EQ(printable(five_megabytes), std::string(100, 'a') + "… (5000000 bytes)");
  EXPECT_EQ(in_quotes(five_megabytes), '"' + std::string(99, 'a') + "…\" (5000000 bytes)");
  EXPECT_EQ(printable(std::string(100, 'a')), std::string(100, 'a'));
  EXPECT_EQ(printable("abc", 2), "ab… (3 bytes)");
  // Between characters, never inside one.
  EXPECT_EQ(printable("äöü", 3), "äö… (6 bytes)");
  EXPECT_LT(printable(std::string(1000, '\0')).size(), 130u);
}

TEST(TextTest, ListsTheFirst) {
  std::vector<int> numbers(50);
  std::iota(numbers.begin(), numbers.end(), 1);
  const auto words = [](int number) { return std::to_string(number); };
  EXPECT_EQ(listed(std::vector<int>{}, words), "");
  EXPECT_EQ(listed(std::vector<int>{7, 8}, words), "7, 8");
  EXPECT_EQ(listed(numbers, words).substr(181), ", 49, 50");
  numbers.push_back(51);
  EXPECT_EQ(listed(numbers, words).substr(181), ", 49, 50 and 1 more");
}

}  // namespace
}  // namespace cuttle::test
