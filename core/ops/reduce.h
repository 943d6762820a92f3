// Reductions as functions: torch.sum(x) and its kin. See core/methods/reductions.h for what they
// do.
#pragma once

#include "../tensor.h"
#include "../values_indices.h"

namespace cuttle {

Tensor sum(const Tensor& x, const Dims& dims = {}, bool keepdim = false,
           std::optional<DType> dtype = {});
Tensor nansum(const Tensor& x, const Dims& dims = {}, bool keepdim = false,
              std::optional<DType> dtype = {});
Tensor prod(const Tensor& x, const Dims& dims = {}, bool keepdim = false,
            std::optional<DType> dtype = {});
Tensor mean(const Tensor& x, const Dims& dims = {}, bool keepdim = false,
            std::optional<DType> dtype = {});
Tensor nanmean(const Tensor& x, const Dims& dims = {}, bool keepdim = false,
               std::optional<DType> dtype = {});
Tensor var(const Tensor& x, const Dims& dims = {}, double correction = 1, bool keepdim = false);
Tensor std(const Tensor& x, const Dims& dims = {}, double correction = 1, bool keepdim = false);
Tensor amax(const Tensor& x, const Dims& dims = {}, bool keepdim = false);
Tensor amin(const Tensor& x, const Dims& dims = {}, bool keepdim = false);
Tensor max(const Tensor& x);
Tensor min(const Tensor& x);
ValuesIndices max(const Tensor& x, int64_t dim, bool keepdim = false);
ValuesIndices min(const Tensor& x, int64_t dim, bool keepdim = false);
Tensor argmax(const Tensor& x, std::optional<int64_t> dim = {}, bool keepdim = false);
Tensor argmin(const Tensor& x, std::optional<int64_t> dim = {}, bool keepdim = false);
Tensor any(const Tensor& x, const Dims& dims = {}, bool keepdim = false);
Tensor all(const Tensor& x, const Dims& dims = {}, bool keepdim = false);
Tensor count_nonzero(const Tensor& x, const Dims& dims = {});
Tensor norm(const Tensor& x, Scalar p = 2, const Dims& dims = {}, bool keepdim = false,
            std::optional<DType> dtype = {});
Tensor logsumexp(const Tensor& x, const Dims& dims, bool keepdim = false);

/// The variance and the mean of one reading of x: torch.var_mean.
struct VarAndMean {
  Tensor var, mean;
};
VarAndMean var_mean(const Tensor& x, const Dims& dims = {}, double correction = 1,
                    bool keepdim = false);
/// The same with the standard deviation: torch.std_mean.
struct StdAndMean {
  Tensor std, mean;
};
StdAndMean std_mean(const Tensor& x, const Dims& dims = {}, double correction = 1,
                    bool keepdim = false);

}  // namespace cuttle
