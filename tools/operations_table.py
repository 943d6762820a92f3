#!/usr/bin/env python3
"""Writes the tables of docs/operations.md from what is there.

    tools/operations_table.py PROBE            writes the parts between the marks anew
    tools/operations_table.py --check PROBE    exit status 1 if that would change the file
    tools/operations_table.py --audit          what the golden cases of each operation leave out

PROBE is tests/core/operations_probe of a build with CUDA kernels (simt will do): it tries each operation
on each dtype and device. Public names come from the headers, elementwise rows from
kernels/elementwise_table.h, what checks an operation from tests/ (operations_checks.py). A public
operation without a case in tests/core/derivatives, one that nothing checks, and a refusal that does not
name the dtype are errors.
"""
import argparse
import json
import re
import subprocess
import sys
from pathlib import Path

import operations_checks as checks
import operations_elementwise as elementwise

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "operations.md"
DECLARATION = re.compile(r"^\s*(?:\[\[nodiscard\]\] )?(Tensor&?|ValuesIndices|Uniques|VarAndMean|"
                         r"std::vector<Tensor>|IndexedElements|bool) (\w+)\(", re.M)
# Declared as operations are, and none: the tape's, and what core/tensor.h says of a tensor.
NO_OPERATIONS = {"grad", "requires_grad_", "self", "name", "operator"}
# Another name of the operation, with the same work behind it.
SAME = {"cuda": "to", "relu6": "hardtanh"}

FLOATING = ("float64", "float32", "float16", "bfloat16")
WHOLE = ("int64", "int32", "int16", "int8", "uint8")
GROUPS = {frozenset(FLOATING + WHOLE + ("bool",)): "all", frozenset(FLOATING + WHOLE): "all but bool",
          frozenset(FLOATING): "floating", frozenset(WHOLE): "integers", frozenset(WHOLE + ("bool",)): "integers, bool"}


def headers():
    named = re.findall(r'#include "(core/(?:ops/[\w/]+|creation)\.h)"', (ROOT / "cuttle.h").read_text())
    methods = sorted(p.name for p in (ROOT / "core" / "methods").glob("*.h") if p.stem not in ("autograd", "dims"))
    return ["core/methods/" + m for m in methods] + ["core/tensor.h"] + named


def public_names():
    """name → {header: whether it is a method there}; macros' rows are the elementwise table's."""
    names = {}
    for header in headers():
        text = re.sub(r"//.*", "", (ROOT / header).read_text())
        methods_end = text.find("\n};") if "ops/" not in header else -1
        for found in DECLARATION.finditer(text):
            kind, name = found.groups()
            if name not in NO_OPERATIONS and (kind != "bool" or "closeness" in header):
                names.setdefault(name, {})[header] = found.start() < methods_end
    return names


def without_underscore(name):
    return name[:-1] if name.endswith("_") and len(name) > 1 else name


def group(dtypes):
    dtypes = frozenset(dtypes)
    return GROUPS.get(dtypes) or ", ".join(d for d in checks.DTYPES if d in dtypes)


def takes(of):
    """Device → dtypes in words, by lists of dtypes: one text where the devices agree."""
    texts = {device: group(dtypes) for device, dtypes in of.items()}
    if len(set(texts.values())) == 1:
        return texts["CPU"]
    return "; ".join(f"{device}: {text}" for device, text in texts.items())


def gives(result):
    kinds = set(result.values())
    if all(given == dtype for dtype, given in result.items()):
        return "what it takes"
    if len(kinds) == 1:
        return kinds.pop()
    changed = {d: given for d, given in result.items() if given != d}
    same_kind = [d for d in result if d not in changed and d not in FLOATING]
    if len(set(changed.values())) == 1 and not set(changed) & set(FLOATING):
        return f"{group(list(changed) + same_kind)}: {next(iter(changed.values()))}"
    return "as asked"


def derivatives(line):
    times = set(line["derivatives"].values())
    if len(times) > 1:
        return "; ".join(f"{dtype}: {n}" for dtype, n in line["derivatives"].items())
    return {0: "none", 1: "once", 2: "any order"}[times.pop() if times else 0]


def forms(name, names, lines):
    """How it is called: as a method, as a function, and in place where that has no row of its own."""
    method, function = any(names[name].values()), not all(names[name].values())
    found = [f"x.{name}(…)"] * method + [f"{name}(…)"] * function
    if name + "_" in names and name + "_" not in lines:
        found.append(f"x.{name}_(…)")
    return "`" + ", ".join(found) + "`"


def probe(program):
    """operation → {device: line}; a build without CUDA kernels answers for the CPU alone."""
    out = subprocess.run([program], capture_output=True, text=True, check=True).stdout
    lines = {}
    for text in out.splitlines():
        line = json.loads(text)
        lines.setdefault(line["operation"], {})[{"cpu": "CPU", "cuda": "CUDA"}[line["device"]]] = line
    return lines


def complaints(names, rows, lines):
    for name, where in names.items():
        base = SAME.get(name, name)
        if not {base, without_underscore(base)} & (rows | set(lines)):
            yield f"{name} of {next(iter(where))} has no case of that name in tests/core/derivatives"
    for name, devices in lines.items():
        for device, line in devices.items():
            for dtype, sentence in line["refuses"].items():
                if dtype not in sentence:
                    yield f"{name} of {dtype} on {device} says {sentence!r}, which does not name the dtype"


