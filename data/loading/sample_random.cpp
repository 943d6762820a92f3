#include "sample_random.h"

#include <span>
#include <utility>

#include "../../core/generator.h"

namespace cuttle {

double SampleRandom::uniform() {
  if (stream_) return stream_->uniform();
  double number = 0;
  default_generator().uniform(std::span(&number, 1));
  return number;
}

int64_t SampleRandom::integer(int64_t low, int64_t high) {
  if (stream_) return stream_->integer(low, high);
  int64_t number = 0;
  default_generator().integers(std::span(&number, 1), low, high);
  return number;
}

double SampleRandom::normal() {
  if (stream_) return stream_->normal();
  double number = 0;
  default_generator().normal(std::span(&number, 1));
  return number;
}

SampleRandom& sample_random() {
  thread_local SampleRandom numbers;
  return numbers;
}

SampleRandomScope::SampleRandomScope(uint64_t seed, uint64_t epoch, uint64_t index)
    : before_(std::exchange(sample_random().stream_, RandomStream(seed, epoch, index))) {}

SampleRandomScope::~SampleRandomScope() {
  sample_random().stream_ = before_;
}

}  // namespace cuttle
