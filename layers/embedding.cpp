// Embedding layers: their tables.
#include "embedding.h"

#include "../core/autograd/grad_mode.h"
#include "../core/creation.h"
#include "init.h"
#include "printed_number.h"

namespace cuttle {
namespace {

Tensor table(const char* name, int64_t rows, int64_t features, std::optional<int64_t> padding) {
  if (rows < 0 || features < 0)
    fail(name, ": num_embeddings and embedding_dim cannot be negative, got ", rows, " and ",
         features);
  if (padding && (*padding < -rows || *padding >= rows))
    fail(name, ": padding_idx must lie between ", -rows, " and ", rows - 1, ", got ", *padding);
  return empty({rows, features});
}

template <class Options>
Options counted_from_front(Options options, int64_t rows) {
  if (options.padding_idx && *options.padding_idx < 0) *options.padding_idx += rows;
  return options;
}

void draw(const Tensor& weight, std::optional<int64_t> padding) {
  init::normal_(weight);
  const NoGradGuard no_grad;
  if (padding) weight.select(0, *padding).zero_();
}

std::string sizes_of(const Tensor& weight) {
  return std::to_string(weight.size(0)) + ", " + std::to_string(weight.size(1));
}

// What both print of their options.
template <class Options>
std::string described(const Options& options) {
  std::string text;
  if (options.max_norm) text += ", max_norm=" + printed_number(*options.max_norm);
  if (options.norm_type != 2) text += ", norm_type=" + printed_number(options.norm_type);
  if (options.scale_grad_by_freq) text += ", scale_grad_by_freq=True";
  return text;
}

std::string padding_text(std::optional<int64_t> padding) {
  return padding ? ", padding_idx=" + std::to_string(*padding) : "";
}

}  // namespace

#define CUTTLE_TABLE_LAYER(Name)                                                          \
  Name::Name(int64_t num_embeddings, int64_t embedding_dim, const Name##Options& options) \
      : weight(register_parameter(                                                        \
            "weight", table(#Name, num_embeddings, embedding_dim, options.padding_idx))), \
        options_(counted_from_front(options, num_embeddings)) {                           \
    constructed_from<Name>(num_embeddings, embedding_dim, options);                       \
    reset_parameters();                                                                   \
  }                                                                                       \
  void Name::reset_parameters() {                                                         \
    draw(weight, options_.padding_idx);                                                   \
  }
CUTTLE_TABLE_LAYER(Embedding)
CUTTLE_TABLE_LAYER(EmbeddingBag)
#undef CUTTLE_TABLE_LAYER

Tensor Embedding::forward(const Tensor& indices) {
  return embedding(indices, weight, options_);
}

std::string Embedding::extra_repr() const {
  return sizes_of(weight) + padding_text(options_.padding_idx) + described(options_);
}

Tensor EmbeddingBag::forward(const Tensor& indices, const Tensor& offsets,
                             const Tensor& per_sample_weights) {
  return embedding_bag(indices, weight, offsets, options_, per_sample_weights);
}

std::string EmbeddingBag::extra_repr() const {
  constexpr const char* modes[] = {"sum", "mean", "max"};
  return sizes_of(weight) + described(options_) +
         ", mode=" + modes[static_cast<size_t>(options_.mode)] + padding_text(options_.padding_idx);
}

}  // namespace cuttle
