#!/usr/bin/env python3
"""Writes recurrent.json: PyTorch's recurrent layers under a seed, their outputs and gradients.

Run with a Python that has torch (Debian: python3-torch): python3 generate_recurrent.py
tests/layers/recurrent_golden_test.cpp builds the same layers in the same order. Inputs are drawn behind
the layer, in the order of their list, as rand(shape) - 0.5 in float32.
"""
import json
import pathlib

import torch
from torch import nn
from torch.nn.utils import rnn

X, STATE = [4, 2, 3], [1, 2, 2]


def flattened(result):
    out, state = result
    return [out, *state] if isinstance(state, tuple) else [out, state]


def layer(cls, shapes, hidden=2, **options):
    def call(m, x):
        state = () if len(x) == 1 else (x[1],) if len(x) == 2 else ((x[1], x[2]),)
        return flattened(m(x[0], *state))
    return lambda: cls(3, hidden, **options), call, shapes


def packed(cls, lengths, shapes, enforce_sorted=True, hidden=2, **options):
    def call(m, x):
        batch = rnn.pack_padded_sequence(x[0], lengths, enforce_sorted=enforce_sorted)
        state = () if len(x) == 1 else (x[1],) if len(x) == 2 else ((x[1], x[2]),)
        out, last = m(batch, *state)
        out, _ = rnn.pad_packed_sequence(out, padding_value=0.5)
        return [out, *last] if isinstance(last, tuple) else [out, last]
    return lambda: cls(3, hidden, **options), call, shapes


def cell(cls, states, **options):
    def call(m, x):
        out = m(x[0], *(() if states == 0 else (x[1],) if states == 1 else ((x[1], x[2]),)))
        return list(out) if isinstance(out, tuple) else [out]
    return lambda: cls(3, 2, **options), call, [[3, 3]] + [[3, 2]] * states


STACK = dict(num_layers=2, bidirectional=True)
CASES = {
    "rnn": layer(nn.RNN, [X]),
    "rnn_relu": layer(nn.RNN, [X, STATE], nonlinearity="relu", bias=False, batch_first=False),
    "rnn_stack": layer(nn.RNN, [X, [4, 2, 2]], **STACK),
    "lstm": layer(nn.LSTM, [X]),
    "lstm_state": layer(nn.LSTM, [X, STATE, STATE]),
    "lstm_batch_first": layer(nn.LSTM, [[2, 4, 3]], batch_first=True, bias=False),
    "lstm_stack": layer(nn.LSTM, [X, [4, 2, 2], [4, 2, 2]], **STACK),
    "lstm_unbatched": layer(nn.LSTM, [[4, 3]]),
    "lstm_projected": layer(nn.LSTM, [[2, 4, 3]], hidden=4, batch_first=True, bias=False,
                            proj_size=3),
    "lstm_projected_stack": layer(nn.LSTM, [X, [4, 2, 2], [4, 2, 3]], hidden=3, proj_size=2,
                                  **STACK),
    "packed_lstm_projected": packed(nn.LSTM, [2, 4, 1], [[4, 3, 3], [4, 3, 2], [4, 3, 3]],
                                    enforce_sorted=False, hidden=3, proj_size=2, **STACK),
    "gru": layer(nn.GRU, [X]),
    "gru_state": layer(nn.GRU, [X, STATE], bias=False),
    "gru_stack": layer(nn.GRU, [X, [4, 2, 2]], **STACK),
    "packed_rnn": packed(nn.RNN, [4, 2, 2, 1], [[4, 4, 3]], bidirectional=True),
    "packed_lstm": packed(nn.LSTM, [2, 4, 1], [[4, 3, 3], [4, 3, 2], [4, 3, 2]],
                          enforce_sorted=False, **STACK),
    "packed_gru": packed(nn.GRU, [1, 3], [[3, 2, 3], [2, 2, 2]], enforce_sorted=False,
                         bidirectional=True),
    "rnn_cell": cell(nn.RNNCell, 1),
    "rnn_cell_relu": cell(nn.RNNCell, 0, nonlinearity="relu", bias=False),
    "lstm_cell": cell(nn.LSTMCell, 2),
    "gru_cell": cell(nn.GRUCell, 1),
}


def digits(x):
    return [float(f"{v:.12g}") for v in x.detach().double().flatten().tolist()]


def weights(y):
    k = (torch.arange(y.numel(), dtype=torch.int64) * 37 + 55) % 17
    return ((k - 8).double() / 4).reshape(y.shape)


def run(name, build, call, shapes):
    torch.manual_seed(3)
    m = build()
    bits = [[n, p.detach().view(torch.int32).flatten()[:2].tolist()] for n, p in m.named_parameters()]
    printed = str(m)
    m.double()
    x = [(torch.rand(s) - 0.5).double().requires_grad_() for s in shapes]
    out = call(m, x)
    sum((y * weights(y)).sum() for y in out).backward()
    return {"name": name, "printed": printed, "in": shapes, "first_bits": bits,
            "out": [{"shape": list(y.shape), "values": digits(y)} for y in out],
            "grads": [digits(t.grad) for t in x],
            "parameter_sums": digits(torch.stack([(p.grad * weights(p)).sum()
                                                  for p in m.parameters()]))}


def main():
    lines = ",\n".join(json.dumps(run(name, *case), separators=(",", ":"))
                       for name, case in CASES.items())
    (pathlib.Path(__file__).parent / "recurrent.json").write_text("[\n" + lines + "\n]\n")


main()
