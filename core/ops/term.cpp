#include "term.h"

#include "../../kernels/elementwise_functions.h"
#include "../creation.h"
#include "binary.h"
#include "elementwise_run.h"

namespace cuttle {
namespace {

using kernels::Elementwise;
namespace math = kernels::math;

Argument argument(const Term& x) {
  return x.is_number() ? Argument(Scalar(x.number())) : Argument(x.tensor());
}
Term run(Elementwise op, const Term& x) {
  return elementwise<1>(op, {argument(x)});
}
Term run(Elementwise op, const Term& a, const Term& b) {
  return elementwise<2>(op, {argument(a), argument(b)});
}
bool are_numbers(const Term& a, const Term& b) {
  return a.is_number() && b.is_number();
}

}  // namespace

Term operator-(const Term& x) {
  return x.is_number() ? Term(-x.number()) : run(Elementwise::neg, x);
}

#define CUTTLE_TERM_OPERATOR(symbol, name)                                                        \
  Term operator symbol(const Term& a, const Term& b) {                                            \
    return are_numbers(a, b) ? Term(a.number() symbol b.number()) : run(Elementwise::name, a, b); \
  }
CUTTLE_TERM_OPERATOR(+, add)
CUTTLE_TERM_OPERATOR(-, sub)
CUTTLE_TERM_OPERATOR(*, mul)
CUTTLE_TERM_OPERATOR(/, div)
CUTTLE_TERM_OPERATOR(==, eq)
CUTTLE_TERM_OPERATOR(<, lt)
CUTTLE_TERM_OPERATOR(<=, le)
CUTTLE_TERM_OPERATOR(>, gt)
CUTTLE_TERM_OPERATOR(>=, ge)
#undef CUTTLE_TERM_OPERATOR

#define CUTTLE_TERM_FUNCTION(name)                                                   \
  Term name(const Term& x) {                                                         \
    return x.is_number() ? Term(math::name(x.number())) : run(Elementwise::name, x); \
  }
CUTTLE_TERM_FUNCTIONS(CUTTLE_TERM_FUNCTION)
#undef CUTTLE_TERM_FUNCTION
#define CUTTLE_TERM_FUNCTION(name)                                      \
  Term name(const Term& a, const Term& b) {                             \
    return are_numbers(a, b) ? Term(math::name(a.number(), b.number())) \
                             : run(Elementwise::name, a, b);            \
  }
CUTTLE_TERM_FUNCTIONS_OF_TWO(CUTTLE_TERM_FUNCTION)
#undef CUTTLE_TERM_FUNCTION

// A number decides, or leaves it to the other.
Term both(const Term& a, const Term& b) {
  if (a.is_number()) return a.number() == 0 ? a : b;
  if (b.is_number()) return b.number() == 0 ? b : a;
  return run(Elementwise::logical_and, a, b);
}
Term either(const Term& a, const Term& b) {
  if (are_numbers(a, b)) return a.number() != 0 || b.number() != 0;
  return run(Elementwise::logical_or, a, b);
}
Term select(const Term& condition, const Term& yes, const Term& no) {
  if (condition.is_number()) return condition.number() != 0 ? yes : no;
  return elementwise<3>(Elementwise::where, {argument(condition), argument(yes), argument(no)});
}
Term masked(const Term& g, const Term& mask) {
  return cuttle::masked(g.tensor(), mask.tensor());
}
Term zero_like(const Term& g) {
  return zeros_like(g.tensor());
}
Term isfinite(const Term& x) {
  return x.is_number() ? Term(math::isfinite(x.number())) : run(Elementwise::isfinite, x);
}

}  // namespace cuttle
