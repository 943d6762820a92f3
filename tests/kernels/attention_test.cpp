// Attention, forward and backward, against its formulas in double, with strided rows and masks.
#include <cuttle/kernels/attention.h>

#include "backend.h"

namespace cuttle::test {
namespace {

using namespace kernels;

template <class Backend>
using AttentionTest = KernelTest<Backend>;
TYPED_TEST_SUITE(AttentionTest, Backends, BackendName);

/// An array (batch, rows, heads, width), as projections lie.
template <class T>
HeadRows<T> rows_at(T* at, int64_t heads, int64_t rows, int64_t width) {
  return {at, rows * heads * width, width, heads * width};
}

struct Oracle {
  std::vector<double> out, terms, dquery, dkey, dvalue;
};

struct Arrays {
  std::vector<double> query, key, value, dout;
};

/// By the matrix of scores.
Oracle oracle(const AttentionShape& s, const Arrays& in, const std::vector<double>& added) {
  Oracle r{std::vector<double>(in.dout.size()),
           {},
           std::vector<double>(in.query.size()),
           std::vector<double>(in.key.size()),
           std::vector<double>(in.value.size())};
  const auto place = [&](int64_t b, int64_t h, int64_t row, int64_t rows, int64_t width) {
    return static_cast<size_t>(((b * rows + row) * s.heads + h) * width);
  };
  for (int64_t matrix = 0; matrix < s.head_count(); ++matrix)
    for (int64_t i = 0; i < s.queries; ++i) {
      const int64_t b = matrix / s.heads, h = matrix % s.heads;
      const size_t q = place(b, h, i, s.queries, s.width);
      const size_t o = place(b, h, i, s.queries, s.value_width);
      std::vector<double> weight(static_cast<size_t>(s.keys)), slope(weight.size());
      double sum = 0, dot = 0;
      for (int64_t j = 0; j < s.keys; ++j) {
        const size_t k = place(b, h, j, s.keys, s.width);
        const size_t v = place(b, h, j, s.keys, s.value_width);
        double score = 0;
        for (int64_t e = 0; e < s.width; ++e) score += in.query[q + e] * in.key[k + e];
        score = score * s.scale + (added.empty() ? 0 : added[i * s.keys + j]);
        const bool seen = !s.causal || j <= i;
        weight[j] = seen ? std::exp(score) : 0;
        sum += weight[j];
        for (int64_t e = 0; e < s.value_width; ++e) slope[j] += in.dout[o + e] * in.value[v + e];
      }
      r.terms.push_back(sum > 0 ? std::log(sum) : INFINITY);
      for (double& w : weight) w = sum > 0 ? w / sum : 0;
      for (size_t j = 0; j < weight.size(); ++j) dot += weight[j] * slope[j];
      for (int64_t j = 0; j < s.keys; ++j) {
        const size_t k = place(b, h, j, s.keys, s.width);
        const size_t v = place(b, h, j, s.keys, s.value_width);
        const double ds = weight[j] * (slope[j] - dot) * s.scale;
        for (int64_t e = 0; e < s.value_width; ++e) {
          r.out[o + e] += weight[j] * in.value[v + e];
          r.dvalue[v + e] += weight[j] * in.dout[o + e];
        }
        for (int64_t e = 0; e < s.width; ++e) {
          r.dquery[q + e] += ds * in.key[k + e];
          r.dkey[k + e] += ds * in.query[q + e];
        }
      }
    }
  return r;
}

template <class T, class Backend>
void check(const KernelTest<Backend>& test, const AttentionShape& s, bool masked) {
  const auto values = [](int64_t count, unsigned seed) {
    return random_values<T>(static_cast<size_t>(count), seed);
  };
  const auto query = values(s.head_count() * s.queries * s.width, 1);
  const auto key = values(s.head_count() * s.keys * s.width, 2);
  const auto value = values(s.head_count() * s.keys * s.value_width, 3);
  const auto dout = values(s.head_count() * s.queries * s.value_width, 4);
  const auto added = values(masked ? s.queries * s.keys : 0, 5);
  const auto wide = [](const std::vector<T>& x) { return std::vector<double>(x.begin(), x.end()); };
  const Oracle expected = oracle(s, {wide(query), wide(key), wide(value), wide(dout)}, wide(added));

  auto q = test.template upload<T>(query), k = test.template upload<T>(key);
  auto v = test.template upload<T>(value), slopes = test.template upload<T>(dout);
  auto mask = test.template upload<T>(added);
  auto out = test.template unset<T>(dout.size());
  auto terms = test.template unset<T>(expected.terms.size());
  auto dots = test.template unset<T>(expected.terms.size());
  auto dq = test.template unset<T>(query.size()), dk = test.template unset<T>(key.size());
  auto dv = test.template unset<T>(value.size());
  AttentionOperands<T> in{rows_at<const T>(q.data(), s.heads, s.queries, s.width),
                          rows_at<const T>(k.data(), s.heads, s.keys, s.width),
                          rows_at<const T>(v.data(), s.heads, s.keys, s.value_width),
                          {}};
  if (masked) {
    in.mask.added = mask.data();
    in.mask.row = s.keys;
    in.mask.column = 1;
  }
  const auto result = rows_at<T>(out.data(), s.heads, s.queries, s.value_width);
  attention_forward<T>(test.stream, s, in, result, terms.data());
  const double tolerance = kEpsilon<T> * (16 + 4 * std::sqrt(double(s.width + s.keys)));
  expect_close(out.to_host(), expected.out, tolerance, tolerance, "out");
  expect_close(terms.to_host(), expected.terms, tolerance, tolerance, "terms");

  const AttentionSaved<T> saved{rows_at<const T>(out.data(), s.heads, s.queries, s.value_width),
                                rows_at<const T>(slopes.data(), s.heads, s.queries, s.value_width),
                                terms.data(), dots.data()};
  attention_backward<T>(test.stream, s, in, saved,
                        {rows_at<T>(dq.data(), s.heads, s.queries, s.width),
                         rows_at<T>(dk.data(), s.heads, s.keys, s.width),
                         rows_at<T>(dv.data(), s.heads, s.keys, s.value_width)});
  const double sums = 4 * tolerance * (1 + std::sqrt(double(s.queries)));
  expect_close(dq.to_host(), expected.dquery, sums, tolerance, "dquery");
  expect_close(dk.to_host(), expected.dkey, sums, tolerance, "dkey");
  expect_close(dv.to_host(), expected.dvalue, sums, tolerance, "dvalue");
}

TYPED_TEST(AttentionTest, FollowsTheOracle) {
  const AttentionShape shapes[] = {
      {.batch = 1, .heads = 1, .queries = 1, .keys = 1, .width = 1, .value_width = 1},
      {.batch = 2, .heads = 2, .queries = 31, .keys = 33, .width = 5, .value_width = 3},
      {.batch = 1, .heads = 1, .queries = 65, .keys = 70, .width = 33, .value_width = 65},
      {.batch = 1, .heads = 1, .queries = 2, .keys = 1025, .width = 2, .value_width = 2},
      {.batch = 1, .heads = 1, .queries = 3, .keys = 2, .width = 256, .value_width = 256},
      {.batch = 4, .heads = 4, .queries = 3, .keys = 4, .width = 2, .value_width = 2},
      {.batch = 1, .heads = 2, .queries = 3, .keys = 0, .width = 2, .value_width = 2},
      {.batch = 0, .heads = 2, .queries = 3, .keys = 3, .width = 2, .value_width = 2}};
  for (AttentionShape s : shapes)
    for (const bool causal : {false, true}) {
      s.scale = 0.7;
      s.causal = causal;
      check<float>(*this, s, !causal);
      check<double>(*this, s, causal);
    }
}

}  // namespace
}  // namespace cuttle::test
