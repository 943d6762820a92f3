#!/usr/bin/env python3
"""What a training step costs where the CUDA kernels run in the interpreter, beside the CPU's own kernels.

    interpreter_step.py WORKER [--threads 2] [--rounds 5] [--steps 4]

WORKER is the program training_step_worker of a build with CUTTLE_GPU=simt, whose device "cuda" is the
interpreter. Each round runs some steps of the tutorial network, batch 64, on each device in turn.
"""
import argparse
import datetime
import os
import statistics

from compare_pytorch import CuttleStep, processor


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("worker")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=4)
    arguments = parser.parse_args()
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    os.environ["CUTTLE_SIMT_THREADS"] = str(arguments.threads)

    devices = {name: CuttleStep(arguments.worker, name, arguments.threads) for name in ("cuda", "cpu")}
    times = {name: [] for name in devices}
    for step in devices.values():
        step.run(1)  # warm-up
    for _ in range(arguments.rounds):
        for name, step in devices.items():
            times[name] += step.run(arguments.steps)

    print(f"{datetime.date.today()}, {processor()}, {arguments.threads} threads, "
          f"{arguments.rounds} rounds of {arguments.steps} steps, batch 64, float32")
    print(f"{'':24} {'median ms':>10} {'least':>8} {'most':>8}")
    for name, label in (("cuda", "kernels in interpreter"), ("cpu", "kernels of the CPU")):
        values = times[name]
        print(f"{label:24} {statistics.median(values):10.1f} {min(values):8.1f} {max(values):8.1f}")


if __name__ == "__main__":
    main()
