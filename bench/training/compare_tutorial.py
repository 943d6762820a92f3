#!/usr/bin/env python3
"""The tutorial's program in PyTorch, as it is written, and in Cuttle, in turns, loading included.

    compare_tutorial.py PROGRAM CIFAR10 [--threads 2] [--epochs 2] [--json FILE]

PROGRAM is cifar10_to_device of a Cuttle build; the other one is examples/cifar10/tutorial.py, unchanged.
CIFAR10 is the folder that holds cifar-10-batches-bin. Both programs run whole epochs: images from the
loader, training, TensorBoard, evaluation, a model saved. Each is a process of its own, on the same cores
and with the same number of threads, that is stopped while it is the other one's turn. A turn is what a
program does up to the next line that it prints: 100 steps, or the last 82, evaluation and saving.
Printed are medians and quartiles over the turns, whole epochs, by the clock and in processor time of all
threads, in which a machine that others use too leaves less noise, and the most memory each had. It is an
error if the two print other losses or accuracies.
"""
import argparse
import datetime
import json
import os
import pathlib
import pickle
import re
import runpy
import signal
import statistics
import subprocess
import sys
import tempfile
import time

from compare_models import Peer, processor

TUTORIAL = pathlib.Path(__file__).resolve().parents[2] / "examples" / "cifar10" / "tutorial.py"


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("cifar10", type=pathlib.Path)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--json", type=pathlib.Path, help="also write the figures to this file")
    return parser.parse_args()


def run_tutorial():
    """The tutorial in this process and folder, on images whose checksums are not the official ones."""
    import torchvision

    torchvision.datasets.cifar.check_integrity = lambda *_: True
    runpy.run_path(str(TUTORIAL), run_name="__main__")


def write_pickles(source, folder):
    """The set as torchvision reads it."""
    import numpy

    folder.mkdir(parents=True)
    for name in [f"data_batch_{i}" for i in range(1, 6)] + ["test_batch"]:
        records = numpy.fromfile(source / f"{name}.bin", numpy.uint8).reshape(-1, 1 + 3 * 32 * 32)
        batch = {"data": records[:, 1:].copy(), "labels": records[:, 0].tolist()}
        (folder / name).write_bytes(pickle.dumps(batch, protocol=2))
    names = (source / "batches.meta.txt").read_text().split()
    (folder / "batches.meta").write_bytes(pickle.dumps({"label_names": names}, protocol=2))


class Program(Peer):
    """One of the two. It stands still but for its turns."""

    def __init__(self, name, command, folder, threads):
        # A session of its own: a shell that ends would let what stands still in its session run on.
        command = ["setsid", "env", "-C", str(folder), "CUDA_VISIBLE_DEVICES=", *command]
        super().__init__(name, command, threads)
        self.printed = []  # (what, number)
        self.read_to(r"-+ epoch 1 -+")
        self.process.send_signal(signal.SIGSTOP)

    def read_to(self, pattern):
        """The line. Losses and accuracies up to it are kept."""
        for line in self.process.stdout:
            if found := re.match(r"(step \d+, loss|accuracy on the test set): (.*)", line):
                self.printed.append((found[1], float(found[2])))
            if re.match(pattern, line):
                return line
        sys.exit(f"{self.name} ended before it printed {pattern}")

    def turn(self):
        """(seconds, seconds of processors, whether it ended an epoch)"""
        used, start = self.processor_ms(), time.perf_counter()
        self.process.send_signal(signal.SIGCONT)
        line = self.read_to(r"step \d+, loss|saved ")
        took = time.perf_counter() - start
        self.process.send_signal(signal.SIGSTOP)
        return took, (self.processor_ms() - used) / 1e3, line.startswith("saved")

    def end(self):
        self.process.kill()
        self.process.wait()


def check_agreement(cuttle, pytorch):
    """The same weights, batches and steps: what differs is the rounding, and it grows."""
    for (what, ours), (theirs_what, theirs) in zip(cuttle.printed, pytorch.printed, strict=True):
        tolerance = 0.01 if what.startswith("accuracy") else 1e-5 * int(re.search(r"\d+", what)[0])
        if what != theirs_what or abs(ours - theirs) > tolerance:
            sys.exit(f"{what}: {ours} of Cuttle, {theirs_what}: {theirs} of PyTorch")


