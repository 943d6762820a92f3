// The tape as text and as Graphviz.
#include <cuttle/core/autograd/function.h>
#include <cuttle/core/autograd/graph_drawing.h>
#include <cuttle/core/creation.h>
#include <cuttle/core/ops/arithmetic.h>

#include <algorithm>

#include "samples.h"
#include "support/devices.h"
#include "support/expect.h"

namespace cuttle::test {
namespace {

Tensor leaf(const Shape& shape) {
  return ones(shape, {.dtype = float64, .requires_grad = true});
}

TEST(GraphDrawing, Text) {
  const Tensor w = leaf({3, 2}), b = leaf({2});
  const Tensor x = ones({4, 3, 2}, {.dtype = float64});
  const Tensor h = x * w, loss = (h * h + b).sum();
  EXPECT_EQ(graph_text(loss, {{"w", w}, {"hidden", h}}),
            "4  sum           []         <- 3\n"
            "3  add           [4, 3, 2]  <- 2, leaf 1\n"
            "2  mul           [4, 3, 2]  <- 1, 1\n"
            "1  mul (hidden)  [4, 3, 2]  <- [4, 3, 2], w\n"
            "   leaf 1        [2]        float64\n"
            "   w             [3, 2]     float64\n");
  EXPECT_EQ(graph_text(w, {{"w", w}}), "   w  [3, 2]  float64\n");
}

TEST(GraphDrawing, ASharedNodeStandsThereOnce) {
  Tensor y = leaf({1});
  for (int i = 0; i < 40; ++i) y = y + y;  // 2^40 ways
  const std::string text = graph_text(y), dot = graph_dot(y);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 41);
  EXPECT_EQ(dot.find("op1 ["), dot.rfind("op1 ["));
}

TEST(GraphDrawing, ADeepGraphTakesNoStack) {
  Tensor y = leaf({1});
  for (int i = 0; i < 100000; ++i) y = y + 1;
  const std::string text = graph_text(y);
  EXPECT_EQ(text.substr(0, 6), "100000");
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 100001);
  EXPECT_GT(graph_dot(y).size(), 100000u);
}

struct Twins : Function<Twins> {
  static std::vector<Tensor> forward(FunctionContext*, const Tensor& x) { return {x * 1, x * 2}; }
  static std::vector<Tensor> backward(FunctionContext*, std::vector<Tensor> g) {
    return {g[0] + g[1] * 2};
  }
};

TEST(GraphDrawing, ResultsOfOneOperation) {
  const Tensor x = leaf({2});
  const auto y = Twins::apply(x);
  EXPECT_EQ(graph_text(y[0] * y[1], {{"x", x}}),
            "4  mul             [2]  <- 2, 3\n"
            "3  Twins result 1  [2]  <- 1\n"
            "2  Twins result 0  [2]  <- 1\n"
            "1  Twins           [2]  <- x\n"
            "   x               [2]  float64\n");
}

TEST(GraphDrawing, Dot) {
  const Tensor w = leaf({3, 2});
  const Tensor y = ones({4, 3, 2}, {.dtype = float64}) * w;
  const std::string dot = graph_dot(y, {{"<w> & \"co\"", w}});
  EXPECT_EQ(dot.substr(0, 14), "digraph tape {");
  EXPECT_NE(dot.find("<td>&lt;w&gt; &amp; \"co\"</td>"), std::string::npos) << dot;
  EXPECT_NE(dot.find("  leaf1 -> op1;\n"), std::string::npos);
  EXPECT_NE(dot.find("  constant1 -> op1;\n"), std::string::npos);
  EXPECT_NE(dot.find("<b>mul</b>"), std::string::npos);
  EXPECT_EQ(dot.substr(dot.size() - 2), "}\n");
}

TEST(GraphDrawing, NothingToDraw) {
  EXPECT_EQ(error_of([] { (void)graph_text(ones({3})); }),
            "graph: the tensor of shape [3] does not depend on anything that requires a gradient; "
            "there is nothing to draw");
}

}  // namespace
}  // namespace cuttle::test
