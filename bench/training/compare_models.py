#!/usr/bin/env python3
"""Training steps of whole models in PyTorch and in Cuttle, alternately, in one run.

    compare_models.py WORKER [--device cpu] [--threads 2] [--rounds 9] [--steps 5] [--json FILE] [MODEL...]

WORKER is the program model_worker of a Cuttle build; MODEL is one of those of pytorch_models.py, all of
them if none is named. Either side is a process of its own. Each round runs a few steps of each, in turns
first; PyTorch takes models of pictures in both memory formats, and the faster one counts. Printed are the
medians, the ratio of PyTorch to Cuttle (the median over the rounds of the ratio within a round), the
processor time of a step on all threads, in which a machine that others use too leaves less noise, and the
most memory each process had, in parentheses without what it had before the model was made.
"""
import argparse
import datetime
import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys

import pytorch_models


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("worker")
    parser.add_argument("models", nargs="*", default=list(pytorch_models.MODELS))
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--steps", type=int, default=5)
    parser.add_argument("--json", help="also write the figures to this file")
    return parser.parse_intermixed_args()


class Peer:
    """A process that runs as many steps as a line says and answers with the milliseconds of each."""

    def __init__(self, name, command, threads):
        # A library that spins while it waits would steal the cores from the other one's turn.
        environment = dict(os.environ, OMP_NUM_THREADS=str(threads), OMP_WAIT_POLICY="passive")
        self.name = name
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True, env=environment)
        self.process.stdout.readline()  # it is there, and has not made the model yet
        self.before = self.memory("VmRSS")

    def run(self, steps):
        """The median."""
        self.process.stdin.write(f"{steps}\n")
        self.process.stdin.flush()
        words = self.process.stdout.readline().split()
        if not words:
            sys.exit(f"{self.name} ended")
        return statistics.median(map(float, words))

    def memory(self, what):
        """MiB."""
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith(what + ":"):
                return int(line.split()[1]) / 1024
        return float("nan")

    def processor_ms(self):
        """Of all threads since the start."""
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return 1e3 * (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def end(self):
        self.process.stdin.close()
        self.process.wait()


def compare(name, arguments):
    def pytorch(label, *options):
        script = str(pathlib.Path(__file__).with_name("pytorch_models.py"))
        return Peer(label, [sys.executable, script, name, arguments.device, *options],
                    arguments.threads)

    peers = [Peer("Cuttle", [arguments.worker, name, arguments.device], arguments.threads),
             pytorch("PyTorch")]
    if pytorch_models.MODELS[name].pictures:
        peers.append(pytorch("PyTorch, channels-last", "channels_last"))
    for peer in peers:
        peer.run(3)
    rounds = []
    used = {peer: peer.processor_ms() for peer in peers}
    for number in range(arguments.rounds):
        order = peers if number % 2 else peers[::-1]
        medians = {peer: peer.run(arguments.steps) for peer in order}
        rounds.append([medians[peer] for peer in peers])
    figures = {}
    for peer, column in zip(peers, zip(*rounds)):
        peak = peer.memory("VmHWM")
        processor_ms = (peer.processor_ms() - used[peer]) / (arguments.rounds * arguments.steps)
        figures[peer.name] = {"ms": statistics.median(column), "processor_ms": processor_ms,
                              "peak_mib": peak, "of_the_model_mib": peak - peer.before}
        peer.end()
    best = min(range(1, len(peers)), key=lambda i: figures[peers[i].name]["ms"])
    ratio = statistics.median(times[best] / times[0] for times in rounds)
    print(f"{name:14}", "; ".join(
        f"{peer} {its['ms']:.2f} ms, processors {its['processor_ms']:.2f} ms, "
        f"{its['peak_mib']:.0f} ({its['of_the_model_mib']:.0f}) MiB"
        for peer, its in figures.items()))
    by_processors = figures[peers[best].name]["processor_ms"] / figures["Cuttle"]["processor_ms"]
    print(f"{'':14} Cuttle is {ratio:.2f} times as fast as {peers[best].name},"
          f" by processor time {by_processors:.2f} times", flush=True)
    return figures | {"ratio": ratio}


def processor():
    try:
        with open("/proc/cpuinfo") as lines:
            return next(line.split(":", 1)[1].strip() for line in lines
                        if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor()


def main():
    arguments = parse_arguments()
    setting = {"date": str(datetime.date.today()), "hardware": processor(),
               "threads": arguments.threads, "pytorch": pytorch_models.version(),
               "rounds": arguments.rounds, "steps": arguments.steps}
    print(", ".join(f"{key} {value}" for key, value in setting.items()), flush=True)
    figures = {name: compare(name, arguments) for name in arguments.models}
    if arguments.json:
        pathlib.Path(arguments.json).write_text(json.dumps(setting | figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
