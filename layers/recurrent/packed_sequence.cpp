// Packing and padding: rows picked by index, so that gradients follow.
#include "packed_sequence.h"

#include <algorithm>
#include <numeric>

#include "../../core/creation.h"
#include "../../core/ops/arithmetic.h"

namespace cuttle {
namespace {

Tensor indices(const std::vector<int64_t>& values, const Device& device) {
  return tensor(values).to(device);
}

// The shape of a batch (steps, count, …), or the first two the other way round.
Shape batch_shape(const Shape& trailing, int64_t steps, int64_t count, bool batch_first) {
  Shape shape{batch_first ? count : steps, batch_first ? steps : count};
  for (const int64_t size : trailing) shape.push_back(size);
  return shape;
}

Shape without_first(const Shape& shape) {
  return Shape(std::span(shape.begin() + 1, shape.end()));
}

void check_lengths(const std::vector<int64_t>& lengths, int64_t steps, int64_t count,
                   bool enforce_sorted) {
  if (static_cast<int64_t>(lengths.size()) != count)
    fail("pack_padded_sequence: expected a length for each of ", count, " sequences, got ",
         lengths.size());
  for (size_t i = 0; i < lengths.size(); ++i) {
    if (lengths[i] < 1 || lengths[i] > steps)
      fail("pack_padded_sequence: lengths must lie in [1, ", steps,
           "], the padded length; sequence ", i, " has ", lengths[i]);
    if (enforce_sorted && i > 0 && lengths[i] > lengths[i - 1])
      fail("pack_padded_sequence: lengths must not rise, got ", lengths[i - 1], " before ",
           lengths[i], "; .enforce_sorted = false sorts them");
  }
}

std::vector<int64_t> falling_order(const std::vector<int64_t>& lengths) {
  std::vector<int64_t> order(lengths.size());
  std::iota(order.begin(), order.end(), int64_t{0});
  std::ranges::stable_sort(order, std::greater<>(),
                           [&](int64_t i) { return lengths[static_cast<size_t>(i)]; });
  return order;
}

std::vector<int64_t> inverse(const std::vector<int64_t>& order) {
  std::vector<int64_t> places(order.size());
  for (size_t i = 0; i < order.size(); ++i)
    places[static_cast<size_t>(order[i])] = static_cast<int64_t>(i);
  return places;
}

}  // namespace

PackedSequence PackedSequence::to(const Device& device) const {
  const auto moved = [&](const Tensor& x) { return x.defined() ? x.to(device) : x; };
  return {data.to(device), batch_sizes, moved(sorted_indices), moved(unsorted_indices)};
}
PackedSequence PackedSequence::to(DType dtype) const {
  return {data.to(dtype), batch_sizes, sorted_indices, unsorted_indices};
}

PackedSequence pack_padded_sequence(const Tensor& input, const std::vector<int64_t>& lengths,
                                    const PackOptions& options) {
  if (input.dim() < 2)
    fail("pack_padded_sequence: expected a padded batch of two dimensions or more, got shape ",
         input.shape());
  const int batch_dim = options.batch_first ? 0 : 1;
  const int64_t steps = input.size(1 - batch_dim), count = input.size(batch_dim);
  check_lengths(lengths, steps, count, options.enforce_sorted);
  const std::vector<int64_t> order = falling_order(lengths);
  PackedSequence packed;
  std::vector<int64_t> rows;
  for (int64_t t = 0; t < steps; ++t) {
    int64_t reached = 0;
    for (const int64_t sequence : order) {
      if (lengths[static_cast<size_t>(sequence)] <= t) break;
      rows.push_back(options.batch_first ? sequence * steps + t : t * count + sequence);
      ++reached;
    }
    if (reached > 0) packed.batch_sizes.push_back(reached);
  }
  packed.data = input.flatten(0, 1).index_select(0, indices(rows, input.device()));
  if (!options.enforce_sorted) {
    packed.sorted_indices = indices(order, input.device());
    packed.unsorted_indices = indices(inverse(order), input.device());
  }
  return packed;
}

PaddedSequence pad_packed_sequence(const PackedSequence& sequence, const PadOptions& options) {
  const std::vector<int64_t>& sizes = sequence.batch_sizes;
  if (sizes.empty()) fail("pad_packed_sequence: the sequence has no time step");
  const int64_t count = sizes.front(), longest = static_cast<int64_t>(sizes.size());
  const int64_t steps = options.total_length.value_or(longest);
  if (steps < longest)
    fail("pad_packed_sequence: total_length must be at least ", longest,
         ", the length of the longest sequence, got ", steps);
  std::vector<int64_t> places(static_cast<size_t>(count));  // of each sequence among the packed
  std::iota(places.begin(), places.end(), int64_t{0});
  if (sequence.unsorted_indices.defined()) places = sequence.unsorted_indices.to_vector<int64_t>();
  const int64_t padding = sequence.data.size(0);  // the row behind the last one
  std::vector<int64_t> rows(static_cast<size_t>(steps * count), padding), lengths(places.size());
  int64_t first = 0;
  for (int64_t t = 0; t < longest; ++t) {
    const int64_t reached = sizes[static_cast<size_t>(t)];
    for (int64_t i = 0; i < count; ++i) {
      const int64_t place = places[static_cast<size_t>(i)];
      if (place >= reached) continue;
      rows[static_cast<size_t>(options.batch_first ? i * steps + t : t * count + i)] =
          first + place;
      ++lengths[static_cast<size_t>(i)];
    }
    first += reached;
  }
  Shape row = sequence.data.shape();
  row[0] = 1;
  const Tensor& data = sequence.data;
  const Tensor all = cat(
      {data, full(row, options.padding_value, {.dtype = data.dtype(), .device = data.device()})});
  const Shape shape = batch_shape(without_first(data.shape()), steps, count, options.batch_first);
  return {all.index_select(0, indices(rows, data.device())).reshape(shape), lengths};
}

Tensor pad_sequence(const std::vector<Tensor>& sequences, bool batch_first, double padding_value) {
  if (sequences.empty()) fail("pad_sequence: expected at least one sequence, got none");
  int64_t steps = 0;
  for (const Tensor& sequence : sequences) {
    if (sequence.dim() < 1 ||
        without_first(sequence.shape()) != without_first(sequences[0].shape()))
      fail("pad_sequence: sequences must agree in all dimensions but the first, got ",
           sequences[0].shape(), " and ", sequence.shape());
    steps = std::max(steps, sequence.size(0));
  }
  std::vector<Tensor> padded;
  for (const Tensor& sequence : sequences) {
    Shape rest = sequence.shape();
    rest[0] = steps - sequence.size(0);
    padded.push_back(
        cat({sequence,
             full(rest, padding_value, {.dtype = sequence.dtype(), .device = sequence.device()})}));
  }
  return stack(padded, batch_first ? 0 : 1);
}

PackedSequence pack_sequence(const std::vector<Tensor>& sequences, bool enforce_sorted) {
  std::vector<int64_t> lengths;
  for (const Tensor& sequence : sequences) lengths.push_back(sequence.size(0));
  return pack_padded_sequence(pad_sequence(sequences), lengths, {.enforce_sorted = enforce_sorted});
}

}  // namespace cuttle
