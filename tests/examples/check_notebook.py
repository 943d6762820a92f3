#!/usr/bin/env python3
"""Checks examples/cifar10/colab.ipynb, with the standard library alone.

    check_notebook.py --form NOTEBOOK       as committed: nbformat 4, no outputs, English beside Chinese
    check_notebook.py --outputs NOTEBOOK    as executed by notebook.sh: prints and judges each cell's output
"""

import argparse
import json
import re
import sys

# What each code cell has to put out, at least; a cell without a line here is a mistake.
EXPECTED = {
    "settings": r"^Cuttle in /.*, preset \w+, trainers with --data synthetic .* --epochs 2",
    "gpu": r"^There is no GPU here|NVIDIA-SMI",
    "sources": r"^[0-9a-f]{7,} \S",
    "build": r"== installing packages\n(.*\n)*.*== building build/",
    "doctor": r"^Cuttle \d+\.\d+\.\d+(.*\n)*this build\n(.*\n)*  oneDNN +\d+\.\d+(.*\n)*"
              r"(Everything fits together|PROBLEM|advice)",
    "write_cmake": r"^(Writing|Overwriting) build/notebook/CMakeLists.txt",
    "write_available": r"^(Writing|Overwriting) build/notebook/available.cpp",
    "available": r"^Cuttle \d+\.\d+\.\d+.*\ncuda::is_available\(\) is (true|false): .",
    "cuda_style": r"length of the training set: 400\n(.*\n)*step 200, loss: \d\.\d+\n(.*\n)*saved .*_2\.pt",
    "to_device": r"length of the training set: 400\n(.*\n)*step 200, loss: \d\.\d+\n(.*\n)*saved .*_2\.pt",
    "full": r"tutorial on \w+, 400 images to train with, 80 to test\n"
            r"epoch 1/2  loss .*\nepoch 2/2  loss .*, accuracy .* images/s\n(.*\n)*class +examples +accuracy"
            r"(.*\n)*all +80 (.*\n)*wrote .*curves.png\n(.*\n)*wrote .*filters.png",
    "pictures": r"^(\[image/png\]\n.*){4}$",
    "packages": r"^installed: nothing was missing",
    "tensorboard": r"<iframe id=\"tensorboard-frame",
    "evaluate": r"accuracy on the test set: 0\.\d+\nsaved build/notebook/test\.pt",
    "pytorch": r"<All keys matched successfully>\nPyTorch \S+: accuracy 0\.\d+, the logits differ by \d\.\de-\d+ at most",
    "predict": r"\[image/png\]\n.*build/notebook/first\.png: \w+ \d+\.\d %, \w+ \d",
}


def text_of(cell):
    """What a cell put out, in one text, without what was written over, as progress bars are; pictures by
    their type."""
    parts = []
    for output in cell.get("outputs", []):
        if output["output_type"] == "stream":
            parts.append("".join(output["text"]))
        elif output["output_type"] == "error":
            parts.append(f"[error] {output['ename']}: {output['evalue']}\n")
        else:
            for kind, data in output.get("data", {}).items():
                parts.append("".join(data) if kind.startswith("text/") else f"[{kind}]\n")
    return re.sub(r"[^\n]*\r(?!\n)", "", "".join(parts))


def judge_form(notebook):
    problems = []
    cells = notebook["cells"]
    if (notebook.get("nbformat"), notebook.get("nbformat_minor")) != (4, 5):
        problems.append("it is not of nbformat 4.5")
    names = [cell.get("id", "") for cell in cells]
    if len(set(names)) != len(names) or not all(re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", n) for n in names):
        problems.append("each cell needs an id of its own, of letters, digits, _ and -")
    for cell in cells:
        name, source = cell["id"], "".join(cell["source"])
        has_chinese = re.search(r"[\u4e00-\u9fff]", source) is not None
        if cell["cell_type"] == "code":
            if cell["outputs"] or cell["execution_count"] is not None:
                problems.append(f"cell {name} has outputs; commit it without")
            if name not in EXPECTED:
                problems.append(f"cell {name} is not in EXPECTED")
        elif name.endswith("_en") == has_chinese:
            problems.append(f"cell {name} is in the other language")
        elif name.endswith("_en") and names[names.index(name) + 1:][:1] != [name[:-3] + "_zh"]:
            problems.append(f"cell {name} has no Chinese one behind it")
    problems += [f"there is no cell {name}" for name in EXPECTED if name not in names]
    return problems


def judge_outputs(notebook):
    problems = []
    outputs = {cell["id"]: text_of(cell) for cell in notebook["cells"] if cell["cell_type"] == "code"}
    for name, output in outputs.items():
        print(f"---- {name}\n{output.rstrip()}")
        if "[error]" in output:
            problems.append(f"cell {name} failed")
        elif re.search(r"^Traceback|Warning:|^ERROR", output, re.MULTILINE):
            problems.append(f"cell {name} warns of something")
        elif not re.search(EXPECTED[name], output, re.MULTILINE):
            problems.append(f"cell {name} did not put out {EXPECTED[name]!r}")
    losses = {name: re.findall(r"loss: .*", outputs[name]) for name in ("cuda_style", "to_device")}
    if losses["cuda_style"] != losses["to_device"]:
        problems.append("the two styles print different losses")
    return problems


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    kind = parser.add_mutually_exclusive_group(required=True)
    kind.add_argument("--form", metavar="NOTEBOOK")
    kind.add_argument("--outputs", metavar="NOTEBOOK")
    arguments = parser.parse_args()
    with open(arguments.form or arguments.outputs, encoding="utf-8") as file:
        notebook = json.load(file)
    problems = judge_form(notebook) if arguments.form else judge_outputs(notebook)
    for problem in problems:
        print(f"{arguments.form or arguments.outputs}: {problem}")
    if problems:
        sys.exit(1)
    print("the notebook is as it should be")


if __name__ == "__main__":
    main()
