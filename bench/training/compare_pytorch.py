#!/usr/bin/env python3
"""One training step of the tutorial network in PyTorch and in Cuttle, alternately, in one run.

    compare_pytorch.py WORKER [--device cpu] [--threads 2] [--rounds 15] [--steps 10] [--json FILE]

WORKER is the program training_step_worker of a Cuttle build. Each round runs a few steps of PyTorch
with contiguous tensors (NCHW), of PyTorch channels-last, and of Cuttle; the order changes from round
to round. Printed are the median and the spread of each, and the ratio of the faster PyTorch to Cuttle:
the median over the rounds of the ratio within a round, because these are taken side by side on a
machine whose speed may drift.
"""
import argparse
import datetime
import json
import os
import platform
import statistics
import subprocess
import time


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("worker")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--json", help="also write the figures to this file")
    return parser.parse_args()


class PyTorchStep:
    def __init__(self, device, channels_last):
        import torch
        from torch import nn

        torch.manual_seed(0)
        self.synchronize = torch.cuda.synchronize if device.startswith("cuda") else lambda: None
        self.model = nn.Sequential(
            nn.Conv2d(3, 32, 5, padding=2), nn.MaxPool2d(2),
            nn.Conv2d(32, 32, 5, padding=2), nn.MaxPool2d(2),
            nn.Conv2d(32, 64, 5, padding=2), nn.MaxPool2d(2),
            nn.Flatten(), nn.Linear(1024, 64), nn.Linear(64, 10)).to(device)
        self.images = torch.rand(64, 3, 32, 32).to(device)
        self.targets = torch.randint(0, 10, (64,)).to(device)
        if channels_last:
            self.model = self.model.to(memory_format=torch.channels_last)
            self.images = self.images.contiguous(memory_format=torch.channels_last)
        self.loss = nn.CrossEntropyLoss()
        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=0.01)

    def run(self, steps):
        """Milliseconds of each step, the loss brought to the host."""
        times = []
        for _ in range(steps):
            start = time.perf_counter()
            loss = self.loss(self.model(self.images), self.targets)
            self.optimizer.zero_grad()
            loss.backward()
            self.optimizer.step()
            loss.item()
            times.append(1e3 * (time.perf_counter() - start))
        self.synchronize()
        return times


class CuttleStep:
    def __init__(self, worker, device, threads):
        environment = dict(os.environ, OMP_NUM_THREADS=str(threads))
        self.process = subprocess.Popen([worker, device], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True, env=environment)

    def run(self, steps):
        self.process.stdin.write(f"{steps}\n")
        self.process.stdin.flush()
        return [float(word) for word in self.process.stdout.readline().split()]


def processor():
    try:
        with open("/proc/cpuinfo") as lines:
            for line in lines:
                if line.startswith("model name"):
                    return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor()


def main():
    arguments = parse_arguments()
    # A library that spins while it waits would steal the cores from the other one's turn.
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    import torch

    torch.set_num_threads(arguments.threads)
    peers = {
        "PyTorch, NCHW": PyTorchStep(arguments.device, channels_last=False),
        "PyTorch, channels-last": PyTorchStep(arguments.device, channels_last=True),
        "Cuttle": CuttleStep(arguments.worker, arguments.device, arguments.threads),
    }
    for peer in peers.values():
        peer.run(5)
    times = {name: [] for name in peers}
    rounds = []
    for number in range(arguments.rounds):
        order = list(peers)
        order = order[number % 3:] + order[:number % 3]
        medians = {}
        for name in order:
            measured = peers[name].run(arguments.steps)
            times[name] += measured
            medians[name] = statistics.median(measured)
        rounds.append(medians)

    where = torch.cuda.get_device_name() if arguments.device.startswith("cuda") else processor()
    print(f"{datetime.date.today()}, {where}, {arguments.threads} threads, PyTorch {torch.__version__},"
          f" {arguments.rounds} rounds of {arguments.steps} steps, batch 64, float32")
    print(f"{'':24} {'median ms':>10} {'10 %':>8} {'90 %':>8}")
    summary = {}
    for name, values in times.items():
        deciles = statistics.quantiles(values, n=10)
        summary[name] = statistics.median(values)
        print(f"{name:24} {summary[name]:10.2f} {deciles[0]:8.2f} {deciles[-1]:8.2f}")
    faster = min(("PyTorch, NCHW", "PyTorch, channels-last"), key=summary.get)
    ratio = statistics.median(medians[faster] / medians["Cuttle"] for medians in rounds)
    print(f"Cuttle is {ratio:.2f} times as fast as {faster}")
    if arguments.json:
        figures = {"date": str(datetime.date.today()), "hardware": where,
                   "threads": arguments.threads, "pytorch": torch.__version__,
                   "rounds": arguments.rounds, "steps": arguments.steps,
                   "median_ms": summary, "ratio": ratio, "against": faster}
        with open(arguments.json + ".part", "w") as out:
            json.dump(figures, out, indent=2)
        os.replace(arguments.json + ".part", arguments.json)


if __name__ == "__main__":
    main()
