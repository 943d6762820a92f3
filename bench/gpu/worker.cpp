// Times cases on a GPU on request, for bench/gpu/compare.py. Argument: "small" for tiny sizes.
// Reads lines and answers each with one:
//   cases               the names of all cases, separated by tabs
//   time CALLS NAME     microseconds of one call, the mean of CALLS of them in a row
//   drop                frees the memory of the cases timed so far
// or "error: " and a sentence.
#include <cuttle/cuttle.h>

#include <chrono>
#include <iostream>
#include <map>
#include <memory>
#include <sstream>

#include "worker.h"

namespace {

using namespace cuttle;

/// A prepared case, captured into a graph where it is one that is replayed.
class Timed {
 public:
  explicit Timed(const bench::Case& measured) : case_(measured) {
    set_precision();
    call_ = case_.prepare();
    for (int i = 0; i < 3; ++i) call_(i);  // plans are made, and memory is taken
    cuda::synchronize();
    if (case_.in_graph == 0) return;
    graph_ = std::make_unique<cuda::CUDAGraph>();
    cuda::CaptureGuard capture(*graph_);
    for (int i = 0; i < case_.in_graph; ++i) call_(i);
    capture.end();
    graph_->replay();
    cuda::synchronize();
  }

  double microseconds(int calls) {
    set_precision();
    const int at_once = std::max(case_.in_graph, 1);
    const int turns = std::max(calls / at_once, 1);
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < turns; ++i) {
      if (graph_)
        graph_->replay();
      else
        call_(i);
    }
    cuda::synchronize();
    const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - start;
    return took.count() / (turns * at_once);
  }

 private:
  void set_precision() const {
    cuda::set_allow_tf32_convolution(case_.tf32);
    cuda::set_allow_tf32_matmul(case_.tf32);
  }

  bench::Case case_;
  bench::Call call_;
  std::unique_ptr<cuda::CUDAGraph> graph_;
};

class Worker {
 public:
  explicit Worker(bool small) {
    for (const auto& cases :
         {bench::step_cases(small), bench::convolution_cases(small), bench::large_cases(small)})
      for (const bench::Case& one : cases) cases_[one.name] = one;
  }

  std::string answer(const std::string& line) {
    std::istringstream words(line);
    std::string command, name;
    words >> command;
    if (command == "drop") {
      timed_.clear();
      cuda::empty_cache();
      return "dropped";
    }
    std::ostringstream text;
    if (command == "cases") {
      for (const auto& [known, unused] : cases_) text << known << '\t';
    } else if (int calls = 0;
               command == "time" && words >> calls && std::getline(words >> std::ws, name)) {
      text << timed(name).microseconds(calls);
    } else {
      throw Error("gpu_worker: '" + line + "' is not known");
    }
    return text.str();
  }

 private:
  Timed& timed(const std::string& name) {
    const auto known = cases_.find(name);
    if (known == cases_.end()) throw Error("gpu_worker: there is no case '" + name + "'");
    std::unique_ptr<Timed>& entry = timed_[name];
    if (!entry) entry = std::make_unique<Timed>(known->second);
    return *entry;
  }

  std::map<std::string, bench::Case> cases_;
  std::map<std::string, std::unique_ptr<Timed>> timed_;
};

}  // namespace

int main(int argc, char** argv) try {
  const cuda::StreamGuard guard{cuda::Stream()};  // the default stream cannot be captured
  manual_seed(0);
  Worker worker(argc > 1 && std::string(argv[1]) == "small");
  for (std::string line; std::getline(std::cin, line);) {
    try {
      std::cout << worker.answer(line) << std::endl;
    } catch (const std::exception& error) {
      std::cout << "error: " << error.what() << std::endl;
    }
  }
} catch (const std::exception& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
