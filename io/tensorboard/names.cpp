#include "names.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <ctime>

#include "../../core/text.h"
#include "../../kernels/error.h"

namespace cuttle::tensorboard {

namespace fs = std::filesystem;

std::string host_name() {
  std::array<char, 256> name{};
  const bool known = ::gethostname(name.data(), name.size() - 1) == 0 && name[0] != '\0';
  return known && is_utf8(name.data()) ? name.data() : "localhost";
}

fs::path default_log_dir(std::string_view comment) {
  const std::time_t time = std::time(nullptr);
  std::tm local{};
  ::localtime_r(&time, &local);
  std::array<char, 32> date{};
  std::strftime(date.data(), date.size(), "%b%d_%H-%M-%S", &local);
  return fs::path("runs") / (std::string(date.data()) + "_" + host_name() + std::string(comment));
}

void check_utf8(std::string_view function, std::string_view what, std::string_view text) {
  if (!is_utf8(text)) {
    fail(function, ": the ", what, ' ', in_quotes(text),
         " is not UTF-8, the one encoding that TensorBoard reads; convert it first");
  }
}

void check_run_name(std::string_view function, std::string_view name) {
  check_utf8(function, "run's name", name);
  const fs::path path = name;
  const bool leads_out =
      std::any_of(path.begin(), path.end(), [](const fs::path& part) { return part == ".."; });
  if (path.is_absolute() || leads_out || name.find('\0') != std::string_view::npos) {
    fail(function, ": the run's name ", in_quotes(name),
         " becomes a folder's within the writer's own; expected a relative path without \"..\"");
  }
}

}  // namespace cuttle::tensorboard