def checked(name, names, line, golden, programs):
    values = [f"PyTorch ({checks.described(golden[name])})"] if name in golden else []
    values += ["programs"] if name in programs else []
    values = values or [f"`{test}`" for test in checks.own_tests(name, names[name])]
    by = values + ["differences"] * line["differences"]
    if not by:
        sys.exit(f"nothing checks {name}")
    return by


def row(name, names, lines, golden, programs):
    line = lines[name]["CPU"]
    return [forms(name, names, lines), ", ".join(lines[name]), takes({d: l["gives"] for d, l in lines[name].items()}),
            gives(line["gives"]), derivatives(line), ", ".join(checked(name, names, line, golden, programs))]


def title(header):
    """The first sentence of the comment that the header opens with."""
    opening = re.match(r"(?:// ?.*\n)+", (ROOT / header).read_text()).group()
    return re.split(r"\. |\.$", " ".join(re.findall(r"// ?(.*)", opening)))[0]


def table(names, rows, lines):
    golden, programs = checks.golden(names), checks.in_random_programs(names)
    text, done = [], set()
    for header in headers():
        mine = [n for n in names if next(iter(names[n])) == header and n in lines and not {n, without_underscore(n)} & rows]
        if not mine:
            continue
        text += [f"### {title(header)}", "", f"[{header}](../{header})", "",
                 "| operation | devices | takes | gives | derivatives | checked |", "|---|---|---|---|---|---|"]
        text += ["| " + " | ".join(row(n, names, lines, golden, programs)) + " |" for n in mine] + [""]
    return "\n".join(text).rstrip()


def between(page, name, content):
    begin, end = f"<!-- {name}: begin, by tools/operations_table.py -->", f"<!-- {name}: end -->"
    before, rest = page.split(begin)
    return f"{before}{begin}\n{content}\n{end}{rest.split(end)[1]}"


def updated(page, program):
    source = (ROOT / "kernels" / "elementwise_table.h").read_text()
    rows = {r[1] for r in elementwise.rows(source)}
    names, lines = public_names(), probe(program)
    if wrong := list(complaints(names, rows, lines)):
        sys.exit("\n".join(wrong))
    if all("CUDA" not in devices for devices in lines.values()):
        for devices in lines.values():
            devices["CUDA"] = devices["CPU"]
    programs = checks.in_random_programs(set(names) | rows)
    page = between(page, "elementwise", elementwise.table(source, checks.golden_rows(), programs))
    return between(page, "operations", table(names, rows, lines))


def audit():
    for name, cases in sorted(checks.golden(public_names()).items()):
        print(f"{name}: {checks.described(cases)}; without {', '.join(checks.missing(cases)) or 'nothing'}")


def self_test():
    text = ('#define CUTTLE_UNARY_FUNCTIONS(X)  \\\n  X(exp, Exp, 1, floating, same, keeps(y), "e^x") \\\n'
            '  X(log, Log, 1, floating, same, keeps(a), "ln")\n'
            '#define CUTTLE_COMPARISONS(X) X(eq, Equal, 2, any, boolean, constant, "a == b")\n')
    assert [r[1] for r in elementwise.rows(text)] == ["exp", "log", "eq"]
    made = elementwise.table(text, {"exp"}, {"exp", "eq"})
    assert ("| `x.exp(), exp(x), x.exp_()` | e^x | all; integers become float32 | what it takes | "
            "any order; keeps y | PyTorch, differences, programs |") in made
    assert "keeps x" in made and "| `a == b, a.eq(b)" in made and "| bool | none | programs |" in made
    marks = "<!-- a: begin, by tools/operations_table.py -->", "<!-- a: end -->"
    page = between(f"x\n{marks[0]}\nold\n{marks[1]}\ny\n", "a", "new")
    assert page == f"x\n{marks[0]}\nnew\n{marks[1]}\ny\n" and between(page, "a", "new") == page
    names = ("index", "index_put", "norm", "max", "exponential_")
    found = [checks.operation_of(t, names) for t in ("index_put_rows", "norm2.0", "maximum", "exponential", "max")]
    assert found == ["index_put", "norm", None, "exponential_", "max"]
    assert group(FLOATING) == "floating" and group(["int8", "float32"]) == "float32, int8"
    assert gives({"int8": "int64", "int64": "int64", "float32": "float32"}) == "int64, int8: int64"
    assert gives({"int8": "bool", "float32": "bool"}) == "bool" and gives({"int8": "int8"}) == "what it takes"
    lines = {"sum": {"CPU": {"refuses": {"bool": "sum: takes no bool"}}}, "sort": {"CPU": {"refuses": {"int8": "no"}}}}
    wrong = list(complaints({"sum": {"a.h": 1}, "sum_": {"a.h": 1}, "prod": {"b.h": 1}, "cuda": {"c.h": 1}}, {"to"}, lines))
    assert len(wrong) == 2 and "prod of b.h" in wrong[0] and "sort of int8 on CPU" in wrong[1]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("probe", nargs="?")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--audit", action="store_true")
    parser.add_argument("--self-test", action="store_true")
    options = parser.parse_args()
    if options.self_test:
        return self_test()
    if options.audit:
        return audit()
    if not options.probe:
        parser.error("which PROBE? The build has it as tests/core/operations_probe")
    page = PAGE.read_text()
    fresh = updated(page, options.probe)
    if not options.check:
        PAGE.write_text(fresh)
    elif fresh != page:
        sys.exit("docs/operations.md is not what tools/operations_table.py gives; run it")


if __name__ == "__main__":
    main()
