// How the outputs of a resampling lie on its inputs along one dimension. An axis over elements of
// type T has
//   taps(o)       the inputs of output o: a range, inclusive
//   reach(i)      outputs among which all are that input i has a part in
//   weight(o, i)  the part, 0 where there is none
//   divisor(o)    by which the weighted sum is divided
#pragma once

#include <cmath>

#include "host_device.h"
#include "resample.h"

namespace cuttle::kernels::resampling {

struct Range {
  int first, last;
};

CUTTLE_HOST_DEVICE inline int least(int a, int b) {
  return a < b ? a : b;
}
CUTTLE_HOST_DEVICE inline int most(int a, int b) {
  return a > b ? a : b;
}

/// Average pooling: windows of `kernel` inputs, `stride` apart.
template <class T>
struct WindowAxis {
  explicit WindowAxis(const ResampleAxis& axis)
      : in(static_cast<int>(axis.in)),
        out(static_cast<int>(axis.out)),
        kernel(static_cast<int>(axis.kernel)),
        stride(static_cast<int>(axis.stride)),
        padding(static_cast<int>(axis.padding)),
        fixed(axis.divisor),
        counts_padding(axis.counts_padding) {}

  CUTTLE_HOST_DEVICE Range taps(int o) const {
    const int begin = o * stride - padding;
    return {most(begin, 0), least(begin + kernel, in) - 1};
  }
  CUTTLE_HOST_DEVICE Range reach(int i) const {
    const int end = i + padding, begin = end - kernel + 1;
    return {begin <= 0 ? 0 : (begin + stride - 1) / stride, least(end / stride, out - 1)};
  }
  CUTTLE_HOST_DEVICE T weight(int, int) const { return T(1); }
  CUTTLE_HOST_DEVICE T divisor(int o) const {
    if (fixed != 0) return static_cast<T>(fixed);
    const int begin = o * stride - padding;
    if (counts_padding) return static_cast<T>(least(begin + kernel, in + padding) - begin);
    return static_cast<T>(least(begin + kernel, in) - most(begin, 0));
  }

  int in, out, kernel, stride, padding;
  int64_t fixed;
  bool counts_padding;
};

/// Adaptive average pooling: windows from ⌊o · in / out⌋ to before ⌈(o + 1) · in / out⌉.
template <class T>
struct AdaptiveAxis {
  explicit AdaptiveAxis(const ResampleAxis& axis)
      : in(static_cast<uint32_t>(axis.in)), out(static_cast<uint32_t>(axis.out)) {}

  CUTTLE_HOST_DEVICE Range taps(int o) const { return share(o, in, out); }
  CUTTLE_HOST_DEVICE Range reach(int i) const { return share(i, out, in); }
  CUTTLE_HOST_DEVICE T weight(int, int) const { return T(1); }
  CUTTLE_HOST_DEVICE T divisor(int o) const {
    const Range window = taps(o);
    return static_cast<T>(window.last - window.first + 1);
  }

  /// For (of + 1) · (by + 1) < 2³².
  CUTTLE_HOST_DEVICE static Range share(int k, uint32_t of, uint32_t by) {
    const uint32_t begin = static_cast<uint32_t>(k) * of;
    return {static_cast<int>(begin / by), static_cast<int>((begin + of + by - 1) / by) - 1};
  }

  uint32_t in, out;
};

/// What interpolations share: output o lies at (o + ½) · scale − ½ among the inputs, with aligned
/// corners at o · scale.
template <class T>
struct InterpolationAxis {
  explicit InterpolationAxis(const ResampleAxis& axis)
      : in(static_cast<int>(axis.in)),
        out(static_cast<int>(axis.out)),
        scale(static_cast<T>(axis.scale)),
        outputs_each(static_cast<T>(axis.scale > 0 ? 1 / axis.scale : 0)),
        aligned(axis.align_corners) {}

  CUTTLE_HOST_DEVICE T position(int o) const {
    return aligned ? scale * static_cast<T>(o) : scale * (static_cast<T>(o) + T(0.5)) - T(0.5);
  }
  /// Outputs whose positions are nearer than `support` to input i; those beyond the ends belong to
  /// the ends. Some more at both sides, for positions are rounded: weight() is 0 of these.
  CUTTLE_HOST_DEVICE Range near(int i, T support) const {
    const int slack = 2 + (out >> 20);
    const T middle = static_cast<T>(i);
    const bool all = !(scale > T(0));
    return {all || i == 0 ? 0 : clamped(output_at(middle - support), -slack),
            all || i == in - 1 ? out - 1 : clamped(output_at(middle + support), slack)};
  }
  CUTTLE_HOST_DEVICE T divisor(int) const { return T(1); }

  CUTTLE_HOST_DEVICE T output_at(T place) const {
    return aligned ? place * outputs_each : (place + T(0.5)) * outputs_each - T(0.5);
  }
  CUTTLE_HOST_DEVICE int clamped(T output, int by) const {
    const T least_one = T(0), most_one = static_cast<T>(out);
    const int whole = static_cast<int>(output < least_one  ? least_one
                                       : output > most_one ? most_one
                                                           : output);
    return least(most(whole + by, 0), out - 1);
  }

