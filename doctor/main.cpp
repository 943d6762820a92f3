// The program `cuttle`.
#include <cstdio>
#include <iostream>
#include <string>

#include "../core/version.h"
#include "report.h"

namespace {

const char* const kUsage =
    "usage: cuttle doctor      what this build and this machine are, what does not fit together, "
    "and\n"
    "                          the mend; exit status 1 where there is a problem\n"
    "       cuttle --version\n";

}  // namespace

int main(int argc, char** argv) {
  const std::string command = argc == 2 ? argv[1] : "";
  if (command == "doctor") return cuttle::doctor::run(std::cout);
  if (command == "--version") {
    std::printf("cuttle %s\n", cuttle::version().c_str());
    return 0;
  }
  const bool is_asked = command == "--help" || command == "-h";
  std::fputs(kUsage, is_asked ? stdout : stderr);
  return is_asked ? 0 : 2;
}
