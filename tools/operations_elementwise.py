"""The elementwise table of docs/operations.md, from kernels/elementwise_table.h, for tools/operations_table.py.

What it says of a row's methods follows from the list that the row stands in, as in
core/methods/elementwise.h.
"""
import re

LIST = re.compile(r"#define (CUTTLE_[A-Z_]+)\(X\)((?:.*\\\n)*.*\n)")
ROW = re.compile(r'X\((\w+),[\s\\]*(\w+),[\s\\]*(\d),[\s\\]*(\w+),[\s\\]*(\w+),[\s\\]*(keeps\([^)]*\)|constant),[\s\\]*"([^"]*)"\)')

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
        assert len(ROW.findall(body)) == len(re.findall(r"\bX\(", body)), f"a row of {title} is not understood"
        for name, _, operands, takes, gives, keeps, formula in ROW.findall(body):
            yield title, name, int(operands), takes, gives, keeps, formula


def derivative(operands, keeps):
    if keeps == "constant":
        return "none"
    needs = [part.strip() for part in keeps[len("keeps("):-1].split(",")]
    names = {"a": "x"} if operands == 1 else {}
    kept = sorted({names.get(bit, bit) for part in needs for bit in part.split(" | ") if bit != "0"})
    return "any order; keeps " + (", ".join(kept) if kept else "nothing")


def checked(name, keeps, golden, programs):
    by = {"PyTorch": name in golden, "differences": keeps != "constant", "programs": name in programs}
    return ", ".join(what for what, holds in by.items() if holds)


def table(text, golden, programs):
    """`golden`: the rows with values from PyTorch; `programs`: the operations of random programs."""
    lines = ["| operation | formula | takes | gives | gradient | checked |", "|---|---|---|---|---|---|"]
    for title, name, operands, takes, gives, keeps, formula in rows(text):
        form = NAMED.get(name) or FORMS.get(title, OF_TWO)
        calls = ", ".join(filter(None, [OPERATORS.get(name), form.format(name)]))
        cells = [f"`{calls}`", formula, TAKES[takes], "bool" if gives == "boolean" else "what it takes",
                 derivative(operands, keeps), checked(name, keeps, golden, programs)]
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines)
