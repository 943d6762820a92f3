// Tensors to and from DLPack: what is described, who owns it, what is refused.
#include <cuttle/core/creation.h>
#include <cuttle/core/dlpack.h>
#include <cuttle/core/dlpack_abi.h>
#include <cuttle/core/ops/arithmetic.h>

#include "samples.h"
#include "support/devices.h"
#include "support/expect.h"

namespace cuttle::test {
namespace {

class DLPack : public DeviceTest {};
CUTTLE_INSTANTIATE_DEVICES(DLPack);

TEST_P(DLPack, DescribesTheTensor) {
  const Tensor x = sample({2, 3, 4}, device(), float32).transpose(0, 2).narrow(1, 1, 2);
  DLManagedTensor* managed = to_dlpack(x);
  const DLTensor& t = managed->dl_tensor;
  EXPECT_EQ(t.data, x.raw_data());
  EXPECT_EQ(t.byte_offset, 0u);
  EXPECT_EQ(t.device.device_type, device().is_cuda() ? 2 : 1);
  EXPECT_EQ(t.device.device_id, 0);
  EXPECT_EQ(Shape(std::span<const int64_t>(t.shape, 3)), (Shape{4, 2, 2}));
  EXPECT_EQ(Shape(std::span<const int64_t>(t.strides, 3)), x.strides());
  EXPECT_EQ(t.dtype.code, 2);
  EXPECT_EQ(t.dtype.bits, 32);
  EXPECT_EQ(t.dtype.lanes, 1);
  managed->deleter(managed);
}

TEST_P(DLPack, EveryDtypeAndLayoutComesBack) {
  for (const DType dtype :
       {float32, float64, float16, bfloat16, int64, int32, int16, int8, uint8, boolean})
    for (const Shape& shape : common_shapes())
      for (const auto& [name, x] : layouts(shape, device(), dtype)) {
        const Tensor y = from_dlpack(to_dlpack(x)), z = from_dlpack(to_dlpack_versioned(x));
        for (const Tensor& same : {y, z}) {
          EXPECT_EQ(same.dtype(), dtype);
          EXPECT_EQ(same.device(), device());
          EXPECT_EQ(same.raw_data(), x.raw_data()) << name;
          EXPECT_EQ(same.to_vector<double>(), x.to_vector<double>()) << name << shape;
        }
      }
}

TEST_P(DLPack, MemoryLivesUntilTheLastHolderGoes) {
  Tensor x = full({1000}, 3.0, {.device = device()});
  DLManagedTensor* managed = to_dlpack(x);
  const void* memory = x.raw_data();
  x = Tensor();
  EXPECT_NE(zeros({1000}, {.device = device()}).raw_data(), memory);
  Tensor y = from_dlpack(managed);
  Tensor view = y.narrow(0, 10, 5);
  y = Tensor();
  EXPECT_EQ(view.sum().item(), 15);
  view.add_(1);
  EXPECT_EQ(view.sum().item(), 20);
}

// What another library would hand over: memory, and a deleter that counts.
struct Foreign {
  Foreign() {
    managed.dl_tensor = {.data = memory,
                         .device = {1, 0},
                         .ndim = 2,
                         .dtype = {2, 32, 1},
                         .shape = shape,
                         .strides = nullptr,
                         .byte_offset = 8};
    managed.manager_ctx = this;
    managed.deleter = [](DLManagedTensor* self) {
      ++static_cast<Foreign*>(self->manager_ctx)->deleted;
    };
  }
  alignas(16) float memory[8] = {0, 1, 2, 3, 4, 5, 6, 7};
  int64_t shape[9] = {2, 3, 1, 1, 1, 1, 1, 1, 1}, strides[2] = {1, 2};
  int deleted = 0;
  DLManagedTensor managed{};
};

TEST(DLPackFromOthers, StridesOffsetAndDeleter) {
  Foreign a;
  {
    const Tensor x = from_dlpack(&a.managed);
    EXPECT_EQ(x.to_vector<float>(), (std::vector<float>{2, 3, 4, 5, 6, 7}));
    const Tensor view = x[1];
    EXPECT_EQ(a.deleted, 0);
  }
  EXPECT_EQ(a.deleted, 1);
  Foreign b;
  b.managed.dl_tensor.strides = b.strides;
  b.managed.deleter = nullptr;  // allowed: nothing to be done
  EXPECT_EQ(from_dlpack(&b.managed).to_vector<float>(), (std::vector<float>{2, 4, 6, 3, 5, 7}));
  Foreign scalar;
  scalar.managed.dl_tensor.ndim = 0;
  EXPECT_EQ(from_dlpack(&scalar.managed).item(), 2);
}

TEST(DLPackFromOthers, WhatNoTensorCanBeIsRefusedAndNotTakenOver) {
  Foreign f;
  const auto refusal = [&](const auto& spoil) {
    Foreign spoilt;
    spoil(spoilt.managed.dl_tensor);
    const std::string sentence = error_of([&] { (void)from_dlpack(&spoilt.managed); });
    EXPECT_EQ(spoilt.deleted, 0) << sentence;
    return sentence;
  };
  EXPECT_EQ(refusal([](DLTensor& t) {
              t.dtype = {5, 64, 1};
            }),
            "from_dlpack: there is no dtype of code 5 and 64 bits here; convert it in the library "
            "that it comes from");
  EXPECT_EQ(refusal([](DLTensor& t) { t.dtype.lanes = 4; }),
            "from_dlpack: elements of 4 lanes are vectors; give them a dimension instead");
  EXPECT_EQ(refusal([](DLTensor& t) {
              t.device = {7, 0};
            }),
            "from_dlpack: a tensor on a device of type 7 cannot be used here; move it to the CPU "
            "(1) or to CUDA (2) first");
  EXPECT_EQ(refusal([](DLTensor& t) { t.byte_offset = 2; }),
            "from_dlpack: the memory does not begin at a multiple of 4 bytes, the size of float32; "
            "copy it in the library that it comes from");
  EXPECT_EQ(refusal([](DLTensor& t) { t.ndim = 9; }),
            "from_dlpack: got 9 dimensions; there can be 8 at most");
  int64_t negative[2] = {-1, 1};
  EXPECT_EQ(refusal([&](DLTensor& t) { t.strides = negative; }),
            "from_blob: strides must not be negative, got [-1, 1]");
  EXPECT_EQ(refusal([](DLTensor& t) {
              t.data = nullptr;
              t.byte_offset = 0;
            }),
            "from_blob: got a null pointer for shape [2, 3]");
  EXPECT_EQ(error_of([] { (void)from_dlpack(static_cast<DLManagedTensor*>(nullptr)); }),
            "from_dlpack: got a null pointer");
  DLManagedTensorVersioned* versioned = to_dlpack_versioned(ones({2}));
  versioned->flags = 1;
  EXPECT_EQ(error_of([&] { (void)from_dlpack(versioned); }),
            "from_dlpack: this memory may only be read, and tensors can be written; copy it first");
  versioned->version.major = 2;
  EXPECT_EQ(error_of([&] { (void)from_dlpack(versioned); }),
            "from_dlpack: version 2 of DLPack is not known here; 1 is");
  versioned->deleter(versioned);
  EXPECT_EQ(
      error_of([] { (void)to_dlpack(ones({2}).requires_grad_()); }),
      "to_dlpack: a tensor that requires a gradient cannot be written by others; detach() it");
  EXPECT_EQ(error_of([] { (void)to_dlpack(Tensor()); }), "to_dlpack: the tensor is undefined");
}

}  // namespace
}  // namespace cuttle::test
