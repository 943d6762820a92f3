// torch.einsum: operands with labelled dimensions, and one product a pair of them.
#include <algorithm>
#include <array>

#include "../autocast.h"
#include "../dispatch.h"
#include "arithmetic.h"
#include "einsum_equation.h"
#include "matrix_product.h"
#include "products.h"

namespace cuttle {
namespace {

bool contains(const Labels& labels, int label) {
  return std::find(labels.begin(), labels.end(), label) != labels.end();
}

int place_of(const Labels& labels, int label) {
  return static_cast<int>(std::find(labels.begin(), labels.end(), label) - labels.begin());
}

// A tensor whose dimensions have names.
struct Labelled {
  Tensor x;
  Labels labels;
};

// The diagonal of the first two dimensions of one label, until no label is there twice.
Labelled with_diagonals(const Equation& equation, size_t operand, Labelled t) {
  for (int second = 0; second < t.x.dim(); ++second) {
    const int label = t.labels[static_cast<size_t>(second)], first = place_of(t.labels, label);
    if (first == second) continue;
    const int64_t n = t.x.size(first);
    if (n != t.x.size(second))
      equation.refuse(name_of(label), " is repeated in operand ", operand,
                      ", whose dimensions have ", n, " and ", t.x.size(second), " elements (shape ",
                      t.x.shape(), ")");
    t.labels.erase(t.labels.begin() + second);
    t.labels.erase(t.labels.begin() + first);
    t.labels.push_back(label);
    t.x = t.x.diagonal(0, first, second);  // comes last
    second = -1;                           // the places have changed
  }
  return t;
}

std::vector<Labelled> label_operands(const Equation& equation,
                                     const std::vector<Tensor>& operands) {
  std::vector<Labelled> labelled;
  std::array<int64_t, kLabels> sizes;
  sizes.fill(1);
  for (size_t i = 0; i < operands.size(); ++i) {
    const Tensor& x = operands[i];
    const Terms& terms = equation.operands[i];
    const int letters = static_cast<int>(terms.letters.size());
    if (terms.ellipsis < 0 ? letters != x.dim() : letters > x.dim())
      equation.refuse("names ", letters, " dimensions for operand ", i, ", which has shape ",
                      x.shape());
    labelled.push_back(with_diagonals(equation, i, {x, terms.labels(x.dim() - letters)}));
    for (int d = 0; d < labelled[i].x.dim(); ++d) {
      const int label = labelled[i].labels[static_cast<size_t>(d)];
      int64_t& size = sizes[static_cast<size_t>(label)];
      const int64_t own = labelled[i].x.size(d);
      if (own != size && own != 1 && size != 1)
        equation.refuse(name_of(label), " has ", own, " elements in operand ", i, " (shape ",
                        x.shape(), ") but ", size, " in one before");
      if (own != 1) size = own;
    }
  }
  return labelled;
}

Labels output_labels(const Equation& equation, const std::vector<Labelled>& operands) {
  int ellipsis_rank = 0;
  std::array<int, kEllipsis> seen = {};
  for (size_t i = 0; i < operands.size(); ++i) {
    for (const int letter : equation.operands[i].letters) ++seen[static_cast<size_t>(letter)];
    for (const int label : operands[i].labels)
      ellipsis_rank = std::max(ellipsis_rank, label - kEllipsis + 1);
  }
  Terms terms;
  if (equation.output) {
    terms = *equation.output;
  } else {
    terms.ellipsis = 0;
    for (int letter = 0; letter < kEllipsis; ++letter)
      if (seen[static_cast<size_t>(letter)] == 1) terms.letters.push_back(letter);
  }
  for (const int letter : terms.letters) {
    if (seen[static_cast<size_t>(letter)] == 0)
      equation.refuse(name_of(letter), " of the output names no dimension of an operand");
    if (std::count(terms.letters.begin(), terms.letters.end(), letter) > 1)
      equation.refuse(name_of(letter), " stands twice in the output");
  }
  const Labels labels = terms.labels(ellipsis_rank);
  if (labels.size() > kMaxRank)
    equation.refuse("the output would have ", labels.size(), " dimensions, at most ", kMaxRank,
                    " are possible");
  return labels;
}

// Sums over the dimensions that nobody asks for any more.
Labelled summed(const Labelled& t, const Labels& kept) {
  std::vector<int64_t> gone;
  Labels labels;
  for (size_t d = 0; d < t.labels.size(); ++d) {
    if (contains(kept, t.labels[d]))
      labels.push_back(t.labels[d]);
    else
      gone.push_back(static_cast<int64_t>(d));
  }
  return gone.empty() ? t : Labelled{t.x.sum(gone), labels};
}

// Without those dimensions of size 1 that are longer in the other: as if they were not there, since
// they broadcast.
Labelled without_broadcast(Labelled t, const Labelled& other) {
  for (int d = t.x.dim() - 1; d >= 0; --d) {
    const int at = place_of(other.labels, t.labels[static_cast<size_t>(d)]);
    if (at == other.x.dim() || t.x.size(d) != 1 || other.x.size(at) == 1) continue;
    t.x = t.x.squeeze(d);
    t.labels.erase(t.labels.begin() + d);
  }
  return t;
}

Labels joined(const Labels& a, const Labels& b, const Labels& c = {}) {
  Labels all(a);
  all.insert(all.end(), b.begin(), b.end());
  all.insert(all.end(), c.begin(), c.end());
  return all;
}

Tensor ordered(const Labelled& t, const Labels& labels) {
  std::vector<int64_t> order;
  for (const int label : labels) order.push_back(place_of(t.labels, label));
  return t.x.permute(order);
}

int64_t numel_of(const Labelled& t, const Labels& labels) {
  int64_t n = 1;
  for (const int label : labels) n *= t.x.size(place_of(t.labels, label));
  return n;
}

// The product of two, summed over the labels that are not kept.
Labelled contracted(const Equation& equation, const Labelled& a, const Labelled& b,
                    const Labels& kept) {
  // A label that one operand alone has, and that nobody wants, is summed beforehand.
  const Labelled slim_a = without_broadcast(a, b), slim_b = without_broadcast(b, a);
  Labelled left = summed(slim_a, joined(kept, slim_b.labels));
  Labelled right = summed(slim_b, joined(kept, slim_a.labels));
  const DType dtype = promote_types(left.x.dtype(), right.x.dtype());  // sums of integers are int64
  left.x = left.x.to(dtype);
  right.x = right.x.to(dtype);
  Labels batch, inner, rows, columns;
  for (const int label : left.labels)
    (!contains(right.labels, label) ? rows
     : contains(kept, label)        ? batch
                                    : inner)
        .push_back(label);
  for (const int label : right.labels)
    if (!contains(left.labels, label)) columns.push_back(label);

  const Labels labels = joined(batch, rows, columns);
  if (labels.size() > kMaxRank)
    equation.refuse("a product on the way has ", labels.size(), " dimensions, at most ", kMaxRank,
                    " are possible");
  Shape shape;
  for (const int label : joined(batch, rows))
    shape.push_back(left.x.size(place_of(left.labels, label)));
  for (const int label : columns) shape.push_back(right.x.size(place_of(right.labels, label)));

  if (inner.empty()) {  // no sum: element by element
    Tensor wide = ordered(left, joined(batch, rows)),
           other = ordered(right, joined(batch, columns));
    for (size_t i = 0; i < columns.size(); ++i) wide = wide.unsqueeze(-1);
    for (size_t i = 0; i < rows.size(); ++i)
      other = other.unsqueeze(static_cast<int64_t>(batch.size()));
    return {wide * other, labels};
  }
  const int64_t m = numel_of(left, rows), k = numel_of(left, inner), n = numel_of(right, columns);
  Shape matrices_a, matrices_b;  // (batch…, m, k) and (batch…, k, n)
  const bool fits = batch.size() + 2 <= kMaxRank;
  if (!fits) matrices_a.push_back(numel_of(left, batch));
  for (size_t d = 0; fits && d < batch.size(); ++d)
    matrices_a.push_back(shape[static_cast<int>(d)]);
  matrices_b = matrices_a;
  matrices_a.push_back(m);
  matrices_a.push_back(k);
  matrices_b.push_back(k);
  matrices_b.push_back(n);
  const Tensor out =
      product("einsum", ordered(left, joined(batch, rows, inner)).reshape(matrices_a),
              ordered(right, joined(batch, inner, columns)).reshape(matrices_b));
  return {out.reshape(shape), labels};
}

}  // namespace

Tensor einsum(std::string_view equation_text, const std::vector<Tensor>& operands) {
  if (operands.empty()) fail("einsum: needs at least one operand");
  if (is_autocast_enabled()) {
    std::vector<Tensor> lowered;
    for (const Tensor& x : operands) lowered.push_back(autocast_lowered(x));
    const Autocast as_they_are(Autocast::State{});
    return einsum(equation_text, lowered);
  }
  for (const Tensor& x : operands) {
    check_defined("einsum", x);
    check_same_device("einsum", {&operands[0], &x});
    check_same_dtype("einsum", {&operands[0], &x});
  }
  const Equation equation = read_equation(equation_text, operands.size());
  const std::vector<Labelled> all = label_operands(equation, operands);
  const Labels output = output_labels(equation, all);
  // What is asked for behind operand i: the output's labels and those of the operands to come.
  const auto kept_behind = [&](size_t i) {
    Labels kept = output;
    for (size_t later = i + 1; later < all.size(); ++later) kept = joined(kept, all[later].labels);
    return kept;
  };
  Labelled result = summed(all[0], kept_behind(0));
  for (size_t i = 1; i < all.size(); ++i)
    result = contracted(equation, result, all[i], kept_behind(i));
  return ordered(result, output);
}

}  // namespace cuttle
