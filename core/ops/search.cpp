// Where values belong in sorted sequences.
#include "../../kernels/search.h"

#include "../creation.h"
#include "../dispatch.h"
#include "along.h"
#include "ordering.h"

namespace cuttle {
namespace {

void check_search(std::string_view op, const Tensor& sequences, const Tensor& values) {
  check_same_device(op, {&sequences, &values});
  check_same_dtype(op, {&sequences, &values});
  if (sequences.dim() == 1) return;
  Shape rows = values.shape(), sequence_rows = sequences.shape();
  if (!rows.empty()) rows.erase(rows.size() - 1);
  if (!sequence_rows.empty()) sequence_rows.erase(sequence_rows.size() - 1);
  if (sequences.dim() == 0 || values.dim() != sequences.dim() || rows != sequence_rows)
    fail(op,
         ": the sequences must be one of one dimension, or one for each row of the values; got ",
         sequences.shape(), " for values of shape ", values.shape());
}

// The elements of each row in the order that `sorter` says, which is checked.
Tensor in_order(std::string_view op, const Tensor& sequences, const Tensor& sorter) {
  check_same_device(op, {&sequences, &sorter});
  if (sorter.shape() != sequences.shape() || sorter.dtype() != int64)
    fail(op, ": sorter must be int64 of the sequences' shape ", sequences.shape(), ", got ",
         sorter.dtype(), " of shape ", sorter.shape());
  return take_along(sequences, sequences.dim() - 1, sorter);
}

Tensor search(std::string_view op, const Tensor& sequences, const Tensor& values, bool out_int32,
              bool right) {
  check_search(op, sequences, values);
  const Tensor sorted = sequences.detach().contiguous(), x = values.detach().contiguous();
  const bool shared = sorted.dim() == 1;
  const int64_t per_row = shared ? x.numel() : x.size(-1);
  const kernels::SearchShape shape{.rows = per_row == 0 ? 0 : x.numel() / per_row,
                                   .per_row = per_row,
                                   .length = sorted.size(-1),
                                   .shared = shared,
                                   .right = right};
  Tensor out = empty(x.shape(), {.dtype = int64, .device = x.device()});
  dispatch_numeric(op, x.dtype(), [&]<class T>() {
    on_device(x.device(), [&](auto stream) {
      kernels::search_sorted(stream, shape, sorted.data<T>(), x.data<T>(), out.data<int64_t>());
    });
  });
  return out_int32 ? out.to(int32) : out;
}

Tensor number_like(std::string_view op, const Tensor& sequence, Scalar value) {
  check_defined(op, sequence);
  if (sequence.dim() != 1)
    fail(op, ": a number is looked for in a sequence of one dimension, got shape ",
         sequence.shape());
  return full({}, value, {.dtype = sequence.dtype(), .device = sequence.device()});
}

}  // namespace

Tensor searchsorted(const Tensor& sorted_sequence, const Tensor& values, bool out_int32, bool right,
                    const Tensor& sorter) {
  check_defined("searchsorted", sorted_sequence);
  check_defined("searchsorted", values);
  const Tensor sequences = sorter.defined()
                               ? in_order("searchsorted", sorted_sequence.detach(), sorter)
                               : sorted_sequence;
  return search("searchsorted", sequences, values, out_int32, right);
}
Tensor searchsorted(const Tensor& sorted_sequence, Scalar value, bool out_int32, bool right,
                    const Tensor& sorter) {
  return searchsorted(sorted_sequence, number_like("searchsorted", sorted_sequence, value),
                      out_int32, right, sorter);
}

Tensor bucketize(const Tensor& values, const Tensor& boundaries, bool out_int32, bool right) {
  check_defined("bucketize", values);
  check_defined("bucketize", boundaries);
  if (boundaries.dim() != 1)
    fail("bucketize: boundaries must have one dimension, got shape ", boundaries.shape());
  return search("bucketize", boundaries, values, out_int32, right);
}
Tensor bucketize(Scalar value, const Tensor& boundaries, bool out_int32, bool right) {
  return bucketize(number_like("bucketize", boundaries, value), boundaries, out_int32, right);
}

}  // namespace cuttle
