// What reductions compute: one struct each, from which kernels/cpu and kernels/cuda make loops. An
// operation over elements of type T has
//   T, Out                     the types of its inputs and of its result
//   Partial                    what threads and blocks exchange: trivially copyable, whole words
//   none()                     the Partial of no element
//   combine(a, b)              the Partial of both; combine(b, a) is the same, but for the sign of
//                              a zero and the bits of a NaN
//   finish(partial)            the result
// and for the loop of a thread over its elements, which has to be short,
//   Running                    what it keeps
//   start()                    before its first element
//   add(running, x, round)     one more element; the first has round 0, and rounds rise by 1
//   partial(running, f, s)     the Partial of what was added, ≥ 1 element, of which the one of
//                              round r has the position f + r · s among the output's inputs
//   kLanes                     running results that a CPU thread keeps beside each other
#pragma once

#include <cmath>

#include "reduce_values.h"

namespace cuttle::kernels {

/// The sum of a Term of each element (reduce_terms.h). Integers wrap around. With kCompensated a
/// thread's sum of floating numbers is (Kahan, "Further remarks on reducing truncation errors",
/// 1965), so that its error does not grow with their count: three additions more for each, which a
/// memory-bound kernel has time for.
template <class Element, class Term, bool kCompensated>
struct Sum {
  using T = Element;
  using Out = typename Term::Out;
  using Total = typename Term::Total;
  using Partial = Total;
  struct Plain {
    Total sum;
  };
  struct Compensated {
    Total sum, excess;  // excess: what rounding has put into sum
  };
  static constexpr bool kKeepsExcess = kCompensated && std::is_floating_point_v<Total>;
  using Running = std::conditional_t<kKeepsExcess, Compensated, Plain>;
  static constexpr int kLanes = 16;

  CUTTLE_HOST_DEVICE Partial none() const { return Total(0); }
  CUTTLE_HOST_DEVICE Partial combine(Partial a, Partial b) const { return a + b; }
  CUTTLE_HOST_DEVICE Out finish(Partial sum) const { return term.result(sum); }

  CUTTLE_HOST_DEVICE Running start() const { return {}; }
  CUTTLE_HOST_DEVICE void add(Running& running, T element, uint32_t) const {
    const Total x = term.of(element);
    if constexpr (kKeepsExcess) {
      const Total rest = x - running.excess;
      const Total sum = running.sum + rest;
      const Total excess = (sum - running.sum) - rest;
      running = {sum, excess - excess == Total(0) ? excess : Total(0)};  // ∞ stays infinite
    } else {
      running.sum += x;
    }
  }
  CUTTLE_HOST_DEVICE Partial partial(const Running& running, int64_t, int64_t) const {
    return running.sum;
  }

  Term term;
};

/// Π x. Integers wrap around.
template <class Element, class A>
struct Product {
  using T = Element;
  using Out = SumType<T>;
  using Partial = SumTotal<T, A>;
  using Running = Partial;
  static constexpr int kLanes = 16;

  CUTTLE_HOST_DEVICE Partial none() const { return Partial(1); }
  CUTTLE_HOST_DEVICE Partial combine(Partial a, Partial b) const { return a * b; }
  CUTTLE_HOST_DEVICE Out finish(Partial product) const { return static_cast<Out>(product); }

  CUTTLE_HOST_DEVICE Running start() const { return Partial(1); }
  CUTTLE_HOST_DEVICE void add(Running& running, T x, uint32_t) const {
    running *= static_cast<Partial>(x);
  }
  CUTTLE_HOST_DEVICE Partial partial(const Running& running, int64_t, int64_t) const {
    return running;
  }
};

/// The largest element, or the smallest, or that of the magnitudes. A NaN counts as both.
template <class Element, Side side, bool kMagnitude = false>
struct Extreme {
  using T = Element;
  using Out = T;
  using Partial = Held<T>;
  using Running = Partial;
  static constexpr int kLanes = 16;

  CUTTLE_HOST_DEVICE Partial none() const { return kMagnitude && kIsLargest ? Partial(0) : kWorst; }
  CUTTLE_HOST_DEVICE Partial combine(Partial a, Partial b) const {
    return beats<side>(b, a) ? b : a;
  }
  CUTTLE_HOST_DEVICE Out finish(Partial best) const { return static_cast<T>(best); }

  CUTTLE_HOST_DEVICE Running start() const { return kWorst; }
  CUTTLE_HOST_DEVICE void add(Running& best, T element, uint32_t) const {
    Partial x = static_cast<Partial>(element);
    if constexpr (kMagnitude) x = std::abs(x);
    best = beats<side>(x, best) ? x : best;
  }
  CUTTLE_HOST_DEVICE Partial partial(const Running& best, int64_t, int64_t) const { return best; }

 private:
  static constexpr bool kIsLargest = side == Side::largest;
  static constexpr Partial kWorst = kIsLargest ? kLeast<Partial> : kMost<Partial>;
};

/// The same with the position of the first that is such.
template <class Element, Side side>
struct Found {
  using T = Element;
  using Out = FoundAt<T>;
  struct Partial {
    int64_t at;  // −1: none yet
    Held<T> value;
  };
  struct Running {
    Held<T> value;
    uint32_t round;
  };
  static constexpr int kLanes = 8;

