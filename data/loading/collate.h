// From examples to a batch.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "../dataset.h"

namespace cuttle {

/// Makes a batch of examples.
using CollateFunction = std::function<Batch(std::vector<Example>)>;

/// torch's default_collate: copies, one behind the other along a new dimension 0, without history.
/// Throws Error for an example whose tensors are undefined, not on the CPU, or differ in number,
/// shape or dtype from the first one's, and for targets of both kinds. `indices` are the examples'
/// numbers in messages; without them their places count.
Batch default_collate(std::span<const Example> examples, std::span<const int64_t> indices = {});

}  // namespace cuttle
