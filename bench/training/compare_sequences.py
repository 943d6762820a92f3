#!/usr/bin/env python3
"""Training steps of sequence models in PyTorch and in Cuttle, alternately, in one run.

    compare_sequences.py WORKER [--device cpu] [--threads 2] [--rounds 9] [--steps 5] [MODEL...]

WORKER is the program sequence_worker of a Cuttle build; MODEL is lstm, gru or transformer, all of them
if none is named. Each round runs a few steps of each side, in turns first. Printed are the medians and
the ratio of PyTorch to Cuttle: the median over the rounds of the ratio within a round.
"""
import argparse
import datetime
import os
import statistics
import subprocess
import time

MODELS = ("lstm", "gru", "transformer")


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("worker")
    parser.add_argument("models", nargs="*", default=MODELS)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--steps", type=int, default=5)
    return parser.parse_args()


class PyTorchStep:
    """The models of sequence_worker.cpp."""

    def __init__(self, name, device):
        import torch
        from torch import nn

        torch.manual_seed(0)
        if name == "transformer":
            body = nn.TransformerEncoder(
                nn.TransformerEncoderLayer(128, 4, 256, dropout=0.0, batch_first=True), 2)
            shape, summary = (32, 64, 128), lambda x: body(x).mean(1)
        else:
            body = (nn.LSTM if name == "lstm" else nn.GRU)(64, 128, 2)
            shape, summary = (64, 32, 64), lambda x: body(x)[0][-1]
        head = nn.Linear(128, 10)
        for module in (body, head):
            module.to(device)
        self.model = lambda x: head(summary(x))
        self.x = torch.rand(shape).to(device)
        self.targets = torch.randint(0, 10, (32,)).to(device)
        self.loss = nn.CrossEntropyLoss()
        self.optimizer = torch.optim.SGD([*body.parameters(), *head.parameters()], lr=0.01)

    def run(self, steps):
        """Milliseconds of each step, the loss brought to the host."""
        times = []
        for _ in range(steps):
            start = time.perf_counter()
            loss = self.loss(self.model(self.x), self.targets)
            self.optimizer.zero_grad()
            loss.backward()
            self.optimizer.step()
            loss.item()
            times.append(1e3 * (time.perf_counter() - start))
        return times


class CuttleStep:
    def __init__(self, worker, name, device, threads):
        environment = dict(os.environ, OMP_NUM_THREADS=str(threads))
        self.process = subprocess.Popen([worker, name, device], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True, env=environment)

    def run(self, steps):
        self.process.stdin.write(f"{steps}\n")
        self.process.stdin.flush()
        return [float(word) for word in self.process.stdout.readline().split()]


def compare(name, arguments):
    peers = [PyTorchStep(name, arguments.device),
             CuttleStep(arguments.worker, name, arguments.device, arguments.threads)]
    for peer in peers:
        peer.run(3)
    rounds = []
    for number in range(arguments.rounds):
        order = peers if number % 2 else peers[::-1]
        medians = {peer: statistics.median(peer.run(arguments.steps)) for peer in order}
        rounds.append([medians[peer] for peer in peers])
    torch_ms, cuttle_ms = (statistics.median(column) for column in zip(*rounds))
    ratio = statistics.median(theirs / ours for theirs, ours in rounds)
    print(f"{name:12} PyTorch {torch_ms:8.2f} ms   Cuttle {cuttle_ms:8.2f} ms   {ratio:.2f} times as fast")


def main():
    arguments = parse_arguments()
    # A library that spins while it waits would steal the cores from the other one's turn.
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    import torch

    torch.set_num_threads(arguments.threads)
    print(f"{datetime.date.today()}, {arguments.threads} threads, PyTorch {torch.__version__},"
          f" {arguments.rounds} rounds of {arguments.steps} steps, float32")
    for name in arguments.models:
        compare(name, arguments)


if __name__ == "__main__":
    main()
