// Events of equal names summed up, as a table.
#include <algorithm>
#include <array>
#include <cstdio>
#include <map>

#include "../../kernels/error.h"
#include "../text.h"
#include "../text_table.h"
#include "profiler.h"

namespace cuttle {
namespace {

struct SortKey {
  std::string_view name;
  double (*value)(const KeyAverage&);
};
constexpr std::array<SortKey, 5> kSortKeys = {{
    {"device_time_total", [](const KeyAverage& row) { return row.device_time_total; }},
    {"cpu_time_total", [](const KeyAverage& row) { return row.cpu_time_total; }},
    {"self_cpu_time_total", [](const KeyAverage& row) { return row.self_cpu_time_total; }},
    {"cpu_memory_usage", [](const KeyAverage& row) { return static_cast<double>(row.memory); }},
    {"count", [](const KeyAverage& row) { return static_cast<double>(row.count); }},
}};

const SortKey& sort_key(std::string_view name) {
  const auto key = std::find_if(kSortKeys.begin(), kSortKeys.end(),
                                [&](const SortKey& candidate) { return candidate.name == name; });
  if (key == kSortKeys.end())
    fail("table: cannot sort by ", in_quotes(name), "; expected one of ",
         listed(kSortKeys, [](const SortKey& candidate) { return candidate.name; }));
  return *key;
}

std::string percent(double part, double whole) {
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "%.1f %%", whole > 0 ? 100 * part / whole : 0);
  return text.data();
}

std::string shapes_text(const std::vector<Shape>& shapes) {
  std::string text;
  for (const Shape& shape : shapes) text += (text.empty() ? "" : " ") + shape.str();
  return text;
}

bool has_shapes(const KeyAverages& rows) {
  return std::any_of(rows.begin(), rows.end(),
                     [](const KeyAverage& row) { return !row.input_shapes.empty(); });
}
bool has_memory(const KeyAverages& rows) {
  return std::any_of(rows.begin(), rows.end(),
                     [](const KeyAverage& row) { return row.memory != 0; });
}

}  // namespace

KeyAverages Profiler::key_averages(bool group_by_input_shape) {
  std::map<std::pair<std::string, std::string>, KeyAverage> groups;
  for (const ProfilerEvent& event : events()) {
    if (event.kind == profiler::RangeKind::module || event.kind == profiler::RangeKind::user)
      continue;
    const std::string shapes = group_by_input_shape ? shapes_text(event.input_shapes) : "";
    KeyAverage& row = groups[{event.name, shapes}];
    row.key = event.name;
    if (group_by_input_shape) row.input_shapes = event.input_shapes;
    ++row.count;
    row.cpu_time_total += event.cpu_time;
    row.self_cpu_time_total += event.self_cpu_time;
    row.device_time_total += event.device_time;
    row.memory += event.memory;
  }
  KeyAverages rows;
  for (auto& [name, row] : groups) rows.push_back(std::move(row));
  return rows;
}

std::string KeyAverages::table(const KeyTableOptions& options) const {
  const SortKey& key = sort_key(options.sort_by);
  KeyAverages rows = *this;
  std::stable_sort(rows.begin(), rows.end(), [&](const KeyAverage& a, const KeyAverage& b) {
    return key.value(a) > key.value(b);
  });
  KeyAverage sum;
  for (const KeyAverage& row : rows) {
    sum.count += row.count;
    sum.self_cpu_time_total += row.self_cpu_time_total;
    sum.device_time_total += row.device_time_total;
  }
  const bool memory = has_memory(rows), shapes = has_shapes(rows);
  std::vector<std::string> titles = {"name",   "self CPU", "CPU total", "device total",
                                     "device", "calls",    "device avg"};
  if (memory) titles.emplace_back("memory");
  if (shapes) titles.emplace_back("input shapes");
  TextTable table(titles);
  const auto limit = options.row_limit < 0 ? rows.size() : static_cast<size_t>(options.row_limit);
  for (size_t i = 0; i < std::min(limit, rows.size()); ++i) {
    const KeyAverage& row = rows[i];
    std::vector<std::string> cells = {
        printable(row.key),
        readable_time(row.self_cpu_time_total),
        readable_time(row.cpu_time_total),
        readable_time(row.device_time_total),
        percent(row.device_time_total, sum.device_time_total),
        std::to_string(row.count),
        readable_time(row.device_time_total / static_cast<double>(row.count))};
    if (memory) cells.push_back(readable_bytes(row.memory));
    if (shapes) cells.push_back(shapes_text(row.input_shapes));
    table.add_row(cells);
  }
  table.add_line();
  std::vector<std::string> last = {"all " + std::to_string(rows.size()),
                                   readable_time(sum.self_cpu_time_total),
                                   "",
                                   readable_time(sum.device_time_total),
                                   "",
                                   std::to_string(sum.count),
                                   ""};
  last.resize(titles.size());
  table.add_row(last);
  return table.str();
}

}  // namespace cuttle
