// Events in Chrome's trace format: an array of objects, times in microseconds. "X" is a duration,
// "C" a number that changes, "M" a row's name.
#include <array>
#include <cstdio>
#include <set>

#include "../text.h"
#include "profiler.h"

namespace cuttle {
namespace {

using profiler::RangeKind;

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : printable(text, 1000)) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

std::string number(double value) {
  std::array<char, 48> text{};
  std::snprintf(text.data(), text.size(), "%.3f", value);
  return text.data();
}

std::string shapes_json(const std::vector<Shape>& shapes) {
  std::string text = "[";
  for (size_t i = 0; i < shapes.size(); ++i) text += (i > 0 ? "," : "") + shapes[i].str();
  return text + "]";
}

const char* category(RangeKind kind) {
  switch (kind) {
    case RangeKind::operation:
      return "cpu_op";
    case RangeKind::backward:
      return "backward";
    case RangeKind::module:
      return "module";
    case RangeKind::user:
      break;
  }
  return "user_annotation";
}

std::string arguments(const ProfilerEvent& event) {
  std::string text;
  if (!event.input_shapes.empty()) text += ",\"Input Dims\":" + shapes_json(event.input_shapes);
  if (!event.output_shapes.empty()) text += ",\"Output Dims\":" + shapes_json(event.output_shapes);
  if (event.has_kernels)
    text += ",\"Device\":" + quoted(event.device.str()) +
            ",\"Device time (us)\":" + number(event.device_time);
  if (event.memory != 0) text += ",\"Memory (bytes)\":" + std::to_string(event.memory);
  return "{" + (text.empty() ? text : text.substr(1)) + "}";
}

// A duration in the row `thread` of `process`.
std::string duration(const ProfilerEvent& event, const char* cat, const std::string& process,
                     int thread, double start, double time) {
  return "{\"ph\":\"X\",\"cat\":\"" + std::string(cat) + "\",\"name\":" + quoted(event.name) +
         ",\"pid\":" + quoted(process) + ",\"tid\":" + std::to_string(thread) +
         ",\"ts\":" + number(start) + ",\"dur\":" + number(time) + ",\"args\":" + arguments(event) +
         "}";
}

}  // namespace

std::string Profiler::chrome_trace() {
  std::string text =
      "{\"displayTimeUnit\":\"ms\",\"traceEvents\":[\n"
      "{\"ph\":\"M\",\"name\":\"process_name\",\"pid\":\"host\",\"args\":{\"name\":\"host\"}}";
  std::set<std::string> devices;
  for (const ProfilerEvent& event : events()) {
    text += ",\n" + duration(event, category(event.kind), "host", event.thread, event.start,
                             event.cpu_time);
    const std::string device = event.device.str();
    if (event.has_kernels && event.device.is_cuda()) {
      text += ",\n" + duration(event, "kernel", device, 0, event.device_start, event.device_time);
      devices.insert(device);
    }
    if (event.allocated > 0)
      text += ",\n{\"ph\":\"C\",\"name\":" + quoted("memory of " + device) +
              ",\"pid\":\"host\",\"ts\":" + number(event.start + event.cpu_time) +
              ",\"args\":{\"allocated bytes\":" + std::to_string(event.allocated) + "}}";
  }
  for (const std::string& device : devices)
    text += ",\n{\"ph\":\"M\",\"name\":\"process_name\",\"pid\":" + quoted(device) +
            ",\"args\":{\"name\":" + quoted(device) + "}}";
  return text + "\n]}\n";
}

}  // namespace cuttle
