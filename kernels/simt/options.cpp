// Reads the interpreter's settings from the environment.
#include "options.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <thread>

#include "findings/sanitizers.h"

namespace cuttle::simt {

namespace {

// Each may come to hold 1,024 stacks, of two mappings each; Linux lets a process have 65,530.
constexpr unsigned kMostOsThreads = 16;

size_t physical_memory() {
  return static_cast<size_t>(sysconf(_SC_PHYS_PAGES)) * static_cast<size_t>(sysconf(_SC_PAGESIZE));
}

const char* setting(const char* name) {
  const char* value = std::getenv(name);
  return value && *value ? value : nullptr;
}

[[noreturn]] void refuse(const char* name, const char* value, const char* expected) {
  std::fprintf(stderr, "simt: %s is '%s'; expected %s\n", name, value, expected);
  std::exit(2);
}

double number(const char* name, const char* value) {
  char* end = nullptr;
  const double result = std::strtod(value, &end);
  if (end == value || *end || result < 0) refuse(name, value, "a number that is not negative");
  return result;
}

size_t byte_count(const char* name, const char* value) {
  char* end = nullptr;
  const unsigned long long count = std::strtoull(value, &end, 10);
  const std::string unit = end;
  if (end == value) refuse(name, value, "a number of bytes");
  if (unit.empty()) return count;
  if (unit == "K") return count << 10;
  if (unit == "M") return count << 20;
  if (unit == "G") return count << 30;
  refuse(name, value, "a number of bytes, with K, M or G");
}

Options read_environment() {
  Options o;
  if (const char* value = setting("CUTTLE_SIMT_SEED")) {
    o.seed = std::string(value) == "random"
                 ? std::random_device()()
                 : static_cast<uint64_t>(number("CUTTLE_SIMT_SEED", value));
  }
  if (const char* value = setting("CUTTLE_SIMT_STREAMS")) {
    o.deferred_streams = std::string(value) == "deferred";
    if (!o.deferred_streams && std::string(value) != "eager") {
      refuse("CUTTLE_SIMT_STREAMS", value, "eager or deferred");
    }
  }
  o.os_threads = std::min(std::thread::hardware_concurrency(), kMostOsThreads);
  o.memory = std::min(o.memory, physical_memory());
  if (const char* value = setting("CUTTLE_SIMT_THREADS")) {
    o.os_threads = static_cast<unsigned>(number("CUTTLE_SIMT_THREADS", value));
  }
  if (o.os_threads == 0 || o.seed || kThreadSanitizer || kTrace) o.os_threads = 1;
  if (const char* value = setting("CUTTLE_SIMT_MEMORY")) {
    o.memory = byte_count("CUTTLE_SIMT_MEMORY", value);
  }
  if (const char* value = setting("CUTTLE_SIMT_DEVICES")) {
    o.devices = static_cast<int>(number("CUTTLE_SIMT_DEVICES", value));
  }
  if (const char* value = setting("CUTTLE_SIMT_WATCHDOG")) {
    o.watchdog = number("CUTTLE_SIMT_WATCHDOG", value);
  }
  o.launch_log = setting("CUTTLE_SIMT_LAUNCH_LOG");
  return o;
}

}  // namespace

Options& options() {
  static Options read = [] {
    Options o = read_environment();
    if (o.seed) {
      std::fprintf(stderr, "simt: random order, CUTTLE_SIMT_SEED=%llu\n",
                   static_cast<unsigned long long>(*o.seed));
    }
    return o;
  }();
  return read;
}

const char* how_to_repeat() {
  static thread_local std::string text;
  text.clear();
  if (options().seed) text += " CUTTLE_SIMT_SEED=" + std::to_string(*options().seed);
  if (options().deferred_streams) text += " CUTTLE_SIMT_STREAMS=deferred";
  return text.c_str();
}

}  // namespace cuttle::simt
