#include "group_norm.h"

#include "../../core/creation.h"
#include "../../core/ops/normalization/group_norm.h"
#include "../init.h"
#include "../printed_number.h"

namespace cuttle {
namespace {

Shape channels_of(int64_t num_groups, int64_t num_channels) {
  if (num_groups < 1 || num_channels < 1 || num_channels % num_groups != 0)
    fail("GroupNorm: num_groups must divide num_channels, got ", num_groups, " and ", num_channels);
  return {num_channels};
}

}  // namespace

GroupNorm::GroupNorm(int64_t num_groups, int64_t num_channels, const GroupNormOptions& options)
    : weight(register_parameter(
          "weight", options.affine ? ones(channels_of(num_groups, num_channels)) : Tensor())),
      bias(register_parameter("bias", options.affine ? zeros({num_channels}) : Tensor())),
      num_groups_(num_groups),
      num_channels_(channels_of(num_groups, num_channels)[0]),
      eps_(options.eps) {
  constructed_from<GroupNorm>(num_groups, num_channels, options);
}

Tensor GroupNorm::forward(const Tensor& input) {
  if (input.defined() && input.dim() >= 2 && input.size(1) != num_channels_)
    fail("group_norm: expected ", num_channels_, " channels, got ", input.size(1), " (input ",
         input.shape(), ")");
  return group_norm(input, num_groups_, weight, bias, eps_);
}

std::string GroupNorm::extra_repr() const {
  return std::to_string(num_groups_) + ", " + std::to_string(num_channels_) +
         ", eps=" + printed_number(eps_) + ", affine=" + printed_choice(weight.defined());
}

void GroupNorm::reset_parameters() {
  if (!weight.defined()) return;
  init::ones_(weight);
  init::zeros_(bias);
}

LocalResponseNorm::LocalResponseNorm(int64_t size, const LocalResponseNormOptions& options)
    : size_(size), options_(options) {
  if (size < 1) fail("LocalResponseNorm: the size must be at least 1, got ", size);
  constructed_from<LocalResponseNorm>(size, options);
}

Tensor LocalResponseNorm::forward(const Tensor& input) {
  return local_response_norm(input, size_, options_.alpha, options_.beta, options_.k);
}

std::string LocalResponseNorm::extra_repr() const {
  return std::to_string(size_) + ", alpha=" + printed_number(options_.alpha) +
         ", beta=" + printed_number(options_.beta) + ", k=" + printed_number(options_.k);
}

}  // namespace cuttle
