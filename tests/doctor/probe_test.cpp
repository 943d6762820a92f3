// The doctor's questions, answered by a fake driver and by a made-up /proc and /sys.
#include <cstdlib>
#include <map>

#include "../../doctor/probe.h"
#include "io/scratch.h"

namespace cuttle::doctor {
namespace {

const std::string kFake = CUTTLE_FAKE_NVIDIA;

class ProbeTest : public testing::ScratchTest {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(kFake))
      GTEST_SKIP() << "built elsewhere: " << kFake << " is not here";
  }
  ~ProbeTest() override {
    for (const std::string& name : set_) ::unsetenv(name.c_str());
  }
  void answer(const std::string& name, const std::string& value) {
    ::setenv(name.c_str(), value.c_str(), 1);
    set_.push_back(name);
  }
  /// A file below the made-up root.
  void file(const std::string& name, const std::string& contents) {
    std::filesystem::create_directories(path(name).parent_path());
    testing::write_file(path(name), contents);
  }
  std::filesystem::path root() const { return path(""); }

 private:
  std::vector<std::string> set_;
};

TEST_F(ProbeTest, NoDriver) {
  const Driver driver = probe_driver("libcuttle-no-such-driver.so.1", root());
  EXPECT_FALSE(driver.library.found());
  EXPECT_NE(driver.library.error.find("No such file"), std::string::npos) << driver.library.error;
  EXPECT_FALSE(driver.module);
  EXPECT_EQ(driver.present, 0);
  EXPECT_TRUE(driver.gpus.empty());
}

TEST_F(ProbeTest, ADriverWithTwoGpus) {
  answer("FAKE_GPUS", "2");
  file("proc/driver/nvidia/version",
       "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  535.183.01  Release Build\n"
       "GCC version:  gcc version 12.2.0\n");
  const Driver driver = probe_driver(kFake, root());
  EXPECT_EQ(driver.library.path, std::filesystem::canonical(kFake));
  EXPECT_EQ(driver.library.version, (Version{550, 54, 14}));
  EXPECT_EQ(driver.module, (Version{535, 183, 1}));
  EXPECT_EQ(driver.cuda, (Version{12, 4}));
  EXPECT_EQ(driver.status, 0);
  EXPECT_EQ(driver.present, 2);
  ASSERT_EQ(driver.gpus.size(), 2u);
  EXPECT_EQ(driver.gpus[1].name, "Fake T101");
  EXPECT_EQ(driver.gpus[1].capability, 75);
  EXPECT_EQ(driver.gpus[1].compute_mode, 3);
  EXPECT_EQ(driver.gpus[1].memory, size_t{16} << 30);
  EXPECT_EQ(driver.gpus[1].free_memory, size_t{15} << 30);
  EXPECT_EQ(driver.gpus[1].error, "");
}

TEST_F(ProbeTest, ADriverThatDoesNotStart) {
  answer("FAKE_INIT", "804");
  const Driver driver = probe_driver(kFake, root());
  EXPECT_EQ(driver.status, 804);
  EXPECT_EQ(driver.words, "some error");
  EXPECT_TRUE(driver.gpus.empty());
}

TEST_F(ProbeTest, AGpuThatIsTaken) {
  answer("FAKE_CONTEXT", "46");
  const Driver driver = probe_driver(kFake, root());
  ASSERT_EQ(driver.gpus.size(), 1u);
  EXPECT_EQ(driver.gpus[0].error, "device busy or unavailable");
}

TEST_F(ProbeTest, GpusOnTheBus) {
  for (const auto& [device, vendor, kind] :
       {std::tuple{"0000:00:1e.0", "0x10de\n", "0x030200\n"},  // a T4
        {"0000:00:1f.0", "0x10de\n", "0x030000\n"},            // one with a display
        {"0000:00:1f.1", "0x10de\n", "0x040300\n"},            // its sound
        {"0000:00:02.0", "0x8086\n", "0x030000\n"}}) {         // somebody else's
    file(std::string("sys/bus/pci/devices/") + device + "/vendor", vendor);
    file(std::string("sys/bus/pci/devices/") + device + "/class", kind);
  }
  EXPECT_EQ(probe_driver("libcuttle-no-such-driver.so.1", root()).present, 2);
}

TEST_F(ProbeTest, GpusThatTheModuleLists) {
  file("proc/driver/nvidia/gpus/0000:00:1e.0/information", "Model: Tesla T4\n");
  EXPECT_EQ(probe_driver("libcuttle-no-such-driver.so.1", root()).present, 1);
}

TEST_F(ProbeTest, Libraries) {
  Facts facts;
  probe_cudnn(kFake, facts);
  probe_cublas(kFake, facts);
  EXPECT_TRUE(facts.cudnn.found() && facts.cublas.found());
  EXPECT_EQ(facts.cudnn.version, (Version{9, 5, 1}));
  EXPECT_EQ(facts.cudnn_runtime, (Version{12, 6}));
  EXPECT_EQ(facts.cublas.version, (Version{12, 4, 5}));
  answer("FAKE_CUDNN", "8907");
  probe_cudnn(kFake, facts);
  EXPECT_EQ(facts.cudnn.version, (Version{8, 9, 7}));
  probe_cudnn("libcuttle-no-such.so", facts);
  EXPECT_FALSE(facts.cudnn.found() || facts.cudnn.version || facts.cudnn_runtime);
  testing::write_file(path("text.so"), "no library");
  probe_cublas(path("text.so").string(), facts);
  EXPECT_FALSE(facts.cublas.found());
  EXPECT_NE(facts.cublas.error.find("text.so"), std::string::npos) << facts.cublas.error;
}

