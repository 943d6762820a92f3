// A variational autoencoder (Kingma and Welling, 2014) learns drawn figures, and draws new ones
// from random numbers: vae.png is a grid of them.
//   vae [EPOCHS] [PICTURE]
// Expected after the 20 epochs it takes by itself, five seconds on two CPU cores: loss from 653 to
// below 621 (most of it is noise that nobody can guess), and a picture of blurred figures.
#include <cuttle/cuttle.h>

#include <cstdio>
#include <cstdlib>

using namespace cuttle;

constexpr int64_t kSide = 32, kPixels = kSide * kSide, kLatent = 16;

class VAE : public Module {
 public:
  struct Result {
    Tensor logits, mean, log_variance;
  };

  // x (N, pixels) in 0 … 1
  Result operator()(const Tensor& x) {
    const Tensor h = encoder(x), mean = to_mean(h), log_variance = to_log_variance(h);
    const Tensor z = mean + randn_like(mean) * (log_variance / 2).exp();
    return {decoder(z), mean, log_variance};
  }
  // z (N, latent), gives pictures (N, pixels)
  Tensor decode(const Tensor& z) { return decoder(z).sigmoid(); }

 private:
  Sequential& encoder = register_module("encoder", Sequential{Linear(kPixels, 256), ReLU()});
  Linear& to_mean = register_module("to_mean", Linear(256, kLatent));
  Linear& to_log_variance = register_module("to_log_variance", Linear(256, kLatent));
  Sequential& decoder =
      register_module("decoder", Sequential{Linear(kLatent, 256), ReLU(), Linear(256, kPixels)});
};

/// The evidence's lower bound, negated: how badly the picture is rebuilt, and how far the latent
/// distribution is from a normal one; per picture.
Tensor loss_of(const VAE::Result& r, const Tensor& x) {
  const Tensor rebuilt =
      binary_cross_entropy_with_logits(r.logits, x, {.reduction = LossReduction::sum});
  const Tensor distance =
      (1 + r.log_variance - r.mean.square() - r.log_variance.exp()).sum() * -0.5;
  return (rebuilt + distance) / static_cast<double>(x.size(0));
}

/// Pictures (n · n, pixels) side by side, as bytes.
Tensor grid(const Tensor& pictures, int64_t n) {
  const Tensor rows = pictures.reshape({n, n, kSide, kSide}).permute({0, 2, 1, 3});
  return (rows.reshape({n * kSide, n * kSide}) * 255).round().to(uint8).contiguous();
}

int main(int argc, char** argv) {
  const int epochs = argc > 1 ? std::atoi(argv[1]) : 20;
  const char* const picture = argc > 2 ? argv[2] : "vae.png";
  // Grey, from 0 to 1.
  const auto grey = [](const Tensor& image) { return ToTensor()(image).mean(0).flatten(); };
  const auto data =
      std::make_shared<SyntheticCIFAR10>(true, grey, SyntheticCIFAR10Options{.size = 4096});
  DataLoader loader(data, {.batch_size = 128, .shuffle = true});

  manual_seed(0);
  const Device device(cuda::is_available() ? "cuda" : "cpu");
  VAE model;
  model.to(device);
  Adam optimizer(model.parameters(), {.lr = 1e-3});

  for (int epoch = 1; epoch <= epochs; ++epoch) {
    Tensor total = zeros({}, {.device = device});
    for (const auto& [images, targets] : loader) {
      const Tensor x = images.to(device);
      const Tensor loss = loss_of(model(x), x);
      optimizer.zero_grad();
      loss.backward();
      optimizer.step();
      total += loss.detach();
    }
    std::printf("epoch %d, loss: %.2f\n", epoch, total.item() / static_cast<double>(loader.size()));
  }

  const NoGradGuard no_grad;
  write_image(grid(model.decode(randn({64, kLatent}).to(device)).cpu(), 8), picture);
  std::printf("wrote %s\n", picture);
}
