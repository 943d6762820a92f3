// The profiler: which events a step makes, what they hold, and that nothing is left of it
// afterwards.
#include <cuttle/core/autograd/checkpoint.h>
#include <cuttle/core/creation.h>
#include <cuttle/core/cuda.h>
#include <cuttle/core/ops/arithmetic.h>
#include <cuttle/core/ops/linear.h>
#include <cuttle/core/profiler/profiler.h>
#include <cuttle/io/chrome_trace.h>
#include <cuttle/layers/linear.h>
#include <cuttle/layers/relu.h>
#include <cuttle/layers/sequential.h>
#include <cuttle/optim/sgd.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>

#include "support/devices.h"

namespace cuttle::test {
namespace {

using profiler::RangeKind;

class ProfilerTest : public DeviceTest {};
CUTTLE_INSTANTIATE_DEVICES(ProfilerTest);

// Takes results that nobody wants.
void run(const Tensor&) {}

std::vector<ProfilerEvent> named(Profiler& profiler, const std::string& name) {
  std::vector<ProfilerEvent> found;
  for (const ProfilerEvent& event : profiler.events())
    if (event.name == name) found.push_back(event);
  return found;
}

// Whether `inner` lies within `outer` in time, on one thread.
bool lies_in(const ProfilerEvent& inner, const ProfilerEvent& outer) {
  return inner.thread == outer.thread && inner.start >= outer.start &&
         inner.start + inner.cpu_time <= outer.start + outer.cpu_time;
}

TEST_P(ProfilerTest, TellsTheOperationsOfAStep) {
  Sequential model{Linear(6, 4), ReLU()};
  model.to(device());
  SGD optimizer(model.parameters(), {.lr = 0.1});
  const Tensor x = ones({5, 6}, {.device = device()});
  Profiler profiler({.record_shapes = true});
  model(x).sum().backward();
  optimizer.step();
  profiler.stop();

  const auto forward = named(profiler, "linear");
  ASSERT_EQ(forward.size(), 1u);
  EXPECT_EQ(forward[0].kind, RangeKind::operation);
  EXPECT_EQ(forward[0].device, device());
  EXPECT_EQ(forward[0].input_shapes, (std::vector<Shape>{{5, 6}, {4, 6}, {4}}));
  EXPECT_EQ(forward[0].output_shapes, (std::vector<Shape>{{5, 4}}));
  EXPECT_TRUE(forward[0].has_kernels);
  EXPECT_GT(forward[0].device_time, 0);
  EXPECT_GT(forward[0].cpu_time, 0);
  const auto backward = named(profiler, "linear backward");
  ASSERT_EQ(backward.size(), 1u);
  EXPECT_EQ(backward[0].kind, RangeKind::backward);
  EXPECT_TRUE(backward[0].has_kernels);
  EXPECT_GT(backward[0].start, forward[0].start);
  for (const char* name : {"relu", "sum", "relu backward", "sum backward", "SGD"})
    EXPECT_EQ(named(profiler, name).size(), 1u) << name;
  const auto module = named(profiler, "0 (Linear)");
  ASSERT_EQ(module.size(), 1u);
  EXPECT_EQ(module[0].kind, RangeKind::module);
  EXPECT_TRUE(lies_in(forward[0], module[0]));
}

TEST_P(ProfilerTest, HearsNothingOfWhatIsOutside) {
  const Tensor x = ones({8}, {.device = device()});
  run(x.exp());
  Profiler profiler;
  {
    const RecordFunction range("mine");
    run(x.sqrt());
  }
  profiler.stop();
  run(x.exp());
  std::set<std::string> names;
  for (const ProfilerEvent& event : profiler.events()) {
    names.insert(event.name);
    EXPECT_TRUE(event.input_shapes.empty());
    EXPECT_EQ(event.memory, 0);
  }
  EXPECT_EQ(names, (std::set<std::string>{"mine", "sqrt"}));
  EXPECT_FALSE(profiler::is_listening());
  Profiler again;
  EXPECT_TRUE(again.events().empty());
}

TEST_P(ProfilerTest, NamesWhatIsNotRecorded) {
  const Tensor x = ones({8}, {.device = device()});
  Profiler profiler;
  run(x > 0);
  run(x < 0);
  run(arange(5, {.device = device()}));
  EXPECT_EQ(named(profiler, "gt").size(), 1u);
  EXPECT_EQ(named(profiler, "lt").size(), 1u);
  EXPECT_EQ(named(profiler, "arange").size(), 1u);
}

TEST_P(ProfilerTest, CountsMemory) {
  const Tensor x = ones({1 << 20}, {.device = device()});
  Profiler profiler({.profile_memory = true});
  Tensor y = x.exp();
  y = Tensor();
  const Tensor z = x.sqrt();
  profiler.stop();
  const auto exp = named(profiler, "exp"), sqrt = named(profiler, "sqrt");
  ASSERT_EQ(exp.size(), 1u);
  ASSERT_EQ(sqrt.size(), 1u);
  EXPECT_EQ(exp[0].memory, 4 << 20);
  EXPECT_EQ(sqrt[0].memory, 0);  // what exp's result gave back
  EXPECT_EQ(sqrt[0].allocated, exp[0].allocated);
}

TEST_P(ProfilerTest, SelfTimeLeavesOutWhatACheckpointRepeats) {
  const Tensor x = ones({64, 64}, {.device = device(), .requires_grad = true});
  const Tensor loss =
      checkpoint([](const Tensor& in) { return (in.exp() + in.sqrt()).exp(); }, x).sum();
  Profiler profiler;
  loss.backward();
  const auto found = named(profiler, "checkpoint backward");  // of the result, and the operation's
  ASSERT_EQ(found.size(), 2u);
  const ProfilerEvent& outer = found[1];
  EXPECT_LT(outer.self_cpu_time, outer.cpu_time);
  double inner = 0;
  for (const ProfilerEvent& event : profiler.events())
    if (event.name != "checkpoint backward" && lies_in(event, outer)) inner += event.self_cpu_time;
  EXPECT_GT(inner, 0);
  EXPECT_NEAR(outer.self_cpu_time + inner, outer.cpu_time, 0.01);
}

TEST_P(ProfilerTest, SumsUpByNameAndByShape) {
  const Tensor a = ones({3}, {.device = device()}), b = ones({4}, {.device = device()});
  Profiler profiler({.record_shapes = true});
  for (int i = 0; i < 3; ++i) run(a.exp());
  run(b.exp());
  run(b.sqrt());
  const KeyAverages by_name = profiler.key_averages(), by_shape = profiler.key_averages(true);
  ASSERT_EQ(by_name.size(), 2u);
  ASSERT_EQ(by_shape.size(), 3u);
  EXPECT_EQ(by_name[0].key, "exp");
  EXPECT_EQ(by_name[0].count, 4);
  EXPECT_EQ(by_shape[0].count, 3);
  EXPECT_EQ(by_shape[0].input_shapes, (std::vector<Shape>{{3}}));
  double cpu = 0, on_device = 0;
  for (const ProfilerEvent& event : named(profiler, "exp"))
    cpu += event.cpu_time, on_device += event.device_time;
  EXPECT_DOUBLE_EQ(by_name[0].cpu_time_total, cpu);
  EXPECT_DOUBLE_EQ(by_name[0].device_time_total, on_device);

  const std::string table = by_name.table({.sort_by = "count", .row_limit = 1});
  EXPECT_EQ(table.find("sqrt"), std::string::npos) << table;
  EXPECT_NE(table.find("\nexp "), std::string::npos) << table;
  EXPECT_NE(table.find("\nall 2 "), std::string::npos) << table;
  EXPECT_NE(by_shape.table().find("[4]"), std::string::npos);
  try {
    by_name.table({.sort_by = "beauty"});
    FAIL() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what())
                  .find("cannot sort by \"beauty\"; expected one of "
                        "device_time_total"),
              std::string::npos)
        << error.what();
  }
  EXPECT_NE(KeyAverages().table().find("all 0"), std::string::npos);
}

