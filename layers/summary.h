// A model's layers, with shapes, parameters and multiply-adds, as a table.
#pragma once

#include <string>
#include <vector>

#include "module.h"

namespace cuttle {

/// What one call of a module, and the model, came to.
struct SummaryRow {
  std::string path, type;  // "0.conv1", "Conv2d"; the model itself has the path ""
  int depth = 0;
  Shape output_shape;
  int64_t parameters = 0;     // the module's own, not those of its children
  int64_t multiply_adds = 0;  // with those of two dimensions and more
};

/// Printed as a table: std::cout << summary(model, {1, 3, 32, 32}).
struct ModelSummary {
  std::vector<SummaryRow> rows;  // in the order of the calls, a module before those it calls
  int64_t parameters = 0;        // each once, and of these those that require a gradient
  int64_t trainable_parameters = 0;
  int64_t multiply_adds = 0;

  std::string str() const;
};
std::ostream& operator<<(std::ostream& out, const ModelSummary& summary);

/// Calls the model with an input of that shape, zeros of the parameters' dtype on their device, in
/// evaluation mode and without recording, and notes what each module called gives. Modes are as
/// before when it returns or throws. A layer's multiply-adds are the elements of its weights of two
/// dimensions and more, for each element of one output channel: as many as convolutions and linear
/// layers compute. What modules compute without such weights is not counted. Two
/// layers that Sequential would compute in one operation are called one by one. Throws what the
/// model throws.
ModelSummary summary(Module& model, const Shape& input_shape);
/// The same with an input of one's own: indices for an Embedding, for example.
ModelSummary summary(Module& model, const Tensor& input);

}  // namespace cuttle
