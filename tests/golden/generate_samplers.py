#!/usr/bin/env python3
"""Writes samplers.json: what torch's samplers and random_split give, epoch after epoch.

    python3 generate_samplers.py       needs torch (Debian: python3-torch)

Deterministic. tests/data/samplers_test.cpp and subset_test.cpp read it.
"""
import json
import pathlib

import torch
from torch.utils.data import (BatchSampler, RandomSampler, SequentialSampler, SubsetRandomSampler,
                              WeightedRandomSampler, random_split)

EPOCHS = 3


def generator(seed):
    return torch.Generator().manual_seed(seed)


def epochs(sampler):
    return [list(sampler) for _ in range(EPOCHS)]


def random_cases():
    for seed, size, replacement, samples in [(0, 1, False, None), (1, 33, False, None),
                                             (2, 33, False, 7), (3, 10, False, 25),
                                             (4, 10, False, 30), (5, 33, True, None),
                                             (6, 10, True, 64), (7, 10, True, 70)]:
        sampler = RandomSampler(range(size), replacement=replacement, num_samples=samples,
                                generator=generator(seed))
        yield {"seed": seed, "size": size, "replacement": replacement,
               "num_samples": size if samples is None else samples, "epochs": epochs(sampler)}


def weighted_cases():
    for seed, weights, samples, replacement in [(0, [1.0], 3, True), (1, [0.1, 0.9, 0.4], 20, True),
                                                (2, [0.0, 3.0, 0.7, 1.0, 0.0], 3, False),
                                                (3, [i / 7 for i in range(1, 41)], 40, False)]:
        sampler = WeightedRandomSampler(weights, samples, replacement, generator=generator(seed))
        yield {"seed": seed, "weights": weights, "num_samples": samples, "replacement": replacement,
               "epochs": epochs(sampler)}


def subset_cases():
    for seed, indices in [(0, [5]), (1, [9, 7, 5, 3, 1, 3]), (2, list(range(100, 0, -3)))]:
        yield {"seed": seed, "indices": indices,
               "epochs": epochs(SubsetRandomSampler(indices, generator=generator(seed)))}


def batch_cases():
    for size, batch_size, drop_last in [(1, 1, True), (10, 3, False), (10, 3, True), (9, 3, True),
                                        (2, 3, True), (2, 3, False)]:
        batches = list(BatchSampler(SequentialSampler(range(size)), batch_size, drop_last))
        yield {"size": size, "batch_size": batch_size, "drop_last": drop_last, "batches": batches}


def split_cases():
    for seed, size, lengths in [(0, 10, [3, 7]), (1, 10, [0, 10]), (2, 11, [0.5, 0.5]),
                                (3, 10, [0.7, 0.2, 0.1]), (4, 101, [0.3, 0.3, 0.4]), (5, 1, [1]),
                                (6, 9, [1.0])]:
        parts = random_split(range(size), lengths, generator=generator(seed))
        yield {"seed": seed, "size": size, "lengths": lengths,
               "parts": [[int(i) for i in part.indices] for part in parts]}


if __name__ == "__main__":
    cases = {"random": list(random_cases()), "weighted": list(weighted_cases()),
             "subset": list(subset_cases()), "batch": list(batch_cases()),
             "split": list(split_cases())}
    path = pathlib.Path(__file__).parent / "samplers.json"
    path.write_text(json.dumps(cases) + "\n")
