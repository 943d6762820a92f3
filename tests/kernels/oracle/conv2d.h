// Convolution by its definition: seven plain loops. Sums in long double, because double's own
// rounding errors would show in the tests of double kernels.
#pragma once

#include <cuttle/kernels/conv2d.h>

#include <vector>

namespace cuttle::test::oracle {

/// Calls f(x index, weight index, y index) for every product of the convolution.
template <class F>
void for_each_product(const kernels::Conv2dShape& s, F f) {
  const int64_t group_c = s.c / s.groups, group_o = s.o / s.groups;
  for (int64_t n = 0; n < s.n; ++n)
    for (int64_t oh = 0; oh < s.oh; ++oh)
      for (int64_t ow = 0; ow < s.ow; ++ow)
        for (int64_t o = 0; o < s.o; ++o)
          for (int64_t kh = 0; kh < s.kh; ++kh)
            for (int64_t kw = 0; kw < s.kw; ++kw) {
              const int64_t h = oh * s.stride_h - s.padding_h + kh * s.dilation_h;
              const int64_t w = ow * s.stride_w - s.padding_w + kw * s.dilation_w;
              if (h < 0 || h >= s.h || w < 0 || w >= s.w) continue;
              for (int64_t c = 0; c < group_c; ++c)
                f(((n * s.h + h) * s.w + w) * s.c + o / group_o * group_c + c,
                  ((o * s.kh + kh) * s.kw + kw) * group_c + c,
                  ((n * s.oh + oh) * s.ow + ow) * s.o + o);
            }
}

template <class T>
std::vector<double> conv2d_forward(const kernels::Conv2dShape& s, const std::vector<T>& x,
                                   const std::vector<T>& weight, const std::vector<T>& bias) {
  std::vector<long double> y(s.n * s.oh * s.ow * s.o);
  for (size_t i = 0; i < y.size(); ++i) y[i] = bias[i % s.o];
  for_each_product(s, [&](int64_t in, int64_t filter, int64_t out) {
    y[out] += static_cast<long double>(x[in]) * weight[filter];
  });
  return {y.begin(), y.end()};
}

struct Conv2dGradients {
  std::vector<double> dx, dweight, dbias;
};

template <class T>
Conv2dGradients conv2d_backward(const kernels::Conv2dShape& s, const std::vector<T>& x,
                                const std::vector<T>& weight, const std::vector<T>& dy) {
  std::vector<long double> dx(x.size()), dweight(weight.size()), dbias(s.o);
  for_each_product(s, [&](int64_t in, int64_t filter, int64_t out) {
    dx[in] += static_cast<long double>(dy[out]) * weight[filter];
    dweight[filter] += static_cast<long double>(dy[out]) * x[in];
  });
  for (size_t i = 0; i < dy.size(); ++i) dbias[i % s.o] += dy[i];
  return {{dx.begin(), dx.end()}, {dweight.begin(), dweight.end()}, {dbias.begin(), dbias.end()}};
}

}  // namespace cuttle::test::oracle
