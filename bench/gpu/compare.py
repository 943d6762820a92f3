#!/usr/bin/env python3
"""Cuttle beside PyTorch, cuDNN and cuBLAS on one GPU, in one run: tables in Markdown on standard output.

    compare.py WORKER [--rounds 15] [--small] [--program TRAINER [--root DIR]] [--self-test]

WORKER is the program gpu_worker of a Cuttle build. Both sides run the same cases; a round times each side
once, in an order that changes from round to round. A cell is the median in µs, and in brackets the first
and the last decile. --small: tiny sizes, few rounds, PyTorch on the CPU: to see that everything runs where
there is no GPU; the figures mean nothing then. --program: the trainer cifar10_to_device, run for ten epochs,
with --root on CIFAR-10 from DIR and beside examples/cifar10/tutorial.py. Without PyTorch its columns stay
empty. bench/gpu.sh calls this.
"""
import argparse
import collections
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PRECISIONS = {"float32": "float32", "tf32": "TF32", "bf16": "bfloat16"}
SAMPLE = 3000  # microseconds that one sample takes at least, beside which a wait of ten is little
Times = collections.namedtuple("Times", "median low high")


class Cuttle:
    """The worker, as a peer: has(name), microseconds(name, calls), drop()."""

    def __init__(self, worker, small):
        self.process = subprocess.Popen([worker, "small" if small else "full"], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        self.names = set(self.ask("cases").strip().split("\t"))

    def ask(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer or answer.startswith("error: "):
            sys.exit(f"gpu_worker, asked '{line}': {answer.strip() or 'ended'}")
        return answer

    def has(self, name):
        return name in self.names

    def microseconds(self, name, calls):
        return float(self.ask(f"time {calls} {name}"))

    def drop(self):
        self.ask("drop")


class Nobody:
    """In PyTorch's place where it is not installed."""

    def has(self, _):
        return False

    def drop(self):
        pass


def summary(values):
    if len(values) < 2:
        return Times(values[0], values[0], values[0])
    deciles = statistics.quantiles(values, n=10, method="inclusive")
    return Times(statistics.median(values), deciles[0], deciles[-1])


def measure(sides, rounds, sample=SAMPLE):
    """{key: Times} of the sides, {key: (peer, case)}, interleaved; without those that a peer does not have."""
    sides = {key: (peer, name) for key, (peer, name) in sides.items() if peer.has(name)}
    calls, values = {}, {key: [] for key in sides}
    for key, (peer, name) in sides.items():
        calls[key] = max(1, math.ceil(sample / max(peer.microseconds(name, 1), 0.1)))
    keys = list(sides)
    for number in range(rounds):
        turn = number % max(len(keys), 1)
        for key in keys[turn:] + keys[:turn]:
            peer, name = sides[key]
            values[key].append(peer.microseconds(name, calls[key]))
    for peer in {peer for peer, _ in sides.values()}:
        peer.drop()
    return {key: summary(times) for key, times in values.items()}


def cell(times):
    if times is None:
        return "–"
    return f"{number(times.median)} ({number(times.low)}–{number(times.high)})"


def number(value):
    return f"{value:.1f}" if value < 100 else f"{value:,.0f}"


def ratio(times, key, other):
    """How many times as fast as `key` the other one is."""
    if key not in times or other not in times:
        return None
    return times[key].median / times[other].median


def ratio_cell(value):
    return "–" if value is None else f"{value:.2f} ×"


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return lines + ["| " + " | ".join(row) + " |" for row in rows] + [""]


def step_table(cuttle, pytorch, rounds, sample):
    lines = ["## A training step", "",
             "The tutorial network, batch 64, forward, backward and SGD, as fast as steps follow each other. "
             "PyTorch in the faster of its layouts, with cudnn.benchmark; captured: the whole step in one CUDA "
             "graph, PyTorch's with fused SGD.", ""]
    columns = {f"{who} {kind}": (peer, kind) for who, peer in (("PyTorch", pytorch), ("Cuttle", cuttle))
               for kind in ("eager", "captured")}
    rows = []
    for precision, readable in PRECISIONS.items():
        if not cuttle.has(f"step/eager/{precision}"):
            continue
        times = measure({column: (peer, f"step/{kind}/{precision}") for column, (peer, kind) in columns.items()},
                        rounds, sample)
        rows.append([readable, *(cell(times.get(column)) for column in columns),
                     ratio_cell(ratio(times, "PyTorch eager", "Cuttle eager")),
                     ratio_cell(ratio(times, "PyTorch captured", "Cuttle captured"))])
    return lines + table(["", *columns, "eager", "captured"], rows)


def convolution_tables(cuttle, pytorch, rounds, sample):
    lines = ["## The three convolutions of that step", "",
             "Each pass replayed in a CUDA graph. Cuttle's passes have the bias, the 2 × 2 pooling and their "
             "gradients in them. \"cuDNN alone\" is the pass by itself, in the best layout of PyTorch's benchmark "
             "mode; \"with bias and pooling\" what PyTorch needs for the same result.", ""]
    for precision, readable in PRECISIONS.items():
        rows, ratios = [], []
        for layer in (1, 2, 3):
            for what in ("forward", "input gradient", "weight gradient", "backward"):
                name = f"convolution {layer}/{what}/{precision}"
                if not cuttle.has(name):
                    continue
                alone = f"convolution {layer}/forward alone/{precision}" if what == "forward" else name
                sides = {"Cuttle": (cuttle, name)}
                if what != "backward":
                    sides["alone"] = (pytorch, alone)
                if what in ("forward", "backward"):
                    sides["whole"] = (pytorch, name)
                times = measure(sides, rounds, sample)
                if what != "backward":
                    ratios.append(ratio(times, "alone", "Cuttle"))
                rows.append([f"{layer}, {what}", cell(times.get("alone")), cell(times.get("whole")),
                             cell(times.get("Cuttle")), ratio_cell(ratio(times, "alone", "Cuttle")),
                             ratio_cell(ratio(times, "whole", "Cuttle"))])
        if not rows:
            continue
        if None not in ratios:
            rows.append(["geometric mean of the eight passes", "", "", "",
                         ratio_cell(statistics.geometric_mean(ratios)), ""])
        lines += [f"### {readable}", ""]
        lines += table(["layer, pass", "cuDNN alone", "with bias and pooling", "Cuttle", "alone", "whole"], rows)
    return lines


# Bytes that must be moved, or operations; 4096 × 4096 and 4096 × 1024 floats.
SQUARE, ROWS, IMAGES = 4 * 4096**2, 4 * 4096 * 1024, 4 * 64**4
LARGE = {"copy": 2 * SQUARE, "x + 1": 2 * SQUARE, "sum of all": SQUARE, "sum over rows": SQUARE,
         "sum over columns": SQUARE, "mean over columns": SQUARE, "argmax over columns": SQUARE,
         "softmax": 2 * ROWS, "log_softmax": 2 * ROWS, "cross-entropy": ROWS,
         "cross-entropy with gradient": 3 * ROWS, "NCHW to NHWC": 2 * IMAGES}


def large_tables(cuttle, pytorch, rounds, sample):
    lines = ["## Large kernels", "",
             "Memory: 4096 × 4096 floats, softmax and cross-entropy 4096 × 1024, layout 64⁴; inputs in turn, so that "
             "the second-level cache holds none. \"Of the copy\": bytes that must move in a second, beside the "
             "same of Cuttle's copy.", ""]
    rows, copy = [], None
    for name, size in LARGE.items():
        times = measure({"PyTorch": (pytorch, f"large/{name}"), "Cuttle": (cuttle, f"large/{name}")}, rounds, sample)
        speed = size / times["Cuttle"].median / 1e6  # TB/s
        copy = copy or speed
        rows.append([name, cell(times.get("PyTorch")), cell(times["Cuttle"]), f"{speed:.2f}",
                     f"{100 * speed / copy:.0f} %", ratio_cell(ratio(times, "PyTorch", "Cuttle"))])
    lines += table(["", "PyTorch", "Cuttle", "TB/s", "of the copy", "ratio"], rows)
    rows = []
    for n in (1024, 4096):
        for precision, readable in PRECISIONS.items():
            name = f"large/matrix product {n}/{precision}"
            if not cuttle.has(name):
                continue
            times = measure({"cuBLAS": (pytorch, name), "Cuttle": (cuttle, name)}, rounds, sample)
            rows.append([f"{n}³, {readable}", cell(times.get("cuBLAS")), cell(times["Cuttle"]),
                         f"{2 * n**3 / times['Cuttle'].median / 1e6:.1f}", ratio_cell(ratio(times, "cuBLAS", "Cuttle"))])
    return lines + table(["matrix product", "cuBLAS through PyTorch", "Cuttle", "TFLOP/s", "ratio"], rows)


def seconds(command, folder):
    """How long a program runs in the folder; its output is shown where it fails."""
    start = time.perf_counter()
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    took = time.perf_counter() - start
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}: status {done.returncode}\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return took


def program_table(program, data, small):
    lines = ["## The whole tutorial program", "",
             "Ten epochs with evaluation, log and checkpoints, from start to end, once.", ""]
    source = ["--data", "cifar10", "--root", str(data)] if data else ["--data", "synthetic"]
    if small:
        source += ["--synthetic-size", "64", "--batch-size", "8", "--max-steps", "1"]
    styles = {"Cuttle": []}
    if "--graph" in subprocess.run([program, "--help"], capture_output=True, text=True, check=False).stdout:
        styles["Cuttle, captured"] = ["--graph"]
    rows = []
    for style, options in styles.items():
        with tempfile.TemporaryDirectory() as folder:
            took = seconds([program, *source, *options, "--epochs", "1" if small else "10"], folder)
        rows.append([style, "CIFAR-10" if data else "drawn images", f"{took:.2f}"])
    missing = why_no_tutorial(data)
    if missing:
        rows.append([f"PyTorch, as written: SKIPPED, {missing}", "", ""])
    else:
        with tempfile.TemporaryDirectory() as folder:
            os.symlink(data, Path(folder) / "data")
            took = seconds([sys.executable, str(ROOT / "examples" / "cifar10" / "tutorial.py")], folder)
        rows.append(["PyTorch, as written", "CIFAR-10", f"{took:.2f}"])
    return lines + table(["program", "data", "s"], rows)


def why_no_tutorial(data):
    """Why PyTorch's program cannot run here; nothing if it can."""
    if not data:
        return "it needs CIFAR-10 (--root)"
    if not (Path(data) / "cifar-10-batches-py").is_dir():
        return f"{data} holds no cifar-10-batches-py"
    check = "import torch, torchvision, tensorboard, sys; sys.exit(not torch.cuda.is_available())"
    if subprocess.run([sys.executable, "-c", check], capture_output=True, check=False).returncode != 0:
        return "PyTorch with CUDA, torchvision or tensorboard is not installed"
    return ""


def find_pytorch(small):
    """The peer, and what it is in words."""
    try:
        import torch

        import pytorch_cases
    except ImportError:
        return Nobody(), "PyTorch is not installed"
    if not small and not torch.cuda.is_available():
        return Nobody(), f"PyTorch {torch.__version__} finds no GPU"
    return pytorch_cases.PyTorch("cpu" if small else "cuda", small), pytorch_cases.version()


class SelfTest(unittest.TestCase):
    class Peer:
        """Takes as many microseconds as `times` says of a case."""

        def __init__(self, times):
            self.times, self.asked, self.dropped = times, [], 0

        def has(self, name):
            return name in self.times

        def microseconds(self, name, calls):
            self.asked.append((name, calls))
            return self.times[name]

        def drop(self):
            self.dropped += 1

    def test_measure_interleaves(self):
        one, two = self.Peer({"a": 10.0}), self.Peer({"b": 3000.0})
        times = measure({"1": (one, "a"), "2": (two, "b"), "3": (two, "missing")}, 3)
        self.assertEqual(times, {"1": Times(10, 10, 10), "2": Times(3000, 3000, 3000)})
        self.assertEqual(one.asked, [("a", 1)] + 3 * [("a", 300)])
        self.assertEqual((one.dropped, two.dropped), (1, 1))

    def test_summary(self):
        self.assertEqual(summary([5.0]), Times(5, 5, 5))
        self.assertEqual(summary([float(i) for i in range(11)]), Times(5, 1, 9))

    def test_cells(self):
        self.assertEqual(cell(Times(65.24, 64.9, 1351.2)), "65.2 (64.9–1,351)")
        self.assertEqual(cell(None), "–")
        self.assertEqual(ratio_cell(ratio({"a": Times(6, 6, 6), "b": Times(4, 4, 4)}, "a", "b")), "1.50 ×")
        self.assertEqual(ratio_cell(ratio({"a": Times(6, 6, 6)}, "a", "b")), "–")

    def test_step_table(self):
        cuttle = self.Peer({"step/eager/tf32": 180.0, "step/captured/tf32": 65.0})
        pytorch = self.Peer({"step/eager/tf32": 1350.0, "step/captured/tf32": 390.0, "step/eager/bf16": 1.0})
        rows = [line for line in step_table(cuttle, pytorch, 2, 1) if line.startswith("| TF32")]
        self.assertEqual(rows, ["| TF32 | 1,350 (1,350–1,350) | 390 (390–390) | 180 (180–180) | 65.0 (65.0–65.0) "
                                "| 7.50 × | 6.00 × |"])
        self.assertFalse([line for line in step_table(cuttle, Nobody(), 2, 1) if "bfloat16" in line])

    def test_convolution_tables(self):
        passes = [f"convolution {n}/{what}/tf32" for n in (1, 2, 3)
                  for what in ("forward", "input gradient", "weight gradient", "backward")
                  if (n, what) != (1, "input gradient")]
        cuttle = self.Peer({name: 4.0 for name in passes})
        pytorch = self.Peer({name: 16.0 for name in passes})
        pytorch.times.update({f"convolution {n}/forward alone/tf32": 8.0 for n in (1, 2, 3)})
        lines = convolution_tables(cuttle, pytorch, 1, 1)
        self.assertIn("| 2, forward | 8.0 (8.0–8.0) | 16.0 (16.0–16.0) | 4.0 (4.0–4.0) | 2.00 × | 4.00 × |", lines)
        self.assertIn("| 2, weight gradient | 16.0 (16.0–16.0) | – | 4.0 (4.0–4.0) | 4.00 × | – |", lines)
        self.assertIn("| 2, backward | – | 16.0 (16.0–16.0) | 4.0 (4.0–4.0) | – | 4.00 × |", lines)
        mean = 2 ** ((3 * 1 + 5 * 2) / 8)
        self.assertIn(f"| geometric mean of the eight passes |  |  |  | {mean:.2f} × |  |", lines)

    def test_large_tables(self):
        cuttle = self.Peer({f"large/{name}": 100.0 for name in LARGE})
        cuttle.times["large/matrix product 1024/float32"] = 50.0
        lines = large_tables(cuttle, Nobody(), 1, 1)
        self.assertIn("| sum of all | – | 100 (100–100) | 0.67 | 50 % | – |", lines)
        self.assertIn("| 1024³, float32 | – | 50.0 (50.0–50.0) | 42.9 | – |", lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("worker", nargs="?")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--small", action="store_true", help="tiny sizes, no GPU needed")
    parser.add_argument("--program", type=os.path.abspath, help="cifar10_to_device, to be run as a whole")
    parser.add_argument("--root", type=os.path.abspath, help="where CIFAR-10 lies")
    parser.add_argument("--self-test", action="store_true", help="test this script instead")
    arguments = parser.parse_args()
    if arguments.self_test:
        unittest.main(argv=[sys.argv[0]])
    if not arguments.worker:
        parser.error("the program gpu_worker is missing")
    small = arguments.small
    rounds, sample = (1, 0) if small else (arguments.rounds, SAMPLE)

    cuttle = Cuttle(arguments.worker, small)
    pytorch, version = find_pytorch(small)
    print(f"Beside it: {version}. Medians of {rounds} rounds in µs, in brackets the first and last decile.\n")
    for make in (step_table, convolution_tables, large_tables):
        print("\n".join(make(cuttle, pytorch, rounds, sample)), flush=True)
    if arguments.program:
        print("\n".join(program_table(arguments.program, arguments.root, small)))


if __name__ == "__main__":
    main()
