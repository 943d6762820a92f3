// The messages are made in tensorboard/; here it is decided which file gets them.
#include "summary_writer.h"

#include <map>
#include <mutex>

#include "../core/text.h"
#include "../core/warning.h"
#include "../kernels/error.h"
#include "tensorboard/event_file.h"
#include "tensorboard/graph_def.h"
#include "tensorboard/names.h"
#include "tensorboard/picture.h"
#include "tensorboard/summary_values.h"

namespace cuttle {

namespace fs = std::filesystem;
using namespace tensorboard;

namespace {

// Event: graph_def = 4, summary = 5.
constexpr uint32_t kGraph = 4, kSummary = 5;

When when(int64_t step, const std::optional<double>& walltime) {
  return {step, walltime ? *walltime : now()};
}

double number(std::string_view tag, const Tensor& value) {
  if (value.numel() != 1)
    fail("add_scalar(", in_quotes(tag), "): expected a tensor with one element, got shape ",
         value.shape());
  return value.detach().cpu().to(float64).reshape({1}).item<double>();
}

}  // namespace

struct SummaryWriter::Runs {
  Runs(const fs::path& folder, EventFileOptions given)
      : options(std::move(given)), own(folder, options) {}

  // The file of a sub-folder, made when it first gets something.
  EventFile& sub_run(const fs::path& folder) {
    const std::lock_guard lock(mutex);
    auto& file = sub_runs[folder];
    if (!file) {
      if (!own.is_open())
        fail("SummaryWriter: ", own.path().string(), " is closed; make a new writer");
      file = std::make_unique<EventFile>(folder, options);
    }
    return *file;
  }
  template <class F>
  void for_each(const F& f) {
    const std::lock_guard lock(mutex);
    f(own);
    for (auto& [folder, file] : sub_runs)
      if (file) f(*file);
  }

  EventFileOptions options;
  EventFile own;
  std::mutex mutex;
  std::map<fs::path, std::unique_ptr<EventFile>> sub_runs;
};

SummaryWriter::SummaryWriter(const fs::path& log_dir, const SummaryWriterOptions& options)
    : log_dir_(log_dir.empty() ? default_log_dir(options.comment) : log_dir) {
  check_utf8("SummaryWriter", "folder", log_dir_.native());
  check_utf8("SummaryWriter", "suffix", options.filename_suffix);
  runs_ = std::make_unique<Runs>(
      log_dir_, EventFileOptions{options.purge_step, options.max_queue, options.flush_secs,
                                 options.filename_suffix});
}

SummaryWriter::~SummaryWriter() = default;
SummaryWriter::SummaryWriter(SummaryWriter&&) noexcept = default;

SummaryWriter SummaryWriter::resume(const fs::path& log_dir, int64_t last_step,
                                    SummaryWriterOptions options) {
  options.purge_step = last_step + 1;
  return SummaryWriter(log_dir, options);
}

EventFile& SummaryWriter::own() const noexcept {
  return runs_->own;
}

void SummaryWriter::add_scalar(std::string_view tag, double value, int64_t global_step,
                               Walltime walltime) {
  check_utf8("add_scalar", "tag", tag);
  own().add(when(global_step, walltime), kSummary, scalar_summary(tag, value));
}

void SummaryWriter::add_scalar(std::string_view tag, const Tensor& value, int64_t global_step,
                               Walltime walltime) {
  add_scalar(tag, number(tag, value), global_step, walltime);
}

void SummaryWriter::add_scalars(std::string_view main_tag,
                                const std::vector<std::pair<std::string, double>>& values,
                                int64_t global_step, Walltime walltime) {
  check_utf8("add_scalars", "tag", main_tag);
  std::string prefix(main_tag);
  for (char& letter : prefix)
    if (letter == '/') letter = '_';
  prefix += '_';
  for (const auto& [name, value] : values) check_run_name("add_scalars", prefix + name);
  const When time = when(global_step, walltime);
  for (const auto& [name, value] : values)
    runs_->sub_run(log_dir_ / (prefix + name)).add(time, kSummary, scalar_summary(main_tag, value));
}

void SummaryWriter::add_histogram(std::string_view tag, const Tensor& values, int64_t global_step,
                                  const HistogramOptions& options, Walltime walltime) {
  check_utf8("add_histogram", "tag", tag);
  if (values.numel() == 0)
    fail("add_histogram(", in_quotes(tag), "): the tensor of shape ", values.shape(), " is empty");
  const std::vector<double> finite = finite_values(values);
  const int64_t left_out = values.numel() - static_cast<int64_t>(finite.size());
  const std::string name = "add_histogram(" + in_quotes(tag) + "): ";
  if (finite.empty())
    return warn(name + "all " + std::to_string(left_out) +
                " values are NaN or infinite; there is nothing to show");
  if (left_out > 0)
    warn(name + std::to_string(left_out) + " of " + std::to_string(values.numel()) +
         " values are NaN or infinite; the histogram shows the others");
  const Histogram histogram = make_histogram(finite, options);
  if (histogram.counts.empty())
    return warn(name + "no value lies in a bin; there is nothing to show");
  own().add(when(global_step, walltime), kSummary, histogram_summary(tag, histogram));
}

void SummaryWriter::add_image(std::string_view tag, const Tensor& image, int64_t global_step,
                              std::string_view dataformats, Walltime walltime) {
  check_utf8("add_image", "tag", tag);
  own().add(when(global_step, walltime), kSummary,
            image_summary(tag, picture_of("add_image", image, dataformats)));
}

void SummaryWriter::add_images(std::string_view tag, const Tensor& images, int64_t global_step,
                               std::string_view dataformats, Walltime walltime) {
  add_image(tag, images, global_step, dataformats, walltime);
}

void SummaryWriter::add_figure(std::string_view tag, const Tensor& figure, int64_t global_step,
                               Walltime walltime) {
  add_image(tag, figure, global_step, "HWC", walltime);
}

void SummaryWriter::add_text(std::string_view tag, std::string_view text, int64_t global_step,
                             Walltime walltime) {
  check_utf8("add_text", "tag", tag);
  check_utf8("add_text", "text", text);
  own().add(when(global_step, walltime), kSummary, text_summary(tag, text));
}

void SummaryWriter::add_hparams(const HParams& hparams, const HParamMetrics& metrics,
                                const HParamDomains& domains, const std::string& run_name,
                                int64_t global_step) {
  const auto summaries = hparams_summaries(hparams, metrics, domains);
  const When time = when(global_step, {});
  const std::string name = run_name.empty() ? std::to_string(time.walltime) : run_name;
  check_run_name("add_hparams", name);
  EventFile& run = runs_->sub_run(log_dir_ / name);
  for (const Message& summary : summaries) run.add(time, kSummary, summary);
  for (const auto& [tag, value] : metrics) run.add(time, kSummary, scalar_summary(tag, value));
  run.flush();
}

void SummaryWriter::add_graph(const GraphNodes& nodes, Walltime walltime) {
  own().add(when(0, walltime), kGraph, graph_def(nodes));
}

void SummaryWriter::flush() {
  runs_->for_each([](EventFile& file) { file.flush(); });
}

void SummaryWriter::close() {
  runs_->for_each([](EventFile& file) { file.close(); });
}

const fs::path& SummaryWriter::path() const noexcept {
  return own().path();
}

}  // namespace cuttle