TEST_P(ProfilerTest, WritesATraceThatIsJson) {
  const Tensor x = ones({2, 3}, {.device = device()});
  Profiler profiler({.record_shapes = true, .profile_memory = true});
  {
    const RecordFunction range("a \"name\" \\ \n \xff");
    run(x.exp());
  }
  const std::string path = ::testing::TempDir() + "cuttle-trace.json";
  export_chrome_trace(profiler, path);
  std::ifstream file(path);
  const auto trace = nlohmann::json::parse(file);
  std::remove(path.c_str());
  bool has_operation = false, has_range = false, has_memory = false, has_device = false;
  for (const auto& event : trace.at("traceEvents")) {
    if (event.at("ph") == "C") has_memory = event.at("args").at("allocated bytes") > 0;
    if (event.at("ph") != "X") continue;
    EXPECT_GE(event.at("dur").get<double>(), 0);
    has_range = has_range || event.at("cat") == "user_annotation";
    has_device = has_device || event.at("cat") == "kernel";
    if (event.at("name") != "exp" || event.at("cat") != "cpu_op") continue;
    has_operation = true;
    EXPECT_EQ(event.at("args").at("Input Dims"), nlohmann::json::parse("[[2,3]]"));
    EXPECT_EQ(event.at("args").at("Output Dims"), nlohmann::json::parse("[[2,3]]"));
    EXPECT_EQ(event.at("args").at("Device"), device().str());
    EXPECT_GT(event.at("args").at("Device time (us)").get<double>(), 0);
  }
  EXPECT_TRUE(has_operation && has_range && has_memory);
  EXPECT_EQ(has_device, device().is_cuda());
}

