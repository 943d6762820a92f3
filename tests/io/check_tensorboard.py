#!/usr/bin/env python3
"""Reads what PROGRAM (write_tensorboard) wrote with TensorBoard's own readers, and computes
histograms again with numpy and pictures with Pillow.

    check_tensorboard.py PROGRAM       exit status 77, and why, where TensorBoard is not installed
"""
import io
import math
import pathlib
import subprocess
import sys
import tempfile
import time

try:
    import numpy as np
    from PIL import Image
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    from tensorboard.backend.event_processing.event_file_loader import RawEventFileLoader
    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.compat.proto.graph_pb2 import GraphDef
    from tensorboard.plugins.hparams import plugin_data_pb2
except ImportError as error:
    print(f"SKIPPED: {error}")
    sys.exit(77)


def raw_values(folder):
    """Every summary value of the folder's files, by tag, as it was written."""
    values = {}
    for path in sorted(folder.glob("events.*")):
        for record in RawEventFileLoader(str(path)).Load():
            event = Event.FromString(record)
            for value in event.summary.value:
                values.setdefault(value.tag, []).append((event.step, value))
    return values


def accumulated(folder):
    accumulator = EventAccumulator(str(folder), size_guidance={"scalars": 0})
    accumulator.Reload()
    return accumulator


def check_scalars(folder):
    (path,) = folder.glob("events.*")
    events = [Event.FromString(record) for record in RawEventFileLoader(str(path)).Load()]
    assert events[0].file_version == "brain.Event:2", events[0]
    assert events[1].summary.value[0].simple_value == 1.0, events[1]
    read = accumulated(folder)
    assert sorted(read.Tags()["scalars"]) == ["größe", "odd", "tensor", "train_loss"], read.Tags()
    losses = read.Scalars("train_loss")
    assert [loss.step for loss in losses] == [100 * i for i in range(1, 301)]
    assert [loss.wall_time for loss in losses] == [1.7e9 + 0.25 * i for i in range(1, 301)]
    for i, loss in enumerate(losses, 1):
        assert abs(loss.value - 1 / i) < 1e-7 / i, loss
    (size,) = read.Scalars("größe")
    assert (size.value, size.step) == (-2.5, 2**40), size
    assert abs(size.wall_time - time.time()) < 60, size
    assert read.Scalars("tensor")[0].value == 4.5
    odd = [point.value for point in read.Scalars("odd")]
    assert math.isnan(odd[0]) and odd[1:] == [math.inf, -math.inf, 1], odd
    # The curves of add_scalars are runs of their own.
    for run, expected in (("train", [1, 1 / 2, 1 / 3]), ("test", [2, 2, 2])):
        points = accumulated(folder / f"loss_both_{run}").Scalars("loss/both")
        assert np.allclose([point.value for point in points], expected), points
        assert [point.step for point in points] == [0, 1, 2], points
    ((step, text),) = raw_values(folder)["notes/text_summary"]
    assert step == 7 and text.metadata.plugin_data.plugin_name == "text", text
    assert text.tensor.string_val[0].decode() == "**grüße** | a", text
    assert read.Tags()["tensors"] == ["notes/text_summary"], read.Tags()


def default_edges():
    positive = []
    edge = 1e-12
    while edge < 1e20:
        positive.append(edge)
        edge *= 1.1
    return [-edge for edge in reversed(positive)] + [0] + positive


def check_histograms(folder):
    spread = ((np.arange(1000.0) ** 2) % 101 - 50) * 0.037
    expected = {
        "default": (spread, default_edges(), 5),
        "equal": (spread, 30, 5),
        "edges": (spread, [-1, 0, 0.5, 1.5], 5),
        "one": (np.zeros(1), default_edges(), 0),
        "counts": (np.array([3.0, 3, 3, -7]), default_edges(), 0),
    }
    values = raw_values(folder)
    for tag, (data, bins, step) in expected.items():
        ((at, value),) = values[tag]
        counts, edges = np.histogram(data, bins)
        used = np.flatnonzero(counts)
        first, last = used[0], used[-1] + 1
        histogram = value.histo
        assert at == step, (tag, at)
        assert list(histogram.bucket) == [0, *counts[first:last]], (tag, histogram)
        assert np.allclose(histogram.bucket_limit, edges[first:last + 1], rtol=1e-14, atol=1e-15), tag
        assert (histogram.min, histogram.max, histogram.num) == (data.min(), data.max(), data.size)
        assert math.isclose(histogram.sum, data.sum(), rel_tol=1e-12, abs_tol=1e-9), tag
        assert math.isclose(histogram.sum_squares, data.dot(data), rel_tol=1e-12), tag
    ((_, joined),) = values["joined"]  # fours of 50 bins, and two left over
    counts, edges = np.histogram(spread, 50)
    fours = [counts[i:i + 4].sum() for i in range(0, 50, 4)]
    assert list(joined.histo.bucket) == [0, *fours], joined
    assert np.allclose(joined.histo.bucket_limit, [*edges[:-1:4], edges[-1]]), joined
    assert sorted(accumulated(folder).Tags()["histograms"]) == sorted(values)


