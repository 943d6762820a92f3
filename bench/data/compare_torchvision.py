#!/usr/bin/env python3
"""Images a second of torchvision's data sets under torch's DataLoader and of Cuttle's, alternately.

    compare_torchvision.py WORKER [--cifar10 ROOT] [--mnist ROOT] [--folder ROOT]
                           [--workers 0 1 2] [--batch 64] [--rounds 7] [--seconds 1]
    compare_torchvision.py --make DIR       (makes DIR/folder and DIR/MNIST: speed asks for no more)

WORKER is the program loader_worker of a Cuttle build. Each round takes batches from torch's loader and
from Cuttle's, of the same files with the same transforms, for about the given time each; who goes first
changes from round to round. Both compute on one thread beside their workers. Printed are the medians
and the median over the rounds of the ratio within a round, because the two are taken side by side on a
machine whose speed may drift. CIFAR-10 may lie there in its binary form, which torchvision cannot read:
then its class is given the same bytes. What --make draws are 2,000 JPEG files of 256 x 256 pixels,
quality 90, and noise of MNIST's shape.
"""
import argparse
import datetime
import itertools
import os
import pathlib
import platform
import statistics
import struct
import subprocess
import time


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("worker", nargs="?")
    parser.add_argument("--make", help="make sets in this folder, and measure nothing")
    parser.add_argument("--cifar10", help="the folder with cifar-10-batches-bin or -py")
    parser.add_argument("--mnist", help="the folder above MNIST/raw")
    parser.add_argument("--folder", help="a folder of images, one folder in it for each class")
    parser.add_argument("--workers", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=1.0)
    return parser.parse_args()


def make_sets(folder):
    import numpy
    from PIL import Image

    random = numpy.random.default_rng(0)
    for i in range(2000):
        # Coarse noise, enlarged, with fine noise: about as many bytes as a photograph.
        coarse = Image.fromarray(random.integers(0, 256, (16, 16, 3), numpy.uint8))
        image = numpy.asarray(coarse.resize((256, 256), Image.BICUBIC), numpy.int16)
        image = image + random.integers(-8, 9, (256, 256, 3), numpy.int16)
        path = folder / "folder" / f"class{i % 10}" / f"{i:04}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image.clip(0, 255).astype(numpy.uint8)).save(path, quality=90)
    raw = folder / "MNIST" / "raw"
    raw.mkdir(parents=True, exist_ok=True)
    for part, count in (("train", 60000), ("t10k", 10000)):
        pixels = random.integers(0, 256, (count, 28, 28), numpy.uint8)
        labels = random.integers(0, 10, count, numpy.uint8)
        (raw / f"{part}-images-idx3-ubyte").write_bytes(
            struct.pack(">IIII", 0x803, count, 28, 28) + pixels.tobytes())
        (raw / f"{part}-labels-idx1-ubyte").write_bytes(
            struct.pack(">II", 0x801, count) + labels.tobytes())


def read_cifar10(root, transform):
    import numpy
    from torchvision.datasets import CIFAR10

    binary = pathlib.Path(root) / "cifar-10-batches-bin"
    if not binary.is_dir():
        return CIFAR10(root, transform=transform)
    records = numpy.concatenate([numpy.fromfile(binary / f"data_batch_{i}.bin", numpy.uint8)
                                 .reshape(-1, 3073) for i in range(1, 6)])
    dataset = CIFAR10.__new__(CIFAR10)
    dataset.data = records[:, 1:].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1).copy()
    dataset.targets = records[:, 0].tolist()
    dataset.transform, dataset.target_transform = transform, None
    return dataset


def torchvision_sets(arguments):
    """(set's name for the worker, root, torchvision's data set)"""
    from torchvision import transforms
    from torchvision.datasets import MNIST, ImageFolder

    normalize = transforms.Normalize((0.4914, 0.4822, 0.4465), (0.247, 0.2435, 0.2616))
    plain = [transforms.ToTensor(), normalize]
    augment = [transforms.RandomCrop(32, padding=4), transforms.RandomHorizontalFlip()]
    if arguments.cifar10:
        yield "cifar10", arguments.cifar10, read_cifar10(arguments.cifar10,
                                                         transforms.Compose(plain))
        yield "cifar10-augmented", arguments.cifar10, read_cifar10(
            arguments.cifar10, transforms.Compose(augment + plain))
    if arguments.mnist:
        yield "mnist", arguments.mnist, MNIST(arguments.mnist, transform=transforms.ToTensor())
    if arguments.folder:
        crop = [transforms.RandomCrop(224, pad_if_needed=True), transforms.RandomHorizontalFlip()]
        yield "folder", arguments.folder, ImageFolder(arguments.folder,
                                                      transforms.Compose(crop + plain))


class TorchLoader:
    def __init__(self, dataset, workers, batch):
        from torch.utils.data import DataLoader

        self.loader = DataLoader(dataset, batch, shuffle=True, drop_last=True, num_workers=workers,
                                 persistent_workers=workers > 0)
        self.batches = itertools.chain.from_iterable(itertools.repeat(self.loader))

    def run(self, count):
        start = time.perf_counter()
        images = sum(len(batch) for batch, _ in itertools.islice(self.batches, count))
        return images / (time.perf_counter() - start)

    def close(self):
        del self.batches, self.loader


class CuttleLoader:
    def __init__(self, worker, name, root, workers, batch):
        self.process = subprocess.Popen([worker, name, root, str(workers), str(batch)],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        env=dict(os.environ, OMP_NUM_THREADS="1"))

    def run(self, count):
        self.process.stdin.write(f"{count}\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise SystemExit("the worker ended: is the set in this build?")
        return float(answer)

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def main():
    arguments = parse_arguments()
    if arguments.make:
        make_sets(pathlib.Path(arguments.make))
        return
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    import torch
    import torchvision

    torch.set_num_threads(1)
    print(f"{datetime.date.today()}, {platform.machine()}, {os.cpu_count()} cores, "
          f"torch {torch.__version__}, torchvision {torchvision.__version__}, "
          f"{arguments.rounds} rounds, batch {arguments.batch}")
    print(f"{'':20} {'workers':>7} {'torchvision':>12} {'Cuttle':>12} {'ratio':>7}")
    for name, root, dataset in torchvision_sets(arguments):
        for workers in arguments.workers:
            peers = [TorchLoader(dataset, workers, arguments.batch),
                     CuttleLoader(arguments.worker, name, root, workers, arguments.batch)]
            # As many batches as take about the time asked for, counted once both are warm.
            counts = []
            for peer in peers:
                peer.run(5)
                counts.append(max(5, int(arguments.seconds * peer.run(20) / arguments.batch)))
            rates = [[], []]
            for number in range(arguments.rounds):
                for i in ((0, 1), (1, 0))[number % 2]:
                    rates[i].append(peers[i].run(counts[i]))
            for peer in peers:
                peer.close()
            ratio = statistics.median(cuttle / torch_ for torch_, cuttle in zip(*rates))
            medians = [statistics.median(values) for values in rates]
            print(f"{name:20} {workers:7} {medians[0]:12.0f} {medians[1]:12.0f} {ratio:7.1f}",
                  flush=True)


if __name__ == "__main__":
    main()