  int in, out;
  T scale, outputs_each;  // inputs an output; its inverse
  bool aligned;
};

/// The input in whose cell an output begins, or, `kExact`, lies. In float, as PyTorch computes it
/// for every type.
template <class T, bool kExact>
struct NearestAxis : InterpolationAxis<float> {
  explicit NearestAxis(const ResampleAxis& axis) : InterpolationAxis<float>(axis) {}

  CUTTLE_HOST_DEVICE int source(int o) const {
    const float at = (static_cast<float>(o) + (kExact ? 0.5f : 0.0f)) * scale;
    return least(static_cast<int>(at), in - 1);
  }
  CUTTLE_HOST_DEVICE Range taps(int o) const { return {source(o), source(o)}; }
  CUTTLE_HOST_DEVICE Range reach(int i) const { return near(i, 2.0f); }
  CUTTLE_HOST_DEVICE T weight(int o, int i) const { return T(source(o) == i); }
  CUTTLE_HOST_DEVICE T divisor(int) const { return T(1); }
};

/// Between the two inputs beside an output.
template <class T>
struct LinearAxis : InterpolationAxis<T> {
  explicit LinearAxis(const ResampleAxis& axis) : InterpolationAxis<T>(axis) {}

  CUTTLE_HOST_DEVICE T place(int o) const {
    const T at = this->position(o);
    return at < T(0) ? T(0) : at;
  }
  CUTTLE_HOST_DEVICE Range taps(int o) const {
    const int first = least(static_cast<int>(place(o)), this->in - 1);
    return {first, least(first + 1, this->in - 1)};
  }
  CUTTLE_HOST_DEVICE Range reach(int i) const { return this->near(i, T(1)); }
  CUTTLE_HOST_DEVICE T weight(int o, int i) const {
    const Range both = taps(o);
    const T rest = place(o) - static_cast<T>(both.first);
    return (i == both.first ? T(1) - rest : T(0)) + (i == both.last ? rest : T(0));
  }
};

/// Keys, "Cubic convolution interpolation for digital image processing", 1981, with a = −¾; inputs
/// beyond the ends are those at the ends.
template <class T>
struct CubicAxis : InterpolationAxis<T> {
  explicit CubicAxis(const ResampleAxis& axis) : InterpolationAxis<T>(axis) {}

  CUTTLE_HOST_DEVICE int inside(int i) const { return least(most(i, 0), this->in - 1); }
  CUTTLE_HOST_DEVICE Range taps(int o) const {
    const int whole = static_cast<int>(std::floor(this->position(o)));
    return {inside(whole - 1), inside(whole + 2)};
  }
  CUTTLE_HOST_DEVICE Range reach(int i) const { return this->near(i, T(2)); }
  CUTTLE_HOST_DEVICE T weight(int o, int i) const {
    const T at = this->position(o);
    const int whole = static_cast<int>(std::floor(at));
    T sum = 0;
    for (int k = whole - 1; k <= whole + 2; ++k)
      if (inside(k) == i) sum += of_distance(std::fabs(at - static_cast<T>(k)));
    return sum;
  }

  CUTTLE_HOST_DEVICE static T of_distance(T x) {
    constexpr T a = T(-0.75);
    if (x <= T(1)) return ((a + T(2)) * x - (a + T(3))) * x * x + T(1);
    return x < T(2) ? ((a * x - T(5) * a) * x + T(8) * a) * x - T(4) * a : T(0);
  }
};

/// The axis as the kernel walks it: from inputs to outputs, or, for the gradient, back.
template <class Axis, class T>
struct Forward {
  CUTTLE_HOST_DEVICE Range sources(int o) const { return axis.taps(o); }
  CUTTLE_HOST_DEVICE T weight(int o, int i) const { return axis.weight(o, i); }
  CUTTLE_HOST_DEVICE T divisor(int o) const { return axis.divisor(o); }
  Axis axis;
};
template <class Axis, class T>
struct Backward {
  CUTTLE_HOST_DEVICE Range sources(int i) const { return axis.reach(i); }
  CUTTLE_HOST_DEVICE T weight(int i, int o) const { return axis.weight(o, i) / axis.divisor(o); }
  CUTTLE_HOST_DEVICE T divisor(int) const { return T(1); }
  Axis axis;
};

/// Calls f(height, width) with the walks of the mode's axes, forward or backward.
template <class T, class F>
void visit(const ResampleShape& shape, bool backward, F f) {
  const auto with = [&]<class Axis>() {
    if (backward)
      f(Backward<Axis, T>{Axis(shape.height)}, Backward<Axis, T>{Axis(shape.width)});
    else
      f(Forward<Axis, T>{Axis(shape.height)}, Forward<Axis, T>{Axis(shape.width)});
  };
  switch (shape.mode) {
    case ResampleMode::average:
      return with.template operator()<WindowAxis<T>>();
    case ResampleMode::adaptive:
      return with.template operator()<AdaptiveAxis<T>>();
    case ResampleMode::nearest:
      return with.template operator()<NearestAxis<T, false>>();
    case ResampleMode::nearest_exact:
      return with.template operator()<NearestAxis<T, true>>();
    case ResampleMode::linear:
      return with.template operator()<LinearAxis<T>>();
    case ResampleMode::cubic:
      return with.template operator()<CubicAxis<T>>();
  }
}

}  // namespace cuttle::kernels::resampling
