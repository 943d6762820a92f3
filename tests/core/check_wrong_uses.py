#!/usr/bin/env python3
"""Checks that every public operation stands in wrong_use_sentences.txt.

Reads the names of methods and functions from the headers of core and compares them with the operations whose
sentences the list has. What is left out is named here, with the reason.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
HEADERS = [*sorted(set((ROOT / "core/methods").glob("*.h")) - {ROOT / "core/methods/dims.h"}),
           ROOT / "core/creation.h",
           *(ROOT / "core/ops" / f"{name}.h" for name in (
               "closeness", "conv2d", "losses/cross_entropy", "elementwise", "linear", "matmul", "max_pool2d", "ordering",
               "products", "random", "rearrange", "reduce", "scan"))]

# Another name of an operation, or its form in place, which says the operation's name.
SAYS = {"swapaxes": "transpose", "swapdims": "transpose", "moveaxis": "movedim", "ravel": "reshape",
        "broadcast_to": "expand", "expand_as": "expand", "view_as": "view", "reshape_as": "reshape",
        "row_stack": "vstack", "relu6": "hardtanh",
        "max_pool1d_with_indices": "max_pool1d", "max_pool2d_with_indices": "max_pool2d", "take_along": "take_along_dim", "new_empty_strided": "new_empty"}
# Those that take nothing wrong.
NOTHING_WRONG = {"scalar_tensor"}
# Checked by tests of the tape (tests/core/tape_test.cpp and its neighbours).
OF_THE_TAPE = {"register_hook", "register_post_accumulate_grad_hook", "retains_grad", "detach_", "is_inference",
               "add_gradient_hook"}
RESULT = r"(?:Tensor&?|ValuesIndices|Uniques|VarAndMean|StdAndMean|std::vector<Tensor>|bool|IndexedElements|" \
         r"RemovableHandle|void|auto)"


def public_names():
    names = set()
    for header in HEADERS:
        text = re.sub(r"#define.*?(?<!\\)\n", "", header.read_text(), flags=re.S)
        names |= set(re.findall(rf"^ *{RESULT} (\w+)\(", text, flags=re.M))
    table = (ROOT / "kernels/elementwise_table.h").read_text()
    names |= set(re.findall(r"^ *(?:CUTTLE_\w+\(X\) )?X\((\w+), ", table, flags=re.M))
    return names - {"masked", "add_scaled", "div_trunc", "gelu_tanh"}


def main():
    sentences = ROOT / "tests/core/wrong_use_sentences.txt"
    said = set(re.findall(r"^  \[[^\]]*\] ([\w<>]+): ", sentences.read_text(), flags=re.M))
    missing = []
    for name in sorted(public_names() - NOTHING_WRONG - OF_THE_TAPE):
        if not {name, name.removesuffix("_"), SAYS.get(name, name)} & said:
            missing.append(name)
    for name in missing:
        print(f"{name}: no wrong use of it stands in tests/core/wrong_uses")
    if not missing:
        print(f"wrong uses of {len(public_names())} operations are answered")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
