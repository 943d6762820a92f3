#!/usr/bin/env python3
"""What the host does in a training step without its kernels: microseconds, instructions, and where they go.

    host_step.py WORKER [WORKER ...] [--rounds 30] [--steps 10] [--no-profile]

WORKER is the program host_step_worker of a build with CUTTLE_GPU=simt; several, such as those before and
after a change, are run in turn. The kernels of a round are queued while the clock runs and computed after
it (CUTTLE_SIMT_STREAMS=deferred), so the times are those of recording, replaying the tape, allocation and
launches, with the interpreter's queue in the driver's place. Instructions are counted by valgrind's
callgrind, three steps, without the kernels; the shares are of a function and all that it calls, so they
overlap.
"""
import argparse
import datetime
import os
import re
import statistics
import subprocess
import tempfile

from compare_pytorch import processor

# What the profile shows: a name, and the function as callgrind writes it.
PARTS = (
    ("forward, recording", r"cuttle::Sequential::forward\("),
    ("loss", r"cuttle::CrossEntropyLoss::forward\("),
    ("zero_grad", r"cuttle::Optimizer::zero_grad\("),
    ("backward", r"cuttle::Tensor::backward\("),
    ("optimizer.step", r"cuttle::(SGD::step|RuleOptimizer<.*>::step_unless)\("),
    ("linear, both ways", r"cuttle::linear\("),
    ("convolution backward", r"cuttle::\(anonymous namespace\)::conv2d\w*_backward\("),
    ("device memory taken", r"cuttle::CachingAllocator::allocate\("),
    ("device memory given back", r"cuttle::CachingAllocator::free\("),
    ("malloc", r"malloc\.c:malloc "),
    ("free", r"malloc\.c:free "),
    ("launches: the interpreter's queue", r"cuttle::simt::submit_launch\("),
)


def environment():
    return dict(os.environ, CUTTLE_SIMT_STREAMS="deferred", CUTTLE_SIMT_THREADS="1", OMP_NUM_THREADS="1")


def microseconds(worker, rounds, steps):
    output = subprocess.run([worker, str(rounds), str(steps)], env=environment(), check=True,
                            capture_output=True, text=True).stdout
    return [float(line) for line in output.split()]


def instructions(worker, steps=3):
    """Of one step: all, and those of each part."""
    with tempfile.TemporaryDirectory() as folder:
        profile = os.path.join(folder, "callgrind.out")
        subprocess.run(["valgrind", "--tool=callgrind", "--collect-atstart=no", "--toggle-collect=*queue_step*",
                        f"--callgrind-out-file={profile}", worker, "1", str(steps)],
                       env=environment(), check=True, capture_output=True)
        lines = subprocess.run(["callgrind_annotate", "--inclusive=yes", "--threshold=100", profile], check=True,
                               capture_output=True, text=True).stdout.splitlines()
    counts = [(int(found[1].replace(",", "")), found[2])
              for found in (re.match(r"\s*([\d,]+) \([ \d.]+%\)\s+(.*)", line) for line in lines) if found]
    parts = {name: sum({function: count for count, function in counts
                        if re.search(pattern, function) and "std::_Function_handler" not in function}.values())
             for name, pattern in PARTS}
    return counts[0][0] / steps, {name: count / steps for name, count in parts.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("workers", nargs="+")
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--no-profile", action="store_true")
    arguments = parser.parse_args()

    times = {worker: [] for worker in arguments.workers}
    for _ in range(3):
        for worker in arguments.workers:
            times[worker] += microseconds(worker, arguments.rounds // 3, arguments.steps)
    print(f"{datetime.date.today()}, {processor()}, {arguments.rounds} rounds of {arguments.steps} steps, batch 1")
    print(f"\n| worker | median µs a step | least | most |\n|---|---|---|---|")
    for worker, values in times.items():
        print(f"| {worker} | {statistics.median(values):.1f} | {min(values):.1f} | {max(values):.1f} |")
    if arguments.no_profile:
        return

    profiles = [instructions(worker) for worker in arguments.workers]
    print("\n| thousands of instructions a step |" + "".join(f" {worker} |" for worker in arguments.workers))
    print("|---|" + "---|" * len(profiles))
    print("| all |" + "".join(f" {count / 1000:.0f} |" for count, _ in profiles))
    for name, _ in PARTS:
        print(f"| {name} |" + "".join(f" {parts[name] / 1000:.0f} |" for _, parts in profiles))


if __name__ == "__main__":
    main()
