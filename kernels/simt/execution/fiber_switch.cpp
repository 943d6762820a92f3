// See fiber_switch.h: x86-64 and aarch64 in assembly, anything else by ucontext (far slower,
// because it saves the signal mask by a system call).
#include "fiber_switch.h"

#if defined(CUTTLE_SIMT_UCONTEXT) || (!defined(__x86_64__) && !defined(__aarch64__))

#include <ucontext.h>

extern "C" void cuttle_simt_switch(void** from, void* to) {
  if (!*from) *from = new ucontext_t;
  swapcontext(static_cast<ucontext_t*>(*from), static_cast<ucontext_t*>(to));
}

namespace cuttle::simt {

void* prepare_stack(char* stack, size_t bytes, void (*entry)()) {
  auto* context = new ucontext_t;
  getcontext(context);
  context->uc_stack.ss_sp = stack;
  context->uc_stack.ss_size = bytes;
  context->uc_link = nullptr;
  makecontext(context, entry, 0);
  return context;
}

void forget_stack(void* stopped_at) {
  delete static_cast<ucontext_t*>(stopped_at);
}

}  // namespace cuttle::simt

#else

#if defined(__x86_64__)

asm(R"(
.text
.globl cuttle_simt_switch
.type cuttle_simt_switch,@function
cuttle_simt_switch:
    .cfi_startproc
    pushq %rbp
    pushq %rbx
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    movq %rsp, (%rdi)
    movq %rsi, %rsp
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rbx
    popq %rbp
    ret
    .cfi_endproc
.size cuttle_simt_switch,.-cuttle_simt_switch
)");

namespace cuttle::simt {

void* prepare_stack(char* stack, size_t bytes, void (*entry)()) {
  void** top = reinterpret_cast<void**>(stack + bytes);
  *--top =
      nullptr;  // the return address of `entry`: ends backtraces, and aligns the stack as a call
  *--top = reinterpret_cast<void*>(entry);
  for (int saved = 0; saved < 6; ++saved) *--top = nullptr;
  return top;
}

#else  // aarch64

asm(R"(
.text
.globl cuttle_simt_switch
.type cuttle_simt_switch,%function
cuttle_simt_switch:
    sub sp, sp, #160
    stp x19, x20, [sp, #0]
    stp x21, x22, [sp, #16]
    stp x23, x24, [sp, #32]
    stp x25, x26, [sp, #48]
    stp x27, x28, [sp, #64]
    stp x29, x30, [sp, #80]
    stp d8, d9, [sp, #96]
    stp d10, d11, [sp, #112]
    stp d12, d13, [sp, #128]
    stp d14, d15, [sp, #144]
    mov x9, sp
    str x9, [x0]
    mov sp, x1
    ldp x19, x20, [sp, #0]
    ldp x21, x22, [sp, #16]
    ldp x23, x24, [sp, #32]
    ldp x25, x26, [sp, #48]
    ldp x27, x28, [sp, #64]
    ldp x29, x30, [sp, #80]
    ldp d8, d9, [sp, #96]
    ldp d10, d11, [sp, #112]
    ldp d12, d13, [sp, #128]
    ldp d14, d15, [sp, #144]
    add sp, sp, #160
    ret
.size cuttle_simt_switch,.-cuttle_simt_switch
)");

namespace cuttle::simt {

void* prepare_stack(char* stack, size_t bytes, void (*entry)()) {
  void** frame = reinterpret_cast<void**>(stack + bytes - 160);
  for (int i = 0; i < 20; ++i) frame[i] = nullptr;
  frame[11] = reinterpret_cast<void*>(entry);  // x30, to which `ret` goes
  return frame;
}

#endif

void forget_stack(void*) {}

}  // namespace cuttle::simt

#endif
