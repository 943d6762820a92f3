// Sequences of different lengths, one behind the other without padding.
#pragma once

#include <optional>
#include <vector>

#include "../../core/tensor.h"

namespace cuttle {

/// torch.nn.utils.rnn.PackedSequence: time step by time step, the elements of all sequences that
/// are long enough, the longest first. Made by the functions below.
struct PackedSequence {
  Tensor data;                       // (Σ lengths, …)
  std::vector<int64_t> batch_sizes;  // how many sequences reach each time step; does not rise
  Tensor sorted_indices = {};        // (B) int64: where the packed sequences stood; undefined:
                                     // they were sorted
  Tensor unsorted_indices = {};      // its inverse

  PackedSequence to(const Device& device) const;
  PackedSequence to(DType dtype) const;
  PackedSequence cuda() const { return to(Device(DeviceType::cuda)); }
  PackedSequence cpu() const { return to(Device()); }
};

struct PackOptions {
  bool batch_first = false;
  bool enforce_sorted = true;  // refuse lengths that rise; otherwise sort
};

/// Packs a padded batch (T, B, …), or with batch_first (B, T, …). Throws Error for a length that is
/// not in [1, T], another number of lengths than B, and with enforce_sorted for rising ones.
PackedSequence pack_padded_sequence(const Tensor& input, const std::vector<int64_t>& lengths,
                                    const PackOptions& options = {});
/// Packs sequences (length, …) of equal trailing dimensions.
PackedSequence pack_sequence(const std::vector<Tensor>& sequences, bool enforce_sorted = true);

struct PadOptions {
  bool batch_first = false;
  double padding_value = 0;
  std::optional<int64_t> total_length = {};  // T; unset: the longest sequence's
};

/// The inverse: the padded batch and the sequences' lengths, in their original order. Throws Error
/// for a total_length below the longest sequence's.
struct PaddedSequence {
  Tensor output;
  std::vector<int64_t> lengths;
};
PaddedSequence pad_packed_sequence(const PackedSequence& sequence, const PadOptions& options = {});

/// Sequences (length, …) as one padded batch (T, B, …), or with batch_first (B, T, …).
Tensor pad_sequence(const std::vector<Tensor>& sequences, bool batch_first = false,
                    double padding_value = 0);

}  // namespace cuttle