  CUTTLE_HOST_DEVICE Partial none() const { return {-1, 0}; }
  CUTTLE_HOST_DEVICE Partial combine(const Partial& a, const Partial& b) const {
    if (a.at < 0 || b.at < 0) return a.at < 0 ? b : a;
    const bool nan_a = a.value != a.value, nan_b = b.value != b.value;
    if (nan_a != nan_b) return nan_a ? a : b;
    if (!nan_a && a.value != b.value) return beats<side>(a.value, b.value) ? a : b;
    return a.at < b.at ? a : b;
  }
  CUTTLE_HOST_DEVICE Out finish(const Partial& best) const {
    return {static_cast<T>(best.value), best.at};
  }

  /// Right for the worst value too: where nothing is better, the element of round 0 is the first.
  CUTTLE_HOST_DEVICE Running start() const {
    return {side == Side::largest ? kLeast<Held<T>> : kMost<Held<T>>, 0};
  }
  CUTTLE_HOST_DEVICE void add(Running& best, T element, uint32_t round) const {
    const Held<T> x = static_cast<Held<T>>(element);
    if (beats<side>(x, best.value)) best = {x, round};
  }
  CUTTLE_HOST_DEVICE Partial partial(const Running& best, int64_t first, int64_t step) const {
    return {first + best.round * step, best.value};
  }
};

/// The variance or, with `root`, the standard deviation; and the mean. Welford, "Note on a method
/// for calculating corrected sums of squares and products", 1962; parts are joined as by Chan,
/// Golub and LeVeque, "Updating formulae and a pairwise algorithm for computing sample variances",
/// 1979.
template <class Element, class A>
struct Variance {
  using T = Element;
  using Out = VarianceAndMean<T>;
  struct alignas(16) Partial {  // 16 or 32 bytes: read as one pack
    int64_t count;
    A mean, squares;  // squares: Σ (x − mean)²
  };
  struct Running {
    A mean, squares;
    uint32_t count;
  };
  static constexpr int kLanes = 4;

  CUTTLE_HOST_DEVICE Partial none() const { return {0, 0, 0}; }
  CUTTLE_HOST_DEVICE Partial combine(const Partial& a, const Partial& b) const {
    if (a.count == 0 || b.count == 0) return a.count == 0 ? b : a;
    const A count = static_cast<A>(a.count + b.count);
    const A of_a = static_cast<A>(a.count) / count, of_b = static_cast<A>(b.count) / count;
    const A apart = b.mean - a.mean;
    return {a.count + b.count, of_a * a.mean + of_b * b.mean,
            (a.squares + b.squares) + apart * apart * (of_a * of_b * count)};
  }
  CUTTLE_HOST_DEVICE Out finish(const Partial& all) const {
    const A freedom = static_cast<A>(all.count) - correction;
    const A variance = all.squares / (freedom > A(0) ? freedom : A(0));
    return {static_cast<T>(root ? std::sqrt(variance) : variance),
            static_cast<T>(all.count > 0 ? all.mean : kNoMean)};
  }

  CUTTLE_HOST_DEVICE Running start() const { return {0, 0, 0}; }
  CUTTLE_HOST_DEVICE void add(Running& running, T element, uint32_t round) const {
    const A x = static_cast<A>(element);
    const A apart = x - running.mean;
    running.mean += apart * (A(1) / static_cast<A>(round + 1));
    running.squares += apart * (x - running.mean);
    running.count = round + 1;
  }
  CUTTLE_HOST_DEVICE Partial partial(const Running& running, int64_t, int64_t) const {
    return {running.count, running.mean, running.squares};
  }

  static constexpr A kNoMean = std::numeric_limits<A>::quiet_NaN();

  A correction;
  bool root;
};

/// log Σ exp(x): the largest element and Σ exp(x − largest), which is scaled when a larger one
/// comes. Infinities meet equals only, so that ∞ − ∞ is never formed.
template <class Element, class A>
struct LogSumExp {
  using T = Element;
  using Out = T;
  struct Partial {
    A sum;
    Compute<T> largest;
  };
  using Running = Partial;
  static constexpr int kLanes = 4;

  CUTTLE_HOST_DEVICE Partial none() const { return {0, kLeast<Compute<T>>}; }
  CUTTLE_HOST_DEVICE Partial combine(const Partial& a, const Partial& b) const {
    if (a.largest == b.largest) return {a.sum + b.sum, a.largest};
    const bool a_leads = a.largest > b.largest;
    const Partial &more = a_leads ? a : b, &less = a_leads ? b : a;
    return {more.sum + less.sum * static_cast<A>(std::exp(less.largest - more.largest)),
            more.largest};
  }
  CUTTLE_HOST_DEVICE Out finish(const Partial& all) const {
    return static_cast<T>(static_cast<A>(all.largest) + std::log(all.sum));
  }

  CUTTLE_HOST_DEVICE Running start() const { return none(); }
  CUTTLE_HOST_DEVICE void add(Running& running, T element, uint32_t) const {
    const Compute<T> x = static_cast<Compute<T>>(element);
    const A scale =
        x == running.largest ? A(1) : static_cast<A>(std::exp(-std::abs(x - running.largest)));
    const bool rises = !(x <= running.largest);  // so does a NaN
    running.sum = rises ? running.sum * scale + A(1) : running.sum + scale;
    running.largest = rises ? x : running.largest;
  }
  CUTTLE_HOST_DEVICE Partial partial(const Running& running, int64_t, int64_t) const {
    return running;
  }
};

}  // namespace cuttle::kernels
