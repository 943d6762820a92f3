// The network of the CIFAR-10 speed records: whitened patches, then three pairs of convolutions.
#pragma once

#include <cuttle/cuttle.h>

/// Two 3 × 3 convolutions without bias, a pooling between; filters begin by handing channels on.
class ConvGroup : public cuttle::Module {
 public:
  ConvGroup(int64_t in, int64_t out);
  cuttle::Tensor forward(const cuttle::Tensor& x) override { return layers(x); }
  cuttle::Sequential& layers;
};

/// x (N, 3, 32, 32), gives logits (N, 10). `width` is that of the first group, a quarter of the
/// others'. `images` (M, 3, H, W), normalised, are what the first layer whitens.
class FastNet : public cuttle::Module {
 public:
  FastNet(int64_t width, const cuttle::Tensor& images);
  cuttle::Tensor forward(const cuttle::Tensor& x) override;

  /// What each optimizer, or group of one, trains.
  std::vector<cuttle::Tensor> filters() const;
  std::vector<cuttle::Tensor> norm_biases() const;

  cuttle::Conv2d& whiten;
  cuttle::Sequential& body;
  cuttle::Linear& head;

 private:
  std::vector<cuttle::Tensor> trained(bool matrices) const;
};
