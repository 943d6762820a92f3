#!/usr/bin/env python3
"""Writes the table of elementwise operations in docs/operations.md from kernels/elementwise_table.h.

    tools/operations_table.py            writes the part between the two marks anew
    tools/operations_table.py --check    exit status 1 if that would change the file

What the table says of a row's methods follows from the list that the row stands in, as in
core/methods/elementwise.h.
"""
import argparse
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BEGIN, END = "<!-- elementwise: begin, by tools/operations_table.py -->", "<!-- elementwise: end -->"

LIST = re.compile(r"#define (CUTTLE_[A-Z_]+)\(X\)((?:.*\\\n)*.*\n)")
ROW = re.compile(r'X\((\w+),\s*(\w+),\s*(\d),\s*(\w+),\s*(\w+),\s*(keeps\([^)]*\)|constant),\s*"([^"]*)"\)')

TAKES = {"any": "all", "numbers": "all but bool", "integers": "integers, bool", "whole": "integers",
         "floating": "all; integers become float32", "real": "floating"}
# How a row is called, by its list; what is not named here is called by hand-written functions.
FORMS = {"CUTTLE_UNARY_ARITHMETIC": "x.{0}(), {0}(x), x.{0}_()", "CUTTLE_UNARY_FUNCTIONS": "x.{0}(), {0}(x), x.{0}_()",
         "CUTTLE_UNARY_LOGIC": "x.{0}(), {0}(x), x.{0}_()", "CUTTLE_UNARY_TESTS": "x.{0}(), {0}(x)",
         "CUTTLE_ACTIVATIONS": "{0}(x, …)"}
OF_TWO = "a.{0}(b), {0}(a, b), a.{0}_(b)"
NAMED = {"gelu_tanh": "gelu(x, GeluApproximate::tanh)", "add_scaled": "add(a, b, alpha), a.add_(b, alpha)", "add": "a + b, a += b, add(a, b)",
         "sub": "a - b, a -= b, sub(a, b)", "mul": "a * b, a *= b, mul(a, b)", "div": "a / b, a /= b, div(a, b)",
         "div_trunc": 'div(a, b, "trunc")', "maximum": "a.maximum(b), maximum(a, b)",
         "minimum": "a.minimum(b), minimum(a, b)", "masked": "within the library", "hardtanh": "hardtanh(x, low, high), relu6(x)",
         "nan_to_num": "x.nan_to_num(…), nan_to_num(x, …), x.nan_to_num_(…)", "where": "where(a, b, c), b.where(a, c)",
         "clamp": "a.clamp(b, c), clamp(a, b, c), a.clamp_(b, c)", "lerp": "a.lerp(b, c), lerp(a, b, c), a.lerp_(b, c)",
         "addcmul": "a.addcmul(b, c, value), addcmul(…), a.addcmul_(…)",
         "addcdiv": "a.addcdiv(b, c, value), addcdiv(…), a.addcdiv_(…)"}
OPERATORS = {"remainder": "a % b", "eq": "a == b", "ne": "a != b", "lt": "a < b", "le": "a <= b", "gt": "a > b",
             "ge": "a >= b", "bitwise_and": "a & b", "bitwise_or": "a | b", "bitwise_xor": "a ^ b", "bitwise_not": "~x",
             "logical_not": "!x", "neg": "-x"}


def rows(text):
    """(list, name, operands, takes, gives, keeps, formula) of each row, in the table's order."""
    for title, body in LIST.findall(text):
        for name, _, operands, takes, gives, keeps, formula in ROW.findall(body):
            yield title, name, int(operands), takes, gives, keeps, formula


def derivative(operands, keeps):
    if keeps == "constant":
        return "none"
    needs = [part.strip() for part in keeps[len("keeps("):-1].split(",")]
    names = {"a": "x"} if operands == 1 else {}
    kept = sorted({names.get(bit, bit) for part in needs for bit in part.split(" | ") if bit != "0"})
    return "any order; keeps " + (", ".join(kept) if kept else "nothing")


def table(text):
    lines = ["| operation | formula | takes | gives | gradient |", "|---|---|---|---|---|"]
    for title, name, operands, takes, gives, keeps, formula in rows(text):
        form = NAMED.get(name) or FORMS.get(title, OF_TWO)
        calls = ", ".join(filter(None, [OPERATORS.get(name), form.format(name)]))
        cells = [f"`{calls}`", formula, TAKES[takes], "bool" if gives == "boolean" else "what it takes",
                 derivative(operands, keeps)]
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines)


def updated(page, text):
    before, rest = page.split(BEGIN)
    return f"{before}{BEGIN}\n{table(text)}\n{END}{rest.split(END)[1]}"


def self_test():
    text = ('#define CUTTLE_UNARY_FUNCTIONS(X)  \\\n  X(exp, Exp, 1, floating, same, keeps(y), "e^x") \\\n'
            '  X(log, Log, 1, floating, same, keeps(a), "ln")\n'
            '#define CUTTLE_COMPARISONS(X) X(eq, Equal, 2, any, boolean, constant, "a == b")\n')
    assert [row[1] for row in rows(text)] == ["exp", "log", "eq"]
    page = updated(f"x\n{BEGIN}\nold\n{END}\ny\n", text)
    assert page.startswith("x\n") and page.endswith("\ny\n") and "old" not in page
    assert "| `x.exp(), exp(x), x.exp_()` | e^x | all; integers become float32 | what it takes | any order; keeps y |" in page
    assert "keeps x" in page and "| `a == b, a.eq(b)" in page and "| bool | none |" in page
    assert updated(page, text) == page


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--self-test", action="store_true")
    options = parser.parse_args()
    if options.self_test:
        return self_test()
    path = ROOT / "docs" / "operations.md"
    page = path.read_text()
    fresh = updated(page, (ROOT / "kernels" / "elementwise_table.h").read_text())
    if options.check:
        if fresh != page:
            sys.exit("docs/operations.md is behind kernels/elementwise_table.h; run tools/operations_table.py")
    else:
        path.write_text(fresh)


if __name__ == "__main__":
    main()
