// Finding and removing checkpoints by their names.
#include "checkpoint_files.h"

#include <signal.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <string>
#include <system_error>

namespace cuttle {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kBegin = "checkpoint-", kEnd = ".pt", kHalf = ".part";
constexpr size_t kDigits = 10;

bool is_checkpoint(std::string_view name) {
  if (!name.starts_with(kBegin) || !name.ends_with(kEnd)) return false;
  if (name.size() < kBegin.size() + kDigits + kEnd.size()) return false;
  const auto number = name.substr(kBegin.size(), name.size() - kBegin.size() - kEnd.size());
  return number.find_first_not_of("0123456789") == std::string_view::npos;
}

// "best.pt.<pid>-<n>.part" (side_path) of a process that is no more.
bool is_left_over(std::string_view name) {
  if (!name.starts_with(kBegin) && !name.starts_with("best.pt.")) return false;
  const size_t begin = name.find(".pt.");
  if (begin == std::string_view::npos || !name.ends_with(kHalf)) return false;
  pid_t process = 0;
  const auto [end, error] =
      std::from_chars(name.data() + begin + 4, name.data() + name.size(), process);
  if (error != std::errc() || *end != '-' || process <= 0) return false;
  return ::kill(process, 0) != 0 && errno == ESRCH;
}

template <class F>
std::vector<fs::path> files_of(const fs::path& folder, const F& is_one) {
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator(folder))
    if (is_one(entry.path().filename().string())) found.push_back(entry.path());
  return found;
}

}  // namespace

fs::path checkpoint_path(const fs::path& folder, int64_t step) {
  std::string number = std::to_string(step);
  if (number.size() < kDigits) number.insert(0, kDigits - number.size(), '0');
  return folder / (std::string(kBegin) + number + std::string(kEnd));
}

std::vector<fs::path> checkpoints_of(const fs::path& folder) {
  std::vector<fs::path> found = files_of(folder, is_checkpoint);
  std::sort(found.begin(), found.end(), [](const fs::path& a, const fs::path& b) {
    const std::string x = a.filename().string(), y = b.filename().string();
    return x.size() != y.size() ? x.size() > y.size() : x > y;  // more digits: a greater step
  });
  return found;
}

void remove_old_checkpoints(const fs::path& folder, size_t keep) {
  std::vector<fs::path> old = checkpoints_of(folder);
  old.erase(old.begin(), old.begin() + static_cast<std::ptrdiff_t>(std::min(keep, old.size())));
  for (const fs::path& half : files_of(folder, is_left_over)) old.push_back(half);
  std::error_code stays;  // one more file does no harm
  for (const fs::path& path : old) fs::remove(path, stays);
}

}  // namespace cuttle
