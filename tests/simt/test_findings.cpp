// Runs every deliberately broken kernel (broken/) in a process of its own and compares what is said
// about it with the table below. Which rows apply depends on the build: the plain interpreter, the
// address sanitizer's or the thread sanitizer's. docs/simt.md has the same table in words.
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <memory>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace {

enum class Build { any, plain, address, thread, trace };

#if defined(__SANITIZE_ADDRESS__)
constexpr Build kBuild = Build::address;
#elif defined(__SANITIZE_THREAD__)
constexpr Build kBuild = Build::thread;
#elif CUTTLE_SIMT_TRACE
constexpr Build kBuild = Build::trace;
#else
constexpr Build kBuild = Build::plain;
#endif

struct Expectation {
  const char* name;
  Build build;
  const char* finding;  // a regular expression
  // Space-separated settings; with "SEEDS" five seeds are tried, of which one must show it.
  const char* settings = "";
};

constexpr const char* kInKernel =
    "in kernel .*_kernel.*, block \\(\\d+,0,0\\), thread \\(\\d+,0,0\\)";

const std::vector<Expectation> kExpectations = {
    // The interpreter itself, in every build.
    {"divergent_barrier", Build::any,
     "divergent __syncthreads: .*barriers.cpp:10.*barriers.cpp:13"},
    {"barrier_in_branch", Build::any, "no thread of the block can go on"},
    {"shuffle_in_branch", Build::any, "no thread of the block can go on"},
    {"caller_not_in_mask", Build::any, "the calling lane 16 is not in mask 0xffff"},
    {"shuffle_from_inactive_lane", Build::any, "lane 8 reads from lane 16, which does not take"},
    {"shuffle_beyond_block", Build::any, "lane 4 reads from lane 20, which does not take part"},
    {"shuffle_from_exited_lane", Build::any, "lane 16 reads from lane 0, which does not take part"},
    {"shuffle_width", Build::any, "warps.cpp:\\d+: the width 12 is not a power of two"},
    {"different_operations", Build::any, "different operations: .*__shfl_sync.*__ballot_sync"},
    {"masks_disagree", Build::any, "lanes of one warp meet in different operations"},
    {"missing_wait", Build::any, "overlap the one before it ends without waiting for that one"},
    {"product_in_branch", Build::any, "no thread of the block can go on"},
    {"product_of_exited_lanes", Build::any,
     "mma.sync of tf32 at .*needs all 32 lanes.*and 12 have"},
    {"sparse_metadata", Build::any, "lane 0 of the warp brings the metadata 0, which"},
    {"misaligned_copy", Build::any,
     "cp.async at .*tensor_core.cpp:\\d+: 16 bytes .*multiples of 16"},
    {"wrong_descriptor", Build::any, "a matrix descriptor reaches 4 bytes at the shared address"},
    {"too_much_shared", Build::any, "64000 bytes of shared memory with the array 'second'"},
    {"static_and_dynamic_shared", Build::any,
     "64000 bytes of shared memory with the array 'first'"},
    {"trap", Build::any, "__trap\\(\\) at .*other.cpp:\\d+"},
    {"assert", Build::any, "Assertion `in\\[threadIdx.x\\] < 77' failed"},
    {"too_many_threads", Build::any, "cudaErrorInvalidConfiguration"},
    {"freed_twice", Build::any, "cudaErrorInvalidValue"},
    {"endless_loop", Build::any, "endless_loop_kernel.* does not end", "CUTTLE_SIMT_WATCHDOG=1"},
    {"endless_barriers", Build::any, "endless_barriers_kernel.* does not end",
     "CUTTLE_SIMT_WATCHDOG=1"},
    {"spin_on_later_block", Build::any, "spin_on_later_block_kernel.* does not end",
     "CUTTLE_SIMT_WATCHDOG=1"},
    {"large_frame", Build::plain, "local memory overflows"},
    {"null_pointer", Build::plain, "invalid address.*null pointer"},
    {"no_dynamic_shared", Build::plain, "null pointer .*the launch asks for none"},
#if defined(__x86_64__)  // other processors do as a GPU does: they give some number
    {"division_by_zero", Build::plain, "arithmetic fault, at .*other.cpp:\\d+"},
    // Lines that addr2line finds, which knows nothing of emulated processors.
    {"null_pointer", Build::plain, "null pointer.*, at .*memory.cpp:\\d+"},
    {"endless_loop", Build::plain, "does not end; it was stopped at .*other.cpp:\\d+",
     "CUTTLE_SIMT_WATCHDOG=1"},
    {"endless_barriers", Build::plain, "does not end; it was stopped at .*other.cpp:\\d+",
     "CUTTLE_SIMT_WATCHDOG=1"},
#endif
    // Wrong results that a test of the kernel would see.
    {"uninitialised_shared", Build::plain, "wrong result: NaN"},
    {"uninitialised_dynamic_shared", Build::plain, "wrong result: NaN"},
    {"uninitialised_global", Build::plain, "wrong result: NaN"},
    {"missing_copy_wait", Build::plain, "wrong result: NaN"},
    {"missing_product_wait", Build::plain, "wrong result: NaN"},
    {"missing_sync_right", Build::plain, "wrong result", "SEEDS"},
    {"missing_sync_left", Build::plain, "wrong result", "SEEDS"},
    {"missing_sync_dynamic", Build::plain, "wrong result", "SEEDS"},
    {"missing_second_sync", Build::plain, "wrong result", "SEEDS"},
    {"missing_syncwarp", Build::plain, "wrong result", "SEEDS"},
    {"missing_event", Build::plain, "wrong result", "SEEDS CUTTLE_SIMT_STREAMS=deferred"},
    {"default_stream_taken_for_a_barrier", Build::plain, "wrong result",
     "SEEDS CUTTLE_SIMT_STREAMS=deferred"},
    {"pinned_memory_reused_too_soon", Build::plain, "wrong result", "CUTTLE_SIMT_STREAMS=deferred"},
    {"result_read_before_synchronising", Build::plain, "wrong result",
     "CUTTLE_SIMT_STREAMS=deferred"},
    // The address and undefined-behaviour sanitizers.
    {"shared_past_end", Build::address, "heap-buffer-overflow .*memory.cpp:\\d+"},
    {"shared_past_end", Build::address,
     "the address is byte \\d+ of 'tile', \\d+ bytes of shared memory"},
    {"host_reads_device_memory", Build::address,
     "the address is byte \\d+ of \\d+ bytes of device memory"},
    {"shared_before_start", Build::address, "heap-buffer-overflow .*memory.cpp:\\d+"},
    {"shared_row_past_end", Build::address, "memory.cpp:\\d+.*index 4 out of bounds"},
    {"dynamic_shared_past_end", Build::address, "heap-buffer-overflow .*memory.cpp:\\d+"},
    {"global_write_past_end", Build::address, "heap-buffer-overflow .*memory.cpp:\\d+"},
    {"global_read_before_start", Build::address, "heap-buffer-overflow .*memory.cpp:\\d+"},
    {"local_past_end", Build::address, "memory.cpp:\\d+.*(insufficient space|out of bounds)"},
    {"misaligned_vector", Build::address, "memory.cpp:\\d+.*misaligned address"},
    {"misaligned_shared", Build::address, "memory.cpp:\\d+.*misaligned address"},
    {"misaligned_local", Build::address, "memory.cpp:\\d+.*misaligned address"},
    {"no_dynamic_shared", Build::address, "memory.cpp:\\d+.*null pointer"},
    {"null_pointer", Build::address, "memory.cpp:\\d+.*null pointer"},
    {"use_after_free", Build::address, "heap-use-after-free .*memory.cpp:\\d+"},
    {"large_frame", Build::address, "stack-overflow .*other.cpp:\\d+"},
    {"integer_overflow", Build::address, "other.cpp:\\d+.*signed integer overflow"},
    {"shift_too_far", Build::address, "other.cpp:\\d+.*shift exponent 40 is too large"},
    {"division_by_zero", Build::address, "other.cpp:\\d+.*division by zero"},
    {"host_reads_device_memory", Build::address, "use-after-poison .*host.cpp:\\d+"},
    {"host_writes_device_memory", Build::address, "use-after-poison .*host.cpp:\\d+"},
    {"leak", Build::address, "1234 byte\\(s\\) leaked"},
    // The record of every access.
    {"uninitialised_shared", Build::trace, "nobody wrote is read at .*memory.cpp:\\d+.*of 'tile'"},
    {"uninitialised_dynamic_shared", Build::trace,
     "nobody wrote is read at .*memory.cpp:\\d+.*of 'dynamic shared memory'"},
    {"late_wait", Build::trace, "reads global memory at .*barriers.cpp:\\d+, before it has waited"},
    {"host_pointer_in_kernel", Build::trace, "host memory, or none, is read at .*host.cpp:\\d+"},
    {"use_after_free", Build::trace, "host memory, or none, is written at .*memory.cpp:\\d+"},
    {"null_pointer", Build::trace, "host memory, or none, is written at .*memory.cpp:\\d+"},
    // The thread sanitizer.
    {"missing_sync_right", Build::thread, "data race .*barriers.cpp:\\d+"},
    {"missing_sync_right", Build::thread,
     "the address is byte \\d+ of '\\w+', \\d+ bytes of shared memory"},
    {"race_between_blocks", Build::thread, "the address is byte 0 of \\d+ bytes of device memory"},
    {"missing_sync_left", Build::thread, "data race .*barriers.cpp:\\d+"},
    {"missing_sync_dynamic", Build::thread, "data race .*barriers.cpp:\\d+"},
    {"missing_second_sync", Build::thread, "data race .*barriers.cpp:\\d+"},
    {"missing_syncwarp", Build::thread, "data race .*barriers.cpp:\\d+"},
    {"race_in_block", Build::thread, "data race .*races.cpp:\\d+"},
    {"race_between_blocks", Build::thread, "data race .*races.cpp:\\d+"},
    {"race_between_two_blocks", Build::thread, "data race .*races.cpp:\\d+", "SEEDS"},
    {"race_at_block_edge", Build::thread, "data race .*races.cpp:\\d+"},
    {"plain_read_of_atomic", Build::thread, "data race .*races.cpp:\\d+"},
    {"missing_fence", Build::thread, "data race .*races.cpp:\\d+"},
    {"race_on_shared_flag", Build::thread, "data race .*races.cpp:\\d+"},
};

std::string run(const std::string& settings, const std::string& name) {
  const std::string command = "env " + settings + " " BROKEN_KERNELS " " + name + " 2>&1";
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> pipe(popen(command.c_str(), "r"), pclose);
  std::string output;
  std::array<char, 4096> part;
  while (const size_t bytes = std::fread(part.data(), 1, part.size(), pipe.get())) {
    output.append(part.data(), bytes);
  }
  return output;
}

int count_lines(const std::string& output, const std::string& expression) {
  const std::regex regex(expression);
  std::istringstream lines(output);
  int count = 0;
  for (std::string line; std::getline(lines, line);) count += std::regex_search(line, regex);
  return count;
}

bool has_line(const std::string& output, const std::string& expression) {
  return count_lines(output, expression) > 0;
}

std::vector<std::string> settings_to_try(const Expectation& expectation) {
  const std::string settings = expectation.settings;
  if (settings.rfind("SEEDS", 0) != 0) return {settings};
  std::vector<std::string> all;
  for (int seed = 1; seed <= 5; ++seed) {
    all.push_back("CUTTLE_SIMT_SEED=" + std::to_string(seed) + settings.substr(5));
  }
  return all;
}

bool applies(const Expectation& expectation) {
  return expectation.build == Build::any || expectation.build == kBuild;
}

TEST(SimtFindings, EachBrokenKernelIsFound) {
  for (const Expectation& expectation : kExpectations) {
    if (!applies(expectation)) continue;
    SCOPED_TRACE(expectation.name);
    std::string output;
    bool found = false;
    for (const std::string& settings : settings_to_try(expectation)) {
      output = run(settings, expectation.name);
      found = has_line(output, expectation.finding);
      if (found) break;
    }
    EXPECT_TRUE(found) << "expected: " << expectation.finding << "\n" << output;
  }
}

// Findings inside a kernel say which kernel, block and thread; sanitizers' too. Not so those of the
// host's doings, and wrong results.
TEST(SimtFindings, ReportsNameKernelBlockAndThread) {
  const std::set<std::string> of_the_host = {"leak", "freed_twice", "too_many_threads",
                                             "host_reads_device_memory",
                                             "host_writes_device_memory"};
  for (const Expectation& expectation : kExpectations) {
    const std::string settings = expectation.settings, finding = expectation.finding;
    if (!applies(expectation) || of_the_host.count(expectation.name)) continue;
    if (finding.find("wrong result") != std::string::npos || settings.rfind("SEEDS", 0) == 0)
      continue;
    const std::string output = run(settings, expectation.name);
    EXPECT_TRUE(has_line(output, kInKernel)) << expectation.name << "\n" << output;
  }
}

// A race has two sides: the source line of each, and the block and thread that were there.
TEST(SimtFindings, RacesNameBothLinesAndBothThreads) {
  if (kBuild != Build::thread) GTEST_SKIP() << "needs a build with CUTTLE_SANITIZE=thread";
  for (const Expectation& expectation : kExpectations) {
    if (expectation.build != Build::thread || *expectation.settings) continue;
    const std::string output = run("", expectation.name);
    EXPECT_GE(count_lines(output, "#\\d+ \\w+_kernel.* \\S*broken/\\w+.cpp:\\d+"), 2) << output;
    EXPECT_GE(count_lines(output, "'block \\(\\d+,0,0\\) thread \\(\\d+,0,0\\)'"), 2) << output;
  }
}

// The wrong results above come with the seed that shows them.
TEST(SimtFindings, SeedIsPrinted) {
  EXPECT_TRUE(has_line(run("CUTTLE_SIMT_SEED=4", "missing_sync_left"), "CUTTLE_SIMT_SEED=4"));
  EXPECT_TRUE(has_line(run("CUTTLE_SIMT_SEED=4", "trap"), "to see it again: CUTTLE_SIMT_SEED=4"));
}

TEST(SimtFindings, EveryBrokenKernelIsInBothTables) {
  std::ifstream file(SIMT_DOCUMENT);
  const std::string document{std::istreambuf_iterator<char>(file), {}};
  std::set<std::string> in_table;
  for (const Expectation& expectation : kExpectations) in_table.insert(expectation.name);
  std::istringstream names(run("", ""));
  int count = 0;
  for (std::string name; std::getline(names, name); ++count) {
    EXPECT_TRUE(in_table.count(name)) << name;
    EXPECT_NE(document.find("`" + name + "`"), std::string::npos) << name << " in " SIMT_DOCUMENT;
  }
  EXPECT_GE(count, 30);
}

}  // namespace
