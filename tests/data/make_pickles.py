#!/usr/bin/env python3
"""Writes pickles/numpyN and pickles/numpyN_bytes, N the number of the NumPy that runs this: CIFAR-100
batches of two examples as Python 3 pickles them in protocol 2, with keys of text and of bytes.

    make_pickles.py [FOLDER]      default: the folder pickles beside this script
"""
import pathlib
import pickle
import sys

import numpy as np

image, place = np.ogrid[:2, :3072]
batch = {
    "filenames": ["größe.png", "b.png"],
    "batch_label": "training batch 1 of 1",
    "fine_labels": [99, 7],
    "coarse_labels": [19, 0],
    "data": ((image * 101 + place * 7 + place // 1024) % 256).astype(np.uint8),
}
folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent / "pickles")
folder.mkdir(parents=True, exist_ok=True)
name = "numpy" + np.__version__.split(".")[0]
with open(folder / name, "wb") as file:
    pickle.dump(batch, file, protocol=2)
with open(folder / (name + "_bytes"), "wb") as file:
    pickle.dump({key.encode(): value for key, value in batch.items()}, file, protocol=2)
