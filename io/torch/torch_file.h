// PyTorch's files, which torch.save writes and torch.load(weights_only=True) takes: a zip of a
// pickle, `data.pkl`, and the memory of each storage, `data/0`, `data/1` … Internal to io.
#pragma once

#include <array>
#include <filesystem>
#include <string_view>
#include <utility>

#include "../../core/dtype.h"
#include "../../core/value.h"

namespace cuttle::torch_file {

/// PyTorch's classes of storages of the types that there are tensors of.
inline constexpr std::array<std::pair<std::string_view, DType>, 10> kStorages = {{
    {"torch\nFloatStorage\n", DType::float32},
    {"torch\nDoubleStorage\n", DType::float64},
    {"torch\nHalfStorage\n", DType::float16},
    {"torch\nBFloat16Storage\n", DType::bfloat16},
    {"torch\nLongStorage\n", DType::int64},
    {"torch\nIntStorage\n", DType::int32},
    {"torch\nShortStorage\n", DType::int16},
    {"torch\nCharStorage\n", DType::int8},
    {"torch\nByteStorage\n", DType::uint8},
    {"torch\nBoolStorage\n", DType::boolean},
}};
inline constexpr std::string_view kRebuildTensor = "torch._utils\n_rebuild_tensor_v2\n";
inline constexpr std::string_view kOrderedDict = "collections\nOrderedDict\n";
inline constexpr std::string_view kCounter = "collections\nCounter\n";
/// The deepest data that is read and written.
inline constexpr int kMaxDepth = 100;
/// The longest data.pkl that is read and written, and how much it may hold: a tensor is some twenty
/// items, and a model of 100,000 tensors takes some 20 million bytes.
inline constexpr size_t kMaxPickleBytes = 256'000'000, kMaxItems = 8'000'000;

/// Tensors are on the CPU; those that shared memory when they were saved share it again. With
/// `mmap` they lie in the mapped file where they are aligned. Throws Error, without the file's
/// name, for anything but such a file of such data.
Value read(const std::filesystem::path& path, bool mmap);

/// Writes the file, whole or not at all. Tensors that share memory are written with all of it that
/// they use, and with their strides; others row-major, with their own elements alone. Throws Error,
/// without the file's name, for an undefined tensor, a text that is not UTF-8, or data that is too
/// deep or too much to be read again.
void write(const Value& data, const std::filesystem::path& path);

}  // namespace cuttle::torch_file
