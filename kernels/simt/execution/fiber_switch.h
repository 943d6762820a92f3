// The switch itself, one implementation per processor. A function call already saves half of the
// registers, so a switch saves the other half (those that a callee must keep), exchanges the stack
// pointer, and restores: no system call, no signal mask.
#pragma once

#include <cstddef>

namespace cuttle::simt {

extern "C" {
/// Saves where the caller is in *from, and continues what was saved in `to`.
void cuttle_simt_switch(void** from, void* to);
}

/// Lays out a fresh stack, which ends at `top`, so that the first switch to it calls `entry`.
void* prepare_stack(char* stack, size_t bytes, void (*entry)());
/// Frees what prepare_stack or a switch made besides the stack.
void forget_stack(void* stopped_at);

}  // namespace cuttle::simt
