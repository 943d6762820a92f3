#!/usr/bin/env python3
"""Checks that a trainer learned: its loss fell and its test accuracy is well above chance.

Reads what examples/cifar10 prints. Exit status 1 and a sentence where it did not learn.

    tools/check_training.py LOG [--chance 0.1] [--times 2] | --self-test
"""

import argparse
import re
import sys
import unittest

NUMBER = r"([-+]?(?:\d+\.?\d*(?:[eE][-+]?\d+)?|nan|inf))"
LOSS = re.compile(r"\bloss\b[^\d\n]*?[:= ]\s*" + NUMBER, re.IGNORECASE)
ACCURACY = re.compile(r"\baccuracy\b[^\d\n]*?[:= ]\s*" + NUMBER, re.IGNORECASE)
EVALUATION = re.compile(r"\b(test|total|evaluation)\b", re.IGNORECASE)


def check(text, wanted):
    """A sentence on what is wrong; empty where all is well."""
    lines = [line for line in text.split("\n") if not EVALUATION.search(line)]
    losses = [float(m[1]) for line in lines for m in LOSS.finditer(line)]
    accuracies = [float(m[1]) for m in ACCURACY.finditer(text)]
    if len(losses) < 4:
        return f"there are only {len(losses)} training losses in the log"
    if not accuracies:
        return "there is no accuracy in the log"
    quarter = max(1, len(losses) // 4)
    first, last = sum(losses[:quarter]) / quarter, sum(losses[-quarter:]) / quarter
    if not last < 0.9 * first:
        return f"the loss did not fall by a tenth: {first:.4f}, in the end {last:.4f}"
    if not wanted < accuracies[-1] <= 1:
        return f"the test accuracy is {accuracies[-1]}, and was to be over {wanted}"
    print(f"the loss fell from {first:.4f} to {last:.4f}; test accuracy {accuracies[-1]:.4f}")
    return ""


class SelfTest(unittest.TestCase):
    def log(self, losses, accuracy):
        return "".join(f"step {100 * i}, loss: {x}\n" for i, x in enumerate(losses)) + \
            f"total test loss: 99.5\ntest accuracy: {accuracy}\n"

    def test_learned(self):
        self.assertEqual(check(self.log([2.3, 2.2, 1.9, 1.5], 0.5), 0.2), "")

    def test_not_learned(self):
        self.assertIn("did not fall", check(self.log([2.3, 2.3, 2.3, 2.3], 0.5), 0.2))
        self.assertIn("did not fall", check(self.log([2.3, 2.2, 1.9, "nan"], 0.5), 0.2))
        self.assertIn("accuracy is 0.1", check(self.log([2.3, 2.2, 1.9, 1.5], 0.1), 0.2))
        self.assertIn("no accuracy", check("loss 2.3\nloss 2\nloss 1.5\nloss 1\n", 0.2))
        self.assertIn("only 0", check("", 0.2))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("log", nargs="?")
    parser.add_argument("--chance", type=float, default=0.1, help="accuracy of guessing")
    parser.add_argument("--times", type=float, default=2, help="how much better than guessing it must be")
    parser.add_argument("--self-test", action="store_true", help="test this script instead")
    arguments = parser.parse_args()
    if arguments.self_test:
        unittest.main(argv=[sys.argv[0]])
    if not arguments.log:
        parser.error("which log?")
    with open(arguments.log, encoding="utf-8", errors="replace") as file:
        problem = check(file.read(), arguments.times * arguments.chance)
    if problem:
        sys.exit(f"{arguments.log}: {problem}")


if __name__ == "__main__":
    main()
