#!/usr/bin/env python3
"""Compiles the C++ of README.md and of the pages in docs, so that what they show can be typed.

    compile_snippets.py COMPILER ARGUMENT...    the compiler, with all it needs to look at a file from its input

Every snippet becomes a function, or definitions, in a namespace of its own, and may use what context.h
declares; `…` stands for what is left out. Errors name the page and its line.
"""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Their snippets stand, word for word, in examples/autograd/tour.cpp, or are cut out of the library and of
# the project that tests/install builds.
ELSEWHERE = {"autograd.md", "adding_an_op.md"}


def snippets(page):
    """The line, counted from 1, at which each begins, and its text."""
    text = page.read_text(encoding="utf-8")
    for match in re.finditer(r"^```cpp\n(.*?)^```", text, re.DOTALL | re.MULTILINE):
        yield text[:match.start(1)].count("\n") + 1, match[1]


def filled(snippet):
    """The snippet without what is left out."""
    return re.sub(r"…", "", snippet.replace("(…)", "(;;)"))


def wrapped(snippet):
    """Definitions as they are, a member in a class, statements in a function."""
    if re.match(r"(class|struct|template)\b", snippet):
        return "", ""
    if re.match(r"[\w:<>]+ operator\(\)", snippet):
        return "struct Owner {", "};"
    return "void run() {", "}"


def source(pages):
    parts = ['#include "context.h"\n']
    for page in pages:
        for line, snippet in snippets(page):
            before, after = wrapped(snippet)
            parts.append(f'namespace snippets::number_{len(parts)} {{ {before}\n'
                         f'#line {line} "{page.relative_to(ROOT)}"\n{filled(snippet)}{after} }}\n')
    return "".join(parts), len(parts) - 1


def main():
    pages = [ROOT / "README.md", ROOT / "README.zh-CN.md"]
    pages += sorted(page for page in (ROOT / "docs").glob("*.md") if page.name not in ELSEWHERE)
    text, count = source(pages)
    if count < 20:
        sys.exit(f"only {count} snippets were found")
    if subprocess.run([*sys.argv[1:], "-I", str(Path(__file__).parent), "-x", "c++", "-"], input=text.encode(),
                      check=False).returncode != 0:
        sys.exit("snippets of the documentation do not compile: see above")
    print(f"{count} snippets compile")


if __name__ == "__main__":
    main()
