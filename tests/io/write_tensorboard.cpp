// Writes event files of every kind into DIR, which check_tensorboard.py reads with TensorBoard's
// own readers. write_tensorboard DIR
#include <cuttle/core/creation.h>
#include <cuttle/core/ops/arithmetic.h>
#include <cuttle/io/summary_writer.h>
#include <cuttle/layers/activation/activations.h>
#include <cuttle/layers/convolution/conv2d.h>
#include <cuttle/layers/flatten.h>
#include <cuttle/layers/linear.h>
#include <cuttle/layers/module_graph.h>
#include <cuttle/layers/relu.h>
#include <cuttle/layers/sequential.h>

#include <cmath>
#include <cstdio>
#include <limits>

namespace {

using namespace cuttle;

class Net : public Module {
 public:
  Tensor forward(const Tensor& x) override { return model(x) * 2; }
  Sequential& model =
      register_module("model", Sequential{Conv2d(3, 8, 3), ReLU(), Flatten(), Linear(8 * 36, 10)});
};

void scalars(const std::filesystem::path& folder) {
  SummaryWriter writer(folder);
  for (int step = 1; step <= 300; ++step)
    writer.add_scalar("train_loss", 1.0 / step, step * 100, 1.7e9 + 0.25 * step);
  writer.add_scalar("größe", -2.5, int64_t{1} << 40);
  writer.add_scalar("tensor", full({1, 1}, 4.5), 1);
  writer.add_scalar("odd", std::nan(""), 1);
  writer.add_scalar("odd", std::numeric_limits<double>::infinity(), 2);
  writer.add_scalar("odd", -std::numeric_limits<double>::infinity(), 3);
  writer.add_scalar("odd", 1, 4);
  for (int step = 0; step < 3; ++step)
    writer.add_scalars("loss/both", {{"train", 1.0 / (step + 1)}, {"test", 2.0}}, step);
  writer.add_text("notes", "**grüße** | a", 7);
}

// i² mod 101, scaled and signed: check_tensorboard.py makes the same numbers.
Tensor spread() {
  const Tensor i = arange(1000).to(float64);
  const Tensor square = i * i;
  return (square - (square / 101).floor() * 101 - 50) * 0.037;
}

void histograms(const std::filesystem::path& folder) {
  SummaryWriter writer(folder);
  writer.add_histogram("default", spread(), 5);
  writer.add_histogram("equal", spread(), 5, {.bins = 30});
  writer.add_histogram("edges", spread(), 5, {.edges = {-1, 0, 0.5, 1.5}});
  writer.add_histogram("joined", spread(), 5, {.bins = 50, .max_bins = 12});
  writer.add_histogram("one", zeros({1}));
  writer.add_histogram("counts", tensor<int32_t>({3, 3, 3, -7}));
}

void images(const std::filesystem::path& folder) {
  SummaryWriter writer(folder);
  const Tensor bytes = arange(2 * 3 * 5).reshape({3, 2, 5}).to(uint8);
  writer.add_image("chw", bytes, 3);
  writer.add_image("hwc", bytes.permute({1, 2, 0}), 3, "HWC");
  writer.add_image("hw", bytes.select(0, 1), 3, "HW");
  writer.add_image("grey", bytes.narrow(0, 0, 1), 3);
  writer.add_image("float", bytes.to(float32) / 20, 3);
  writer.add_image("alpha", arange(4 * 2 * 5).reshape({4, 2, 5}).to(uint8), 3);
  const Tensor batch = arange(10 * 3 * 2 * 2).reshape({10, 3, 2, 2}).to(uint8);
  writer.add_images("batch", batch, 3);
  writer.add_images("batch_last", batch.permute({0, 2, 3, 1}), 3, "NHWC");
  writer.add_figure("figure", bytes.permute({1, 2, 0}), 3);
}

void hparams(const std::filesystem::path& folder) {
  SummaryWriter writer(folder);
  writer.add_hparams({{"lr", 0.1}, {"batch_size", 64}, {"optimizer", "SGD"}, {"nesterov", true}},
                     {{"hparam/accuracy", 0.5}}, {{"optimizer", {"SGD", "Adam"}}}, "first");
  writer.add_hparams({{"lr", 0.01}, {"batch_size", 32}, {"optimizer", "Adam"}, {"nesterov", false}},
                     {{"hparam/accuracy", 0.75}}, {}, "second", 2);
}

// Crashed after step 7, gone on with from a checkpoint after step 4.
void resumed(const std::filesystem::path& folder) {
  {
    SummaryWriter writer(folder);
    for (int step = 0; step < 8; ++step) writer.add_scalar("loss", step, step);
  }
  SummaryWriter writer = SummaryWriter::resume(folder, 4);
  for (int step = 5; step < 7; ++step) writer.add_scalar("loss", 100 + step, step);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s DIR\n", argv[0]);
    return 2;
  }
  const std::filesystem::path folder = argv[1];
  scalars(folder / "scalars");
  histograms(folder / "histograms");
  images(folder / "images");
  hparams(folder / "hparams");
  resumed(folder / "resumed");
  Net net;
  SummaryWriter(folder / "graph").add_graph(net, zeros({2, 3, 8, 8}));
  return 0;
}
