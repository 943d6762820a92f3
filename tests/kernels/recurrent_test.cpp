// Cells of recurrent layers: a step against its formulas in double, and its gradients against
// differences of these.
#include <cuttle/kernels/recurrent.h>

#include "backend.h"

namespace cuttle::test {
namespace {

using namespace kernels;

template <class Backend>
using RecurrentTest = KernelTest<Backend>;
TYPED_TEST_SUITE(RecurrentTest, Backends, BackendName);

double sigmoid(double x) {
  return 1 / (1 + std::exp(-x));
}

/// What one element reads: the gates, those of the hidden state (gru), and the step before.
struct Element {
  double gate[4] = {}, hidden_gate[3] = {}, before = 0;
};
struct Next {
  double h = 0, kept = 0;
};

Next formula(CellKind kind, const Element& e) {
  switch (kind) {
    case CellKind::rnn_tanh:
      return {std::tanh(e.gate[0]), 0};
    case CellKind::rnn_relu:
      return {std::max(e.gate[0], 0.0), 0};
    case CellKind::lstm: {
      const double c = sigmoid(e.gate[1]) * e.before + sigmoid(e.gate[0]) * std::tanh(e.gate[2]);
      return {sigmoid(e.gate[3]) * std::tanh(c), c};
    }
    case CellKind::gru: {
      const double r = sigmoid(e.gate[0] + e.hidden_gate[0]);
      const double z = sigmoid(e.gate[1] + e.hidden_gate[1]);
      const double candidate = std::tanh(e.gate[2] + r * e.hidden_gate[2]);
      return {(1 - z) * candidate + z * e.before, e.hidden_gate[2]};
    }
  }
  return {};
}

template <class T>
struct Step {
  int64_t rows, hidden, gates;
  std::vector<T> gate, hidden_gate, before, dy, dh, dc;

