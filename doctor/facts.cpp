#include "facts.h"

#include <regex>
#include <sstream>

namespace cuttle::doctor {

std::string Version::str() const {
  if (!*this) return "unknown";
  const std::string two = std::to_string(first) + "." + std::to_string(second);
  return third == 0 ? two : two + "." + std::to_string(third);
}

Version parse_version(const std::string& text) {
  static const std::regex pattern(R"((\d{1,6})\.(\d{1,6})(?:\.(\d{1,6}))?)");
  std::smatch match;
  if (!std::regex_search(text, match, pattern)) return {};
  return {std::stoi(match[1]), std::stoi(match[2]), match[3].matched ? std::stoi(match[3]) : 0};
}

std::vector<Architecture> parse_architectures(const std::string& list) {
  static const std::regex pattern(R"((\d{2,3})([af]?)(-real|-virtual)?)");
  std::vector<Architecture> architectures;
  std::istringstream entries(list);
  for (std::string entry; std::getline(entries, entry, ';');) {
    std::smatch match;
    if (!std::regex_match(entry, match, pattern)) continue;
    architectures.push_back({.capability = std::stoi(match[1]),
                             .machine_code = match[3] != "-virtual",
                             .ptx = match[3] != "-real",
                             .this_one_only = match[2].length() > 0});
  }
  return architectures;
}

}  // namespace cuttle::doctor