TEST_P(ProfilerTest, ThreadsHaveRowsOfTheirOwn) {
  Profiler profiler;
  run(ones({2}, {.device = device()}).exp());
  std::thread([&] { run(ones({2}, {.device = device()}).exp()); }).join();
  const auto events = named(profiler, "exp");
  ASSERT_EQ(events.size(), 2u);
  EXPECT_NE(events[0].thread, events[1].thread);
}

TEST_P(ProfilerTest, RunsOnceAtATime) {
  Profiler profiler;
  try {
    const Profiler second;
    FAIL() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "Profiler: another one runs; stop() it first");
  }
  run(ones({2}, {.device = device()}).exp());
  EXPECT_EQ(named(profiler, "exp").size(), 1u);
}

TEST_P(ProfilerTest, NvtxRangesComeAndGoInAnyBuild) {
  const Tensor x = ones({2}, {.device = device(), .requires_grad = true});
  {
    const EmitNvtx ranges;
    EXPECT_TRUE(profiler::is_listening());
    const EmitNvtx off(false);
    const RecordFunction range("mine");
    x.exp().sum().backward();
  }
  EXPECT_FALSE(profiler::is_listening());
  EXPECT_EQ(x.grad().numel(), 2);
}

TEST_P(ProfilerTest, MemorySummaryIsMemoryStatsInWords) {
  const Tensor held = ones({1 << 20}, {.device = device()});
  const std::string text = device().is_cuda() ? cuda::memory_summary() : cpu::memory_summary();
  const MemoryStats stats = device().is_cuda() ? cuda::memory_stats() : cpu::memory_stats();
  EXPECT_EQ(text.find("memory of " + device().str()), 0u) << text;
  EXPECT_NE(text.find("MiB"), std::string::npos) << text;
  EXPECT_NE(text.find(std::to_string(stats.allocations)), std::string::npos) << text;
}

}  // namespace
}  // namespace cuttle::test
