// What the system or a sanitizer finds while a kernel runs, told with the CUDA thread it happened
// in.
#pragma once

namespace cuttle::simt {

/// Makes crashes, failed asserts and sanitizer reports inside a kernel say where they happened.
/// Once is enough.
void install_crash_reports();
/// Each OS thread that runs kernels needs a stack of its own for the crash handler, since a fiber's
/// may be what overflowed.
void install_crash_stack();

/// abort() after a report that has said all.
[[noreturn]] void abort_without_a_word();

}  // namespace cuttle::simt
