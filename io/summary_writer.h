// Writes what TensorBoard shows of a run: torch.utils.tensorboard.SummaryWriter.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "../core/autograd/graph_node.h"
#include "../core/tensor.h"
#include "tensorboard/histogram.h"
#include "tensorboard/hparams.h"

namespace cuttle {

namespace tensorboard {
class EventFile;
}

struct SummaryWriterOptions {
  /// Appended to the default folder's name; without effect where a folder is given.
  std::string comment = {};
  /// TensorBoard forgets what the folder's files hold of this step and later ones.
  std::optional<int64_t> purge_step = {};
  /// Events wait in memory until so many have gathered …
  int64_t max_queue = 10;
  /// … or so many seconds have passed (seen at the next add).
  double flush_secs = 120;
  /// Appended to the names of event files.
  std::string filename_suffix = {};
};

/// An event file in `log_dir`, made when the writer is and only ever appended to, so that
/// TensorBoard can watch it grow: `tensorboard --logdir runs`. Several writers may share a folder,
/// one after the other; where they write at the same time, give each its sub-folder, or start
/// TensorBoard with --reload_multifile=true, for it looks at a folder's newest file alone.
///
/// Steps are those of training, 0 if not given; `walltime` is in seconds since 1970, now if not
/// given. Every add… throws Error for a tag or text that is not UTF-8, which would spoil the whole
/// run for TensorBoard, if the writer is closed, or if the file cannot be written; nothing is
/// written then. Several threads may add to one writer.
class SummaryWriter {
 public:
  /// Makes the folder and the file; an empty name gives "runs/<date>_<host><comment>", as in
  /// PyTorch. Throws Error if they cannot be made, or if a name is not UTF-8.
  explicit SummaryWriter(const std::filesystem::path& log_dir = {},
                         const SummaryWriterOptions& options = {});
  /// Goes on with a run from a checkpoint made after step `last_step`: a new file in the folder of
  /// the first, with which TensorBoard forgets what was written of later steps.
  static SummaryWriter resume(const std::filesystem::path& log_dir, int64_t last_step,
                              SummaryWriterOptions options = {});
  /// Writes what waits; a failure there goes to stderr, call close() to get it as an Error.
  ~SummaryWriter();
  SummaryWriter(SummaryWriter&&) noexcept;
  SummaryWriter& operator=(SummaryWriter&&) = delete;

  using Walltime = std::optional<double>;

  /// Adds a point to curve `tag`, kept as a float32. NaN and infinities are kept, and shown as
  /// triangles on the curve.
  void add_scalar(std::string_view tag, double value, int64_t global_step = 0,
                  Walltime walltime = {});
  /// Of a tensor with one element; waits for the device.
  void add_scalar(std::string_view tag, const Tensor& value, int64_t global_step = 0,
                  Walltime walltime = {});
  /// Adds a point to each of several curves in one diagram: a run of its own for each, in the
  /// folder "<main_tag>_<name>" ("/" of the main tag as "_"), which holds the curve `main_tag`.
  void add_scalars(std::string_view main_tag,
                   const std::vector<std::pair<std::string, double>>& values,
                   int64_t global_step = 0, Walltime walltime = {});
  /// How a tensor's values are distributed. NaN and infinities are left out, with a warning, as is
  /// a histogram of nothing else. Throws Error for an empty tensor.
  void add_histogram(std::string_view tag, const Tensor& values, int64_t global_step = 0,
                     const HistogramOptions& options = {}, Walltime walltime = {});
  /// A picture of uint8, of floating-point values from 0 to 1 (others are cut) or of bool, stored
  /// as PNG. `dataformats` names the dimensions: "CHW", "HWC", "HW", or one of add_images'.
  void add_image(std::string_view tag, const Tensor& image, int64_t global_step = 0,
                 std::string_view dataformats = "CHW", Walltime walltime = {});
  /// A batch of pictures as one, in rows of eight: "NCHW", "NHWC".
  void add_images(std::string_view tag, const Tensor& images, int64_t global_step = 0,
                  std::string_view dataformats = "NCHW", Walltime walltime = {});
  /// A plot that was drawn: uint8 (H, W, C).
  void add_figure(std::string_view tag, const Tensor& figure, int64_t global_step = 0,
                  Walltime walltime = {});
  /// Markdown.
  void add_text(std::string_view tag, std::string_view text, int64_t global_step = 0,
                Walltime walltime = {});
  /// A row of the HParams page: the hyperparameters of a run and what it came to, in a sub-folder
  /// of that name (the time, if empty), where the metrics become curves, too.
  void add_hparams(const HParams& hparams, const HParamMetrics& metrics,
                   const HParamDomains& domains = {}, const std::string& run_name = {},
                   int64_t global_step = 0);
  /// The operations of a model, with shapes, in the boxes of its modules: one call with `input`, in
  /// evaluation mode (layers/module_graph.h).
  template <class Model>
  void add_graph(Model& model, const Tensor& input, Walltime walltime = {}) {
    add_graph(module_graph(model, input), walltime);
  }
  /// Any other graph.
  void add_graph(const GraphNodes& nodes, Walltime walltime = {});

  /// Writes what waits. Where the disk is full, the file keeps its last whole record.
  void flush();
  /// flush(), then no more.
  void close();

  const std::filesystem::path& log_dir() const noexcept { return log_dir_; }
  /// The event file.
  const std::filesystem::path& path() const noexcept;

 private:
  struct Runs;
  tensorboard::EventFile& own() const noexcept;

  std::filesystem::path log_dir_;
  std::unique_ptr<Runs> runs_;  // the event files of the folder and its sub-folders
};

}  // namespace cuttle
