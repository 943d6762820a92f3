// The passes of the tutorial network's three convolutions, each with the pooling behind it, batch
// 64: forward with bias; the gradient of the input; those of weight and bias in one; and all of the
// backward.
#include <cuttle/cuttle.h>
#include <cuttle/kernels/conv2d_pool.h>

#include "worker.h"

namespace cuttle::bench {

namespace {

using kernels::Conv2dPoolShape;

constexpr int kInGraph = 20;

Conv2dPoolShape layer(int number, bool small) {
  const int64_t channels[] = {3, 32, 32, 64}, size = (small ? 8 : 32) >> (number - 1);
  return {.conv = {.n = small ? 1 : 64,
                   .c = channels[number - 1],
                   .h = size,
                   .w = size,
                   .o = channels[number],
                   .kh = 5,
                   .kw = 5,
                   .oh = size,
                   .ow = size,
                   .padding_h = 2,
                   .padding_w = 2},
          .relu = false};
}

/// What the passes read and write, dense.
struct Data {
  explicit Data(const Conv2dPoolShape& shape_)
      : shape(shape_),
        x(rand({shape.conv.n, shape.conv.h, shape.conv.w, shape.conv.c}).to("cuda")),
        weight(rand({shape.conv.o, shape.conv.kh, shape.conv.kw, shape.conv.c}).to("cuda")),
        bias(rand({shape.conv.o}).to("cuda")),
        dy(rand({shape.conv.n, shape.ph(), shape.pw(), shape.conv.o}).to("cuda")),
        index(zeros({shape.conv.n, shape.ph(), shape.pw(), shape.conv.o},
                    {.dtype = DType::uint8, .device = "cuda"})),
        y(zeros_like(dy)),
        dx(zeros_like(x)),
        dweight(zeros_like(weight)),
        dbias(zeros_like(bias)) {}

  void forward() {
    kernels::conv2d_pool_forward<float>(cuda::current_stream().native(), shape, x.data<float>(),
                                        weight.data<float>(), bias.data<float>(), y.data<float>(),
                                        index.data<uint8_t>());
  }
  void input_gradient() {
    kernels::conv2d_pool_backward_input<float>(cuda::current_stream().native(), shape,
                                               dy.data<float>(), index.data<uint8_t>(),
                                               weight.data<float>(), dx.data<float>());
  }
  void weight_gradient() {
    kernels::conv2d_pool_backward_weight<float>(
        cuda::current_stream().native(), shape, x.data<float>(), dy.data<float>(),
        index.data<uint8_t>(), dweight.data<float>(), dbias.data<float>());
  }

  Conv2dPoolShape shape;
  Tensor x, weight, bias, dy, index;
  Tensor y, dx, dweight, dbias;
};

}  // namespace

std::vector<Case> convolution_cases(bool small) {
  std::vector<Case> cases;
  for (int number = 1; number <= 3; ++number) {
    const auto add = [&](const std::string& pass, void (*run)(Data&)) {
      const std::string name = "convolution " + std::to_string(number) + "/" + pass;
      const auto prepare = [=]() -> Call {
        const auto data = std::make_shared<Data>(layer(number, small));
        data->forward();  // the places of the largest elements, for the backward
        return [=](int) { run(*data); };
      };
      for (const auto& [precision, tf32] : kPrecisions)
        cases.push_back({name + precision, prepare, tf32, kInGraph});
    };
    add("forward", [](Data& data) { data.forward(); });
    add("weight gradient", [](Data& data) { data.weight_gradient(); });
    if (number == 1) {  // the images need no gradient
      add("backward", [](Data& data) { data.weight_gradient(); });
      continue;
    }
    add("input gradient", [](Data& data) { data.input_gradient(); });
    add("backward", [](Data& data) {
      data.input_gradient();
      data.weight_gradient();
    });
  }
  return cases;
}

}  // namespace cuttle::bench
