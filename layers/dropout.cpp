// Dropout layers: each says what it drops.
#include "dropout.h"

#include "printed_number.h"

namespace cuttle {

DropoutLayer::DropoutLayer(const char* name, DropoutKind kind, double p,
                           const DropoutOptions& options)
    : kind_(kind), p_(p), options_(options) {
  if (!(p >= 0 && p <= 1)) fail(name, ": p must lie between 0 and 1, got ", p);
}

Tensor DropoutLayer::forward(const Tensor& input) {
  if (!options_.inplace) return dropout(kind_, input, p_, is_training());
  Tensor output = input;
  return dropout_(kind_, output, p_, is_training());
}

std::string DropoutLayer::extra_repr() const {
  return "p=" + printed_number(p_) + ", inplace=" + printed_choice(options_.inplace);
}

#define CUTTLE_DROPOUT_LAYER(Name, kind)                     \
  Name::Name(double p, const DropoutOptions& options)        \
      : DropoutLayer(#Name, DropoutKind::kind, p, options) { \
    constructed_from<Name>(p, options);                      \
  }
CUTTLE_DROPOUT_LAYER(Dropout, elements)
CUTTLE_DROPOUT_LAYER(Dropout1d, channels1d)
CUTTLE_DROPOUT_LAYER(Dropout2d, channels2d)
CUTTLE_DROPOUT_LAYER(Dropout3d, channels3d)
CUTTLE_DROPOUT_LAYER(AlphaDropout, alpha)
#undef CUTTLE_DROPOUT_LAYER

}  // namespace cuttle
