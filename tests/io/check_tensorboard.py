#!/usr/bin/env python3
"""Reads what PROGRAM (write_samples) wrote with TensorBoard's own readers.

    check_tensorboard.py PROGRAM       exit status 77, and why, where TensorBoard is not installed
"""
import pathlib
import subprocess
import sys
import tempfile
import time

try:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    from tensorboard.backend.event_processing.event_file_loader import RawEventFileLoader
    from tensorboard.compat.proto.event_pb2 import Event
except ImportError as error:
    print(f"SKIPPED: {error}")
    sys.exit(77)

with tempfile.TemporaryDirectory() as folder:
    subprocess.run([sys.argv[1], folder], check=True)
    logs = pathlib.Path(folder) / "logs"
    (path,) = logs.iterdir()

    events = [Event.FromString(record) for record in RawEventFileLoader(str(path)).Load()]
    assert len(events) == 302, len(events)
    assert events[0].file_version == "brain.Event:2", events[0]
    assert events[1].summary.value[0].simple_value == 1.0, events[1]

    accumulator = EventAccumulator(str(logs), size_guidance={"scalars": 0})
    accumulator.Reload()
    assert sorted(accumulator.Tags()["scalars"]) == ["größe", "train_loss"], accumulator.Tags()
    losses = accumulator.Scalars("train_loss")
    assert [loss.step for loss in losses] == [100 * i for i in range(1, 301)]
    assert [loss.wall_time for loss in losses] == [1.7e9 + 0.25 * i for i in range(1, 301)]
    for i, loss in enumerate(losses, 1):
        assert abs(loss.value - 1 / i) < 1e-7 / i, loss
    (size,) = accumulator.Scalars("größe")
    assert (size.value, size.step) == (-2.5, 2**40), size
    assert abs(size.wall_time - time.time()) < 60, size
print("TensorBoard reads what we write")
