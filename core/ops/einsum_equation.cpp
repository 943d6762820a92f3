#include "einsum_equation.h"

namespace cuttle {
namespace {

Terms read_terms(const Equation& equation, std::string_view text) {
  Terms terms;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == ' ') continue;
    if (c == '.') {
      if (text.substr(i, 3) != "...") equation.refuse("a '.' stands outside of '...'");
      if (terms.ellipsis >= 0) equation.refuse("'...' stands twice in \"", text, '"');
      terms.ellipsis = static_cast<int>(terms.letters.size());
      i += 2;
    } else if (c >= 'A' && c <= 'Z') {
      terms.letters.push_back(c - 'A');
    } else if (c >= 'a' && c <= 'z') {
      terms.letters.push_back(c - 'a' + 26);
    } else {
      equation.refuse("'", c, "' names no dimension; letters and '...' do");
    }
  }
  return terms;
}

}  // namespace

std::string name_of(int label) {
  if (label >= kEllipsis) return "a dimension of '...'";
  const char letter = static_cast<char>(label < 26 ? 'A' + label : 'a' + label - 26);
  return std::string("'") + letter + "'";
}

Labels Terms::labels(int ellipsis_rank) const {
  Labels all(letters);
  if (ellipsis < 0) return all;
  Labels dots;
  for (int k = ellipsis_rank - 1; k >= 0; --k) dots.push_back(kEllipsis + k);
  all.insert(all.begin() + ellipsis, dots.begin(), dots.end());
  return all;
}

Equation read_equation(std::string_view text, size_t operands) {
  Equation equation{text, {}, {}};
  const size_t arrow = text.find("->");
  std::string_view inputs = text.substr(0, arrow);
  for (bool more = true; more;) {
    const size_t comma = inputs.find(',');
    more = comma != std::string_view::npos;
    equation.operands.push_back(read_terms(equation, inputs.substr(0, comma)));
    if (more) inputs.remove_prefix(comma + 1);
  }
  if (equation.operands.size() != operands)
    equation.refuse("names ", equation.operands.size(), " operands, got ", operands);
  if (arrow != std::string_view::npos)
    equation.output = read_terms(equation, text.substr(arrow + 2));
  return equation;
}

}  // namespace cuttle
