#!/usr/bin/env python3
"""The C++ in docs/autograd.md stands, line by line, in examples/autograd/tour.cpp, which is compiled and run."""

import re
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def lines(text):
    """Without indentation, double spaces and empty lines."""
    return [" ".join(line.split()) for line in text.splitlines() if line.strip()]


def occurs(snippet, program):
    """Whether the lines of one follow each other in the other."""
    return any(program[i:i + len(snippet)] == snippet for i in range(len(program) - len(snippet) + 1))


class DocSnippets(unittest.TestCase):
    def test_snippets_are_in_the_program(self):
        document = (ROOT / "docs/autograd.md").read_text()
        program = lines((ROOT / "examples/autograd/tour.cpp").read_text())
        snippets = re.findall(r"```cpp\n(.*?)```", document, re.DOTALL)
        self.assertGreater(len(snippets), 7)
        for snippet in snippets:
            self.assertTrue(occurs(lines(snippet), program), f"not in tour.cpp:\n{snippet}")

    def test_a_change_is_seen(self):
        self.assertTrue(occurs(lines("a;\n  b;\n"), lines("x;\na;\n\nb;\n")))
        self.assertFalse(occurs(lines("a;\nb;\n"), lines("a;\nc;\nb;\n")))


if __name__ == "__main__":
    unittest.main()
