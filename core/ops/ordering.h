// Sorting, picking and counting as free functions; see core/methods/ordering.h.
#pragma once

#include "../scalar.h"
#include "../values_indices.h"

namespace cuttle {

ValuesIndices sort(const Tensor& x, int64_t dim = -1, bool descending = false, bool stable = true);
Tensor argsort(const Tensor& x, int64_t dim = -1, bool descending = false, bool stable = true);
ValuesIndices topk(const Tensor& x, int64_t k, int64_t dim = -1, bool largest = true,
                   bool sorted = true);
ValuesIndices kthvalue(const Tensor& x, int64_t k, int64_t dim = -1, bool keepdim = false);
Tensor median(const Tensor& x);
ValuesIndices median(const Tensor& x, int64_t dim, bool keepdim = false);
Tensor nanmedian(const Tensor& x);
ValuesIndices nanmedian(const Tensor& x, int64_t dim, bool keepdim = false);
ValuesIndices mode(const Tensor& x, int64_t dim = -1, bool keepdim = false);
Tensor diff(const Tensor& x, int64_t n = 1, int64_t dim = -1, const Tensor& prepend = {},
            const Tensor& append = {});

Tensor nonzero(const Tensor& x);
Tensor masked_select(const Tensor& x, const Tensor& mask);

Uniques unique(const Tensor& x, bool sorted = true, bool return_inverse = false,
               bool return_counts = false, std::optional<int64_t> dim = {});
Uniques unique_consecutive(const Tensor& x, bool return_inverse = false, bool return_counts = false,
                           std::optional<int64_t> dim = {});
Tensor bincount(const Tensor& x, const Tensor& weights = {}, int64_t minlength = 0);
Tensor histc(const Tensor& x, int64_t bins = 100, double min = 0, double max = 0);

/// Where each value would be put into a sorted sequence: before the first element that is not
/// smaller or, with `right`, before the first that is larger. A NaN stands behind all. One sequence
/// for all values, or one for each row of them: shapes equal but for the last dimension. Both of
/// one dtype (not bool) and device. `sorter`, of the sequences' shape, gives the order in which
/// they are sorted (argsort). int64, or int32 with `out_int32`.
Tensor searchsorted(const Tensor& sorted_sequence, const Tensor& values, bool out_int32 = false,
                    bool right = false, const Tensor& sorter = {});
/// The same for one number, converted to the sequence's dtype; the sequence has one dimension.
Tensor searchsorted(const Tensor& sorted_sequence, Scalar value, bool out_int32 = false,
                    bool right = false, const Tensor& sorter = {});
/// The same with the arguments turned round, `boundaries` of one dimension: the bucket of each
/// value, boundaries[i − 1] < value ≤ boundaries[i] or, with `right`, ≤ and <.
Tensor bucketize(const Tensor& values, const Tensor& boundaries, bool out_int32 = false,
                 bool right = false);
Tensor bucketize(Scalar value, const Tensor& boundaries, bool out_int32 = false,
                 bool right = false);

}  // namespace cuttle