def summary(turns):
    """Of turns [(of Cuttle, of PyTorch)] of one kind; times are (clock, processors)."""
    figures = {}
    for measure, which in (("clock", 0), ("processors", 1)):
        times = [[side[which] for side in turn] for turn in turns]
        ratios = [pytorch / cuttle for cuttle, pytorch in times]
        if len(ratios) > 1:
            quartiles = statistics.quantiles(ratios, n=4, method="inclusive")
        else:
            quartiles = ratios * 3
        figures[measure] = {"cuttle_s": statistics.median(t[0] for t in times),
                            "pytorch_s": statistics.median(t[1] for t in times),
                            "ratio": quartiles[1], "quartiles": [quartiles[0], quartiles[2]]}
    return figures


def run_turns(programs, epochs):
    """The turns of 100 steps, and those that end an epoch; each [(of Cuttle, of PyTorch)]."""
    kinds = {False: [], True: []}
    number = 0
    while len(kinds[True]) < epochs:
        number += 1
        took = {program: program.turn() for program in (programs if number % 2 else programs[::-1])}
        cuttle, pytorch = (took[program] for program in programs)
        assert cuttle[2] == pytorch[2], "one program ended its epoch before the other"
        kinds[cuttle[2]].append((cuttle[:2], pytorch[:2]))
    return kinds[False], kinds[True]


def epochs_of(steps, ends):
    """Whole epochs: sums of their turns."""
    each = len(steps) // len(ends)
    parts = [[*steps[i * each:(i + 1) * each], end] for i, end in enumerate(ends)]
    return [tuple(tuple(sum(turn[side][which] for turn in turns) for which in (0, 1))
                  for side in (0, 1)) for turns in parts]


def report(figures):
    print(f"{'':34} {'Cuttle':>9} {'PyTorch':>9} {'ratio':>7}   quartiles")
    for part, measures in figures.items():
        for measure, its in measures.items():
            print(f"{part + ', ' + measure:34} {its['cuttle_s']:8.2f}s {its['pytorch_s']:8.2f}s "
                  f"{its['ratio']:7.2f}   {its['quartiles'][0]:.2f} to {its['quartiles'][1]:.2f}")


def run_both(arguments):
    """The programs at their end, their turns as of run_turns, and the most memory of each in MiB."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        write_pickles(arguments.cifar10 / "cifar-10-batches-bin", folder / "data" / "cifar-10-batches-py")
        (folder / "cuttle").mkdir()
        commands = {
            "Cuttle": ([arguments.program.resolve(), "--device", "cpu", "--data", "cifar10", "--root",
                        folder / "data"], folder / "cuttle"),
            "PyTorch": ([sys.executable, "-u", pathlib.Path(__file__).resolve(), "--tutorial"], folder)}
        programs = []
        try:
            for name, (command, where) in commands.items():
                programs.append(Program(name, command, where, arguments.threads))
            steps, ends = run_turns(programs, arguments.epochs)
            memory = {program.name: program.memory("VmHWM") for program in programs}
        finally:
            for program in programs:
                program.end()
    return programs, steps, ends, memory


def main():
    if sys.argv[1:] == ["--tutorial"]:
        return run_tutorial()
    arguments = parse_arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # leaves no program behind that stands still
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:arguments.threads])
    versions = subprocess.check_output(
        [sys.executable, "-c", "import torch, torchvision as v; print(torch.__version__, v.__version__)"],
        text=True).split()
    setting = {"date": str(datetime.date.today()), "hardware": processor(),
               "threads": arguments.threads, "torch": versions[0], "torchvision": versions[1],
               "epochs": arguments.epochs}
    print(", ".join(f"{key} {value}" for key, value in setting.items()), flush=True)
    programs, steps, ends, memory = run_both(arguments)
    check_agreement(*programs)
    figures = {"100 steps": summary(steps), "82 steps, evaluation, saving": summary(ends),
               "an epoch": summary(epochs_of(steps, ends))}
    report(figures)
    print("most memory:", ", ".join(f"{name} {mib:.0f} MiB" for name, mib in memory.items()))
    print(f"{len(programs[0].printed)} losses and accuracies agree, the first: "
          f"{programs[0].printed[0][1]} and {programs[1].printed[0][1]}")
    if arguments.json:
        arguments.json.write_text(json.dumps(setting | {"peak_mib": memory} | figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
