#!/usr/bin/env python3
"""Layers of PyTorch and of Cuttle on the CPU, alternately, in one run: a table in Markdown.

    compare_layers.py WORKER [--threads 2] [--rounds 9] [--calls 20] [CASE...]

WORKER is the program layer_worker of a Cuttle build; CASE is one of those of pytorch_layers.py, all of them
if none is named. Either side is a process of its own. Each round makes some calls of each side, in turns
first. A time is the median over the rounds of the median of a round's calls, the ratio the median of the
rounds' ratios of PyTorch to Cuttle.
"""
import argparse
import os
import pathlib
import statistics
import sys

import pytorch_layers
from compare_models import Peer, processor


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("worker")
    parser.add_argument("cases", nargs="*", default=pytorch_layers.CASES)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--calls", type=int, default=20)
    return parser.parse_intermixed_args()


def compare(name, what, arguments):
    """Microseconds of Cuttle and of PyTorch, and their ratio."""
    script = str(pathlib.Path(__file__).with_name("pytorch_layers.py"))
    peers = [Peer("Cuttle", [arguments.worker, name, what], arguments.threads),
             Peer("PyTorch", [sys.executable, script, name, what], arguments.threads)]
    for peer in peers:
        peer.run(arguments.calls)
    rounds = []
    for number in range(arguments.rounds):
        order = peers if number % 2 else peers[::-1]
        times = {peer: 1e3 * peer.run(arguments.calls) for peer in order}
        rounds.append([times[peer] for peer in peers])
    for peer in peers:
        peer.end()
    ratio = statistics.median(pytorch / cuttle for cuttle, pytorch in rounds)
    return [*(statistics.median(column) for column in zip(*rounds)), ratio]


def main():
    arguments = parse_arguments()
    print(f"{processor()}, {arguments.threads} threads, medians of {arguments.rounds} rounds of"
          f" {arguments.calls} calls, µs\n")
    print("| case | forward: Cuttle | PyTorch | ratio | with backward: Cuttle | PyTorch | ratio |")
    print("|---|---|---|---|---|---|---|")
    for name in arguments.cases:
        cells = []
        for what in ("forward", "both"):
            cuttle, pytorch, ratio = compare(name, what, arguments)
            cells += [f"{cuttle:.0f}", f"{pytorch:.0f}", f"{ratio:.2f}"]
        print(f"| {name} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