def check_images(folder):
    values = raw_values(folder)
    chw = np.arange(30, dtype=np.uint8).reshape(3, 2, 5)
    grid = np.zeros((4, 16, 3), np.uint8)
    batch = np.arange(120, dtype=np.uint8).reshape(10, 3, 2, 2)
    for i, image in enumerate(batch):
        row, column = divmod(i, 8)
        grid[2 * row:2 * row + 2, 2 * column:2 * column + 2] = image.transpose(1, 2, 0)
    rgb = chw.transpose(1, 2, 0)
    halves = (chw.astype(np.float32) / np.float32(20) * 255).clip(0, 255).astype(np.uint8)
    expected = {
        "chw": rgb,
        "hwc": rgb,
        "hw": np.stack([chw[1]] * 3, 2),
        "grey": np.stack([chw[0]] * 3, 2),
        "float": halves.transpose(1, 2, 0),
        "alpha": np.arange(40, dtype=np.uint8).reshape(4, 2, 5).transpose(1, 2, 0),
        "batch": grid,
        "batch_last": grid,
        "figure": rgb,
    }
    for tag, pixels in expected.items():
        ((step, value),) = values[tag]
        image = value.image
        assert step == 3 and image.encoded_image_string.startswith(b"\x89PNG"), tag
        assert (image.height, image.width, image.colorspace) == pixels.shape, (tag, image.height)
        assert (np.array(Image.open(io.BytesIO(image.encoded_image_string))) == pixels).all(), tag
    assert sorted(accumulated(folder).Tags()["images"]) == sorted(expected)


def hparams_content(value):
    data = value.metadata.plugin_data
    assert data.plugin_name == "hparams", data
    return plugin_data_pb2.HParamsPluginData.FromString(data.content)


def check_hparams(folder):
    values = raw_values(folder / "first")
    ((_, experiment),) = values["_hparams_/experiment"]
    experiment = hparams_content(experiment).experiment
    assert [info.name for info in experiment.hparam_infos] == [
        "lr", "batch_size", "optimizer", "nesterov"], experiment
    assert [info.type for info in experiment.hparam_infos] == [3, 3, 1, 2], experiment
    domain = experiment.hparam_infos[2].domain_discrete
    assert [value.string_value for value in domain.values] == ["SGD", "Adam"], domain
    assert [info.name.tag for info in experiment.metric_infos] == ["hparam/accuracy"], experiment
    ((_, start),) = values["_hparams_/session_start_info"]
    start = hparams_content(start).session_start_info.hparams
    assert (start["lr"].number_value, start["batch_size"].number_value) == (0.1, 64), start
    assert (start["optimizer"].string_value, start["nesterov"].bool_value) == ("SGD", True), start
    ((_, end),) = values["_hparams_/session_end_info"]
    assert hparams_content(end).session_end_info.status == 1, end
    for run, expected in (("first", (0, 0.5)), ("second", (2, 0.75))):
        (metric,) = accumulated(folder / run).Scalars("hparam/accuracy")
        assert (metric.step, metric.value) == expected, metric


def check_resumed(folder):
    points = accumulated(folder).Scalars("loss")
    expected = [(i, i) for i in range(5)] + [(5, 105), (6, 106)]
    assert [(point.step, point.value) for point in points] == expected, points


def check_graph(folder):
    graph = accumulated(folder).Graph()
    assert isinstance(graph, GraphDef), graph
    nodes = {node.name: node for node in graph.node}
    assert len(nodes) == len(graph.node), "names are unique"
    for node in graph.node:
        for source in node.input:
            assert source in nodes, (node.name, source)

    def shape(name):
        (found,) = nodes[name].attr["_output_shapes"].list.shape
        return [dim.size for dim in found.dim]

    conv = "Net/Sequential[model]/Conv2d[0]/"
    operation = conv + "conv2d"
    assert list(nodes[conv + "contiguous"].input) == ["input"], nodes
    assert list(nodes[operation].input) == [
        conv + "contiguous", conv + "weight", conv + "bias"], operation
    assert shape(operation) == [2, 8, 6, 6], shape(operation)
    assert shape("input") == [2, 3, 8, 8] and shape(conv + "weight") == [8, 3, 3, 3]
    assert nodes[operation].attr["module"].s.startswith(b"Conv2d(3, 8, kernel_size=(3, 3)")
    assert any(name.startswith("Net/Sequential[model]/ReLU[1]/") for name in nodes), nodes
    assert nodes["output"].input[0].startswith("Net/mul"), nodes["output"]
    assert shape("output") == [2, 10], nodes["output"]


with tempfile.TemporaryDirectory() as name:
    subprocess.run([sys.argv[1], name], check=True)
    root = pathlib.Path(name)
    check_scalars(root / "scalars")
    check_histograms(root / "histograms")
    check_images(root / "images")
    check_hparams(root / "hparams")
    check_resumed(root / "resumed")
    check_graph(root / "graph")
print("TensorBoard reads what we write")
