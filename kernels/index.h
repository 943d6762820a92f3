// Elements picked and written by index: gather, index_select, x[i, j], and their adjoints.
#pragma once

#include <cstdint>

#include "half.h"
#include "stream.h"
#include "strided.h"

namespace cuttle::kernels {

/// Dimensions of a tensor of which index arrays tell the coordinates. An element's coordinate i in
/// dimension d lies `stride[d] · i` elements from the place that the loop's own strides give it.
/// All arrays have the same strides.
struct IndexedDims {
  int count = 0;
  const int64_t* index[kMaxRank] = {};
  int64_t size[kMaxRank] = {};
  int64_t stride[kMaxRank] = {};
  int dim[kMaxRank] = {};    // the dimension's number, for the error's sentence
  bool from_back = false;    // negative indices count from the back; else they are out of range
  const char* op = "index";  // a literal that names the operation in the sentence
};

/// out[…] = x[… + Σ_k stride_k · index_k[…]], operands (x, index, out). An index out of range: the
/// CPU throws Error; the GPU reads 0 (NaN for floating types) and reports it at the next
/// synchronisation (see cuda_runtime.h).  T: every element type.
template <class T>
void index_read(cpu::Stream, const StridedLoop<3>& loop, const IndexedDims& dims, const T* x,
                T* out);
template <class T>
void index_read(cuda::Stream, const StridedLoop<3>& loop, const IndexedDims& dims, const T* x,
                T* out);

// Writing goes by destination, so that elements which meet in one are combined in the same order in
// every run: index_keys numbers each element's destination, index_sort brings the elements of one
// destination together, index_write combines them.

/// keys[e] = the number of element e's destination, e counting the loop (base, index) in row-major
/// order: Σ coordinate · base stride + Σ_k stride_k · index_k. `beyond` is larger than every
/// number. An index out of range: the CPU throws Error before anything is written; the GPU gives
/// the key `beyond`, which is written nowhere, and reports it.
void index_keys(cpu::Stream, const StridedLoop<2>& loop, const IndexedDims& dims, int64_t beyond,
                int64_t* keys);
void index_keys(cuda::Stream, const StridedLoop<2>& loop, const IndexedDims& dims, int64_t beyond,
                int64_t* keys);

/// Sorts the n keys, all in [0, beyond], in place; order[i] is where the i-th came from. Equal keys
/// stay in their order.
void index_sort(cpu::Stream, int64_t n, int64_t beyond, int64_t* keys, int64_t* order);
void index_sort(cuda::Stream, int64_t n, int64_t beyond, int64_t* keys, int64_t* order);

/// What happens to a destination that holds a and gets b.
enum class IndexWrite {
  assign,    // b; of several the last
  add,       // a + b (bool: or)
  multiply,  // a · b (bool: and)
  maximum,   // the larger one, a NaN where one is
  minimum,   // the smaller one, likewise
};

/// Where things lie: destination `key` at the key-th place of `destination` in row-major order,
/// element e at the e-th place of `value`, and both repeated over `rest`, operands (value, out).
struct IndexWriteLoops {
  StridedLoop<1> destination, value;
  StridedLoop<2> rest;
};

/// For each i < n with keys[i] < beyond, and each position of `rest`: combines element order[i] (i
/// where `order` is nullptr: then no key may come twice) of `value` into destination keys[i] of
/// out. Elements of one destination follow each other in their order, onto what is there, in
/// Compute<T>'s precision, rounded to T at the end: the same bits on every device. T: every element
/// type.
template <class T>
void index_write(cpu::Stream, IndexWrite op, const IndexWriteLoops& loops, int64_t n,
                 int64_t beyond, const int64_t* keys, const int64_t* order, const T* value, T* out);
template <class T>
void index_write(cuda::Stream, IndexWrite op, const IndexWriteLoops& loops, int64_t n,
                 int64_t beyond, const int64_t* keys, const int64_t* order, const T* value, T* out);

/// out = value where mask, operands (mask, value, out); other elements stay.  T: every element
/// type.
template <class T>
void mask_write(cpu::Stream, const StridedLoop<3>& loop, const bool* mask, const T* value, T* out);
template <class T>
void mask_write(cuda::Stream, const StridedLoop<3>& loop, const bool* mask, const T* value, T* out);

}  // namespace cuttle::kernels
