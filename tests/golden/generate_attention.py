#!/usr/bin/env python3
"""Writes attention.json: PyTorch's attention layers under a seed, their outputs and gradients.

Run with a Python that has torch (Debian: python3-torch): python3 generate_attention.py
tests/layers/attention_golden_test.cpp builds the same layers in the same order. Inputs are drawn behind
the layer, in the order of their list, as rand(shape) - 0.5 in float32.
"""
import json
import pathlib

import torch
from torch import nn

causal = torch.triu(torch.ones(4, 4, dtype=torch.bool), 1)
padding = torch.tensor([[False, False, False, True], [False, True, False, False]])
added = (torch.arange(16).double().reshape(4, 4) % 5 - 2) / 4


def attention(options, shapes, **masks):
    """shapes: query alone (self-attention), or query, key and value."""
    def build():
        return nn.MultiheadAttention(6, 2, **options)

    def call(layer, x):
        out, weights = layer(*(x if len(x) == 3 else x * 3), **masks)
        return [out] if weights is None else [out, weights]
    return build, call, shapes


SELF, OTHERS = [[4, 2, 6]], [[3, 2, 6], [4, 2, 6], [4, 2, 6]]
CASES = {
    "self": attention({}, SELF, need_weights=False),
    "self_weights": attention({}, SELF),
    "self_batch_first": attention({"batch_first": True}, [[2, 4, 6]], need_weights=False),
    "self_unbatched": attention({}, [[4, 6]]),
    "self_masks": attention({}, SELF, need_weights=False, attn_mask=causal, key_padding_mask=padding),
    "self_added": attention({"bias": False}, SELF, need_weights=False, attn_mask=added),
    "cross": attention({}, OTHERS, need_weights=False),
    "cross_heads": attention({}, OTHERS, average_attn_weights=False, key_padding_mask=padding),
    "cross_widths": attention({"kdim": 5, "vdim": 3}, [[3, 2, 6], [4, 2, 5], [4, 2, 3]]),
    "bias_kv": attention({"add_bias_kv": True, "add_zero_attn": True}, SELF, attn_mask=causal),
}


def transformer_cases():
    ends = dict(dropout=0.0)
    def encoder(**o):
        return lambda: nn.TransformerEncoderLayer(6, 2, 8, **ends, **o)
    def decoder(**o):
        return lambda: nn.TransformerDecoderLayer(6, 2, 8, **ends, **o)
    memory = [[4, 2, 6], [3, 2, 6]]
    yield "encoder_layer", encoder(), lambda m, x: [m(x[0])], SELF
    yield "encoder_layer_gelu", encoder(activation="gelu", norm_first=True, batch_first=True,
                                        layer_norm_eps=1e-3), lambda m, x: [m(x[0])], [[2, 4, 6]]
    yield "encoder_layer_masks", encoder(), lambda m, x: [m(x[0], causal, padding)], SELF
    yield "decoder_layer", decoder(), lambda m, x: [m(x[0], x[1], tgt_mask=causal)], memory
    yield "decoder_layer_first", decoder(norm_first=True), lambda m, x: [m(x[0], x[1])], memory
    yield ("encoder", lambda: nn.TransformerEncoder(encoder()(), 2, nn.LayerNorm(6)),
           lambda m, x: [m(x[0])], SELF)
    yield "decoder", lambda: nn.TransformerDecoder(decoder()(), 2), lambda m, x: [m(x[0], x[1])], memory
    yield ("transformer", lambda: nn.Transformer(6, 2, 1, 2, 8, **ends),
           lambda m, x: [m(x[0], x[1], tgt_mask=causal)], [[3, 2, 6], [4, 2, 6]])


def flat(x):
    return [float(f"{v:.12g}") for v in x.detach().double().flatten().tolist()]


def weights(y):
    k = (torch.arange(y.numel(), dtype=torch.int64) * 37 + 55) % 17
    return ((k - 8).double() / 4).reshape(y.shape)


def run(name, build, call, shapes):
    torch.manual_seed(3)
    layer = build()
    bits = [[n, p.detach().view(torch.int32).flatten()[:2].tolist()] for n, p in layer.named_parameters()]
    printed = str(layer)
    layer.double()
    x = [(torch.rand(s) - 0.5).double().requires_grad_() for s in shapes]
    out = call(layer, x)
    sum((y * weights(y)).sum() for y in out).backward()
    return {"name": name, "printed": printed, "in": shapes, "first_bits": bits,
            "out": [{"shape": list(y.shape), "values": flat(y)} for y in out],
            "grads": [flat(t.grad) for t in x],
            "parameter_sums": [float(f"{(p.grad * weights(p)).sum():.12g}") for p in layer.parameters()]}


def main():
    cases = [run(name, *case) for name, case in CASES.items()]
    cases += [run(*case) for case in transformer_cases()]
    lines = ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases)
    (pathlib.Path(__file__).parent / "attention.json").write_text("[\n" + lines + "\n]\n")


main()
