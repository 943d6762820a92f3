#include "training.h"

#include <chrono>
#include <cmath>

using namespace cuttle;

namespace {

// Of a picture's channels, in CIFAR-10's training set.
const Normalize kNormalize({0.4914f, 0.4822f, 0.4465f}, {0.2470f, 0.2435f, 0.2616f});
constexpr double kFilterLr = 0.24, kBiasLr = 0.053, kHeadLr = 0.67;
constexpr double kDecay = 2e-6;         // of an example, whatever the learning rate
constexpr double kWhiteningEpochs = 3;  // whose bias rests after them
constexpr size_t kWhitenedPictures = 2000;

Tensor both_ways(Module& model, const Tensor& images) {
  return (model(images) + model(images.flip({3}))) * 0.5;
}

// The picture, and the picture moved by a pixel up left and down right; each also mirrored.
Tensor of_six_views(Module& model, const Tensor& images) {
  const int64_t size = images.size(2);
  const Tensor wide = pad(images, {1, 1, 1, 1}, "reflect");
  const auto at = [&](int64_t place) {
    return wide.narrow(2, place, size)
        .narrow(3, place, size)
        .contiguous(MemoryFormat::channels_last);
  };
  return both_ways(model, images) * 0.5 +
         (both_ways(model, at(0)) + both_ways(model, at(2))) * 0.25;
}

class Run {
 public:
  Run(const Pictures& train, const RunOptions& options, const Device& device)
      : options_(options),
        loader_(train.images, train.targets,
                {.batch_size = options.batch_size,
                 .shuffle = true,
                 .seed = options.seed,
                 .drop_last = true,
                 .crop = RandomCrop(32, {.padding = 2, .padding_mode = "reflect"}),
                 .flip = "alternating",
                 .normalize = kNormalize,
                 .dtype = bfloat16},
                device),
        model_(options.width, first_pictures(train)) {
    if (loader_.size() == 0)
      fail("cifar10_fast: a batch has ", options.batch_size, " pictures, there are ",
           train.images.size(0), "; take a smaller --batch-size");
    model_.to(device);
  }

  void train() {
    const double decay = kDecay * static_cast<double>(options_.batch_size);
    Muon muon(model_.filters(), {.lr = kFilterLr, .weight_decay = 0, .momentum = 0.6});
    SGD sgd({{{model_.whiten.bias}, sgd_options(kBiasLr, decay)},
             {model_.norm_biases(), sgd_options(kBiasLr, decay)},
             {{model_.head.weight}, sgd_options(kHeadLr, decay)}});
    const auto steps = static_cast<double>(loader_.size());
    const LRLambda to_the_end = falling(steps * static_cast<double>(options_.epochs));
    LambdaLR muon_schedule(muon, to_the_end);
    LambdaLR sgd_schedule(sgd, {falling(steps * kWhiteningEpochs), to_the_end, to_the_end});
    CrossEntropyLoss loss_fn({.reduction = LossReduction::sum, .label_smoothing = 0.2});

    CapturedStep step([&](const Tensor& images, const Tensor& targets) {
      Tensor loss;
      {
        const Autocast autocast(bfloat16);
        loss = loss_fn(model_(images), targets);
      }
      muon.zero_grad(), sgd.zero_grad();
      loss.backward();
      keep_lengths();
      muon.step(), sgd.step();
      return loss;
    });
    for (int64_t epoch = 0; epoch < options_.epochs; ++epoch)
      for (const auto& [images, targets] : loader_) {
        (void)step(images, targets);
        muon_schedule.step(), sgd_schedule.step();
      }
  }

  /// The share of right answers, with six views of each picture and with one.
  std::pair<double, double> accuracy(const Pictures& test) {
    const NoGradGuard no_grad;
    const Autocast autocast(bfloat16);
    model_.eval();
    const DeviceLoader loader(
        test.images, test.targets,
        {.batch_size = options_.batch_size, .normalize = kNormalize, .dtype = bfloat16},
        loader_.device());
    Tensor hits = zeros({2}, {.dtype = int64, .device = loader_.device()});
    for (const auto& [images, targets] : loader) {
      const auto right = [&](const Tensor& logits) { return (logits.argmax(1) == targets).sum(); };
      hits += stack({right(of_six_views(model_, images)), right(model_(images))});
    }
    const auto counts = hits.to_vector<double>();
    const auto all = static_cast<double>(test.images.size(0));
    return {counts[0] / all, counts[1] / all};
  }

 private:
  static SGDOptions sgd_options(double lr, double decay) {
    return {.lr = lr, .momentum = 0.85, .weight_decay = decay / lr, .nesterov = true};
  }
  static LRLambda falling(double steps) {
    return [=](int64_t step) { return std::max(0., 1 - static_cast<double>(step) / steps); };
  }
  static Tensor first_pictures(const Pictures& train) {
    const auto count = std::min<int64_t>(kWhitenedPictures, train.images.size(0));
    const DeviceLoader loader(train.images, train.targets,
                              {.batch_size = static_cast<size_t>(count), .normalize = kNormalize});
    return (*loader.begin()).images;
  }
  // Filters behind which a norm follows have no length that counts; kept, steps keep their angle.
  void keep_lengths() {
    const NoGradGuard no_grad;
    for (Tensor& filter : model_.filters())
      filter.div_(filter.norm() / std::sqrt(static_cast<double>(filter.size(0))));
  }

  RunOptions options_;
  DeviceLoader loader_;
  FastNet model_;
};

}  // namespace

Outcome run(const Pictures& train, const Pictures& test, const RunOptions& options,
            const Device& device) {
  const auto begin = std::chrono::steady_clock::now();
  manual_seed(options.seed);
  Run training(train, options, device);
  training.train();
  const auto [accuracy, of_one_view] = training.accuracy(test);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
  return {accuracy, of_one_view, seconds.count()};
}