  Step(CellKind kind, int64_t row_count, int64_t width)
      : rows(row_count), hidden(width), gates(gates_of(kind)) {
    const auto values = [&](int64_t blocks, unsigned seed) {
      return random_values<T>(static_cast<size_t>(rows * hidden * blocks), seed, -3, 3);
    };
    gate = values(gates, 1), hidden_gate = values(3, 2), before = values(1, 3);
    dy = values(1, 4), dh = values(1, 5), dc = values(1, 6);
  }
  Element element(int64_t row, int64_t j) const {
    Element e;
    for (int64_t g = 0; g < gates; ++g)
      e.gate[g] = double(gate[static_cast<size_t>((row * gates + g) * hidden + j)]);
    for (int64_t g = 0; g < 3; ++g)
      e.hidden_gate[g] = double(hidden_gate[static_cast<size_t>((row * 3 + g) * hidden + j)]);
    e.before = double(before[static_cast<size_t>(row * hidden + j)]);
    return e;
  }
};

/// Σ of the results, each by the gradient that arrives: what is differentiated.
double loss(CellKind kind, const Element& e, double dh, double dc) {
  const Next next = formula(kind, e);
  return next.h * dh + (kind == CellKind::lstm ? next.kept * dc : 0);
}

/// Its derivative by the number that `at` names in the element.
template <class At>
double slope(CellKind kind, Element e, double dh, double dc, const At& at) {
  constexpr double kWidth = 1e-5;
  at(e) += kWidth;
  const double above = loss(kind, e, dh, dc);
  at(e) -= 2 * kWidth;
  return (above - loss(kind, e, dh, dc)) / (2 * kWidth);
}

template <class T, class Backend>
void check(const KernelTest<Backend>& test, CellKind kind, int64_t rows, int64_t hidden) {
  const Step<T> step(kind, rows, hidden);
  const size_t n = step.before.size();
  auto gates = test.template upload<T>(step.gate);
  auto hidden_gates = test.template upload<T>(step.hidden_gate);
  auto before = test.template upload<T>(step.before);
  auto kept = test.template unset<T>(n), h = test.template unset<T>(n);
  CellForward<T> forward{rows, hidden, gates.data()};
  forward.hidden_gates = hidden_gates.data();
  forward.before = before.data();
  forward.kept = kept.data();
  forward.h = h.data();
  cell_forward<T>(test.stream, kind, forward);

  auto dy = test.template upload<T>(step.dy), dh = test.template upload<T>(step.dh);
  auto dc = test.template upload<T>(step.dc);
  auto dgates = test.template unset<T>(step.gate.size());
  auto dhidden = test.template unset<T>(step.hidden_gate.size());
  CellBackward<T> backward{rows, hidden, gates.data()};
  backward.before = before.data();
  backward.kept = kept.data();
  backward.h = h.data();
  backward.dy = dy.data();
  backward.dh = dh.data();
  backward.dc = dc.data();
  backward.dgates = dgates.data();
  backward.dhidden_gates = dhidden.data();
  cell_backward<T>(test.stream, kind, backward);

  std::vector<double> expected_h, expected_kept, expected_gates(step.gate.size());
  std::vector<double> expected_before, expected_candidate;
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t j = 0; j < hidden; ++j) {
      const Element e = step.element(row, j);
      const size_t at = static_cast<size_t>(row * hidden + j);
      const Next next = formula(kind, e);
      expected_h.push_back(next.h);
      expected_kept.push_back(next.kept);
      const double g = double(step.dy[at]) + double(step.dh[at]), c = double(step.dc[at]);
      for (int64_t k = 0; k < step.gates; ++k)
        expected_gates[static_cast<size_t>((row * step.gates + k) * hidden + j)] =
            slope(kind, e, g, c, [k](Element& of) -> double& { return of.gate[k]; });
      expected_before.push_back(
          slope(kind, e, g, c, [](Element& of) -> double& { return of.before; }));
      expected_candidate.push_back(
          slope(kind, e, g, c, [](Element& of) -> double& { return of.hidden_gate[2]; }));
    }
  const double close = 16 * kEpsilon<T>, differences = 1e-8 + 64 * kEpsilon<T>;
  expect_close(h.to_host(), expected_h, close, close, "h");
  expect_close(dgates.to_host(), expected_gates, differences, differences, "gates' gradient");
  if (kind == CellKind::lstm) {
    expect_close(kept.to_host(), expected_kept, close, close, "c");
    expect_close(dc.to_host(), expected_before, differences, differences, "c's gradient");
  }
  if (kind != CellKind::gru) return;
  // Of what reaches the state before, dh has the part without the product.
  expect_close(dh.to_host(), expected_before, differences, differences, "h's gradient");
  const auto all = dhidden.to_host();
  std::vector<T> candidates;
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t j = 0; j < hidden; ++j)
      candidates.push_back(all[static_cast<size_t>((row * 3 + 2) * hidden + j)]);
  expect_close(candidates, expected_candidate, differences, differences, "candidate's gradient");
}

TYPED_TEST(RecurrentTest, FollowsTheOracle) {
  for (const CellKind kind :
       {CellKind::rnn_tanh, CellKind::rnn_relu, CellKind::lstm, CellKind::gru})
    for (const auto& [rows, hidden] : {std::pair{0, 3}, {1, 1}, {3, 31}, {2, 33}, {1, 1025}}) {
      check<float>(*this, kind, rows, hidden);
      check<double>(*this, kind, rows, hidden);
    }
}

TYPED_TEST(RecurrentTest, LargeNumbersSaturate) {
  const std::vector<float> large{-1e4f, 1e4f, -3e38f, 3e38f, 0, NAN};
  auto gates = this->template upload<float>(large);
  auto h = this->template unset<float>(6);
  CellForward<float> step{1, 6, gates.data()};
  step.h = h.data();
  cell_forward<float>(this->stream, CellKind::rnn_tanh, step);
  expect_close(h.to_host(), {-1, 1, -1, 1, 0, NAN}, 0, 0, "tanh");
}

}  // namespace
}  // namespace cuttle::test