TEST_F(ProbeTest, ToolkitByCudaHome) {
  file("my cuda's/bin/nvcc", "#!/bin/sh\necho 'Cuda compilation tools, release 12.5, V12.5.82'\n");
  std::filesystem::permissions(path("my cuda's/bin/nvcc"), std::filesystem::perms::owner_all);
  const char* const before = std::getenv("CUDA_HOME");
  const std::string kept = before == nullptr ? "" : before;
  ::setenv("CUDA_HOME", path("my cuda's").c_str(), 1);
  Facts facts;
  probe_toolkit(facts);
  before == nullptr ? ::unsetenv("CUDA_HOME") : ::setenv("CUDA_HOME", kept.c_str(), 1);
  EXPECT_EQ(facts.nvcc, path("my cuda's/bin/nvcc"));
  EXPECT_EQ(facts.nvcc_version, (Version{12, 5}));
}

TEST_F(ProbeTest, AHostWithoutLimits) {
  file("proc/cpuinfo", "processor\t: 0\nmodel name\t: Some CPU @ 2.20GHz\n");
  file("proc/meminfo", "MemTotal:       13290472 kB\nMemFree: 1 kB\nMemAvailable:   12000000 kB\n");
  file("proc/self/cgroup", "0::/\n");
  file("sys/fs/cgroup/cpu.max", "max 100000\n");
  file("sys/fs/cgroup/memory.max", "max\n");
  const Host host = probe_host(kFake, root());
  EXPECT_EQ(host.processor, "Some CPU @ 2.20GHz");
  EXPECT_EQ(host.quota, 0);
  EXPECT_EQ(host.memory, size_t{13290472} << 10);
  EXPECT_EQ(host.free_memory, size_t{12000000} << 10);
  EXPECT_GE(host.processors, 1);
  EXPECT_GE(host.allowed, 1);
  EXPECT_GE(host.threads, 1);
  EXPECT_EQ(host.onednn.version, (Version{3, 4, 2}));
  EXPECT_EQ(host.onednn_isa, 0x27u);
}

TEST_F(ProbeTest, ACgroupOfTheSecondVersion) {
  file("proc/meminfo", "MemTotal:       8388608 kB\nMemAvailable:   8000000 kB\n");
  file("proc/self/cgroup", "0::/system.slice/job\n");
  file("sys/fs/cgroup/system.slice/cpu.max", "150000 100000\n");  // the tighter of two
  file("sys/fs/cgroup/system.slice/job/cpu.max", "400000 100000\n");
  file("sys/fs/cgroup/system.slice/job/memory.max", "2147483648\n");
  file("sys/fs/cgroup/system.slice/job/memory.current", "1073741824\n");
  file("sys/fs/cgroup/system.slice/job/memory.stat", "anon 5\ninactive_file 536870912\n");
  const Host host = probe_host("", root());
  EXPECT_EQ(host.quota, 1.5);
  EXPECT_EQ(host.memory, size_t{2} << 30);
  EXPECT_EQ(host.free_memory, size_t{1536} << 20);
  EXPECT_FALSE(host.onednn.found());
  EXPECT_EQ(host.onednn_isa, 0u);
}

TEST_F(ProbeTest, ACgroupOfTheFirstVersion) {
  file("proc/meminfo", "MemTotal:       8388608 kB\nMemAvailable:   8000000 kB\n");
  file("proc/self/cgroup", "5:memory:/docker/abc\n4:cpu,cpuacct:/docker/abc\n");
  file("sys/fs/cgroup/cpu/cpu.cfs_quota_us", "200000\n");  // as a container sees its own
  file("sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
  file("sys/fs/cgroup/memory/memory.limit_in_bytes", "1073741824\n");
  file("sys/fs/cgroup/memory/memory.usage_in_bytes",
       "2147483648\n");  // more than that: none is free
  const Host host = probe_host("", root());
  EXPECT_EQ(host.quota, 2);
  EXPECT_EQ(host.memory, size_t{1} << 30);
  EXPECT_EQ(host.free_memory, 0u);
}

TEST_F(ProbeTest, AMachineThatTellsNothing) {
  const Host host = probe_host("", root());
  EXPECT_EQ(host.quota, 0);
  EXPECT_EQ(host.memory, 0u);
  EXPECT_EQ(host.processor, "");
}

TEST(Facts, Versions) {
  EXPECT_EQ(parse_version("release 12.4, V12.4.131").str(), "12.4");
  EXPECT_EQ(parse_version("libcuda.so.550.54.14").str(), "550.54.14");
  EXPECT_EQ(parse_version("libcuda.so.1").str(), "unknown");
  EXPECT_LT(parse_version("9.5.1"), parse_version("9.10.0"));
}

TEST(Facts, Architectures) {
  const auto all = parse_architectures("75-real;80-virtual;90;90a;native");
  ASSERT_EQ(all.size(), 4u);
  EXPECT_TRUE(all[0].machine_code && !all[0].ptx && all[0].capability == 75);
  EXPECT_TRUE(!all[1].machine_code && all[1].ptx);
  EXPECT_TRUE(all[2].machine_code && all[2].ptx && !all[2].this_one_only);
  EXPECT_TRUE(all[3].this_one_only && all[3].capability == 90);
}

}  // namespace
}  // namespace cuttle::doctor
