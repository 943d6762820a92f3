// Tensors whose elements are those of others in another order, joined, repeated, moved or set to 0.
// All but those that give indices pass gradients, any number of times.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "../tensor.h"

namespace cuttle {

/// Joined along the second dimension (the first, for tensors of one) / the first / the third, after
/// missing dimensions of size 1 were added. cat and stack stand in core/creation.h.
Tensor hstack(const std::vector<Tensor>& tensors);
Tensor vstack(const std::vector<Tensor>& tensors);
Tensor dstack(const std::vector<Tensor>& tensors);
/// As hstack, of vectors (and numbers) as the columns of a matrix. row_stack is vstack.
Tensor column_stack(const std::vector<Tensor>& tensors);
Tensor row_stack(const std::vector<Tensor>& tensors);

// The methods of core/methods/rearranging.h as functions.
Tensor flip(const Tensor& x, const std::vector<int64_t>& dims);
Tensor fliplr(const Tensor& x);
Tensor flipud(const Tensor& x);
Tensor roll(const Tensor& x, const Dims& shifts, const Dims& dims = {});
Tensor rot90(const Tensor& x, int64_t k = 1, const std::vector<int64_t>& dims = {0, 1});
Tensor repeat_interleave(const Tensor& x, int64_t repeats, std::optional<int64_t> dim = {});
Tensor repeat_interleave(const Tensor& x, const Tensor& repeats, std::optional<int64_t> dim = {});
Tensor tril(const Tensor& x, int64_t diagonal = 0);
Tensor triu(const Tensor& x, int64_t diagonal = 0);

/// The places in a matrix (rows, columns) that tril / triu keep, row by row: row numbers, then
/// column numbers, (2, n), int64 if nothing else is asked for.
Tensor tril_indices(int64_t rows, int64_t columns, int64_t offset = 0,
                    const TensorOptions& options = {});
Tensor triu_indices(int64_t rows, int64_t columns, int64_t offset = 0,
                    const TensorOptions& options = {});

/// torch.nn.functional.pad: elements put before and behind along dimensions, two numbers for each,
/// from the last dimension on: {left, right, top, bottom}; a negative number cuts off.
/// "constant" puts `value` there; "reflect" mirrors at the first and the last element, which are
/// not repeated; "replicate" repeats them; "circular" goes on at the other end. Any number of
/// dimensions. Throws Error for more than "reflect" (size − 1) and "circular" (size) have, for
/// cutting off more than there is, and for a value that the dtype cannot hold.
Tensor pad(const Tensor& x, const std::vector<int64_t>& padding, std::string_view mode = "constant",
           Scalar value = 0);

/// torch.tile: repeat, where missing leading numbers count as 1.
Tensor tile(const Tensor& x, const Shape& repeats);

/// Coordinates of a grid: each vector (or number) expanded over the dimensions of the others, as
/// views. With "ij" tensor k varies along dimension k; with "xy" the first two change places.
/// Throws Error for tensors of more than one dimension and for different dtypes.
std::vector<Tensor> meshgrid(const std::vector<Tensor>& tensors, std::string_view indexing = "ij");

/// torch.nn.functional.one_hot: int64 (…) with values in [0, num_classes) gives int64 (…,
/// num_classes), 1 where the place is the value. -1 takes the largest value + 1 and waits for the
/// device. Throws Error for another dtype, for a negative value and for one that is too large; on a
/// GPU with num_classes given, as in PyTorch, values are not looked at, and such a row is 0.
Tensor one_hot(const Tensor& classes, int64_t num_classes = -1);

}  // namespace cuttle
