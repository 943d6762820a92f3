"""What the operations of docs/operations.md are checked against: looked up in the golden files, the random
programs and the tests, for tools/operations_table.py.

A golden case is known by the operation it bears the name of and by its traits: layouts, dtypes, and
whether it is empty, of one element, or at edges (NaN, infinities, subnormal numbers, extremes of integers).
"""
import json
import re
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LAYOUTS = ("transposed", "sliced", "expanded", "channels_last")
DTYPES = ("float64", "float32", "float16", "bfloat16", "int64", "int32", "int16", "int8", "uint8", "bool")
SIZES = ("empty", "single", "edges")

# What golden files call by another name than the operation's.
ALIASES = {"lists": "tensor", "conv2d_pool": "conv2d_max_pool2d", "var0": "var", "uniform_float": "rand",
           "with_replacement": "multinomial", "without_replacement": "multinomial", "exponential": "exponential_",
           "geometric": "geometric_", "random": "random_", "random_to": "random_", "random_from_to": "random_",
           "bernoulli_number": "bernoulli_", "bernoulli_into": "bernoulli_", "uniform": "uniform_",
           "uniform_double": "rand", "uniform_float_range": "uniform_", "uniform_double_range": "uniform_",
           "normal_float": "randn", "normal_double": "randn", "normal_scaled": "normal_"}
# The layouts in which window_golden_test.cpp and conv2d_pool_test.cpp run each case.
WINDOW_LAYOUTS = {"conv2d": ("transposed", "sliced", "channels_last"), "conv2d_pool": ("transposed", "sliced"),
                  "max_pool2d": ("transposed", "sliced", "channels_last")}
# Test files that are called neither as an operation nor as its header.
MORE_TESTS = {"core/ops/rearrange.h": ("shaping",), "core/tensor.h": ("basics", "copy", "in_place", "tape", "view")}


def operation_of(tag, names):
    """The operation that a case's name begins with: "norm2.0", "index_put_rows", "gather0"."""
    tag = ALIASES.get(tag, tag)
    fitting = [n for n in names if tag == n or (tag.startswith(n) and not tag[len(n)].isalpha())]
    return max(fitting, key=len, default=None)


def of_shape(shape):
    count = 1
    for size in shape:
        count *= size
    return {"empty"} if count == 0 else {"single"} if count == 1 else set()


def is_edge(values):
    return any(v in ("nan", "inf", "-inf") or isinstance(v, int) and abs(v) >= 2**63 - 1 for v in values)


def from_cases(data):
    """Files of tests/golden/cases.py."""
    for case in data:
        traits = set()
        for shape, dtype, layout, _ in case["in"]:
            traits |= {dtype, layout} | of_shape(shape)
        yield case["op"], traits


def from_ordering(data):
    for case in data["cases"]:
        x = data["inputs"][case["x"]]
        edges = {"edges"} if is_edge(x["values"]) else set()
        yield case["op"], {x["dtype"], case["view"]} | of_shape(x["shape"]) | edges


def from_indexing(data):
    for section in ("views", "index", "ops", "pairs"):
        for case in data[section]:
            shapes = case.get("shapes") or [case["shape"]]
            name = "index" if section == "index" else case["name"]
            yield name, {"float64", case["layout"], *case.get("traits", ())}.union(*map(of_shape, shapes))


def from_reductions(data):
    layouts = {"transposed", "sliced"}  # each case runs in these in reduction_golden_test.cpp
    for case in data["cases"]:
        edges = {"edges"} if case["kind"] == "specials" else set()
        repeated = {"expanded"} if case["kind"] == "repeated" else set()
        for op, result in case["results"].items():
            if result is not None:
                yield op, {"float64"} | of_shape(case["shape"]) | edges | layouts | repeated
    for dtype, op, *_ in data["dtypes"]["cases"]:
        yield op, {dtype}
    for dtype, op, *_ in data["extremes"]:
        yield op, {dtype, "edges"}


def from_core(data):
    for section in ("conv2d", "max_pool2d", "conv2d_pool"):
        for case in data[section]:
            values = case.get("values") or case.get("x_values") or []
            edges = {"edges"} if case.get("edges") or is_edge(values) else set()
            yield section, {"float64", "float32", *WINDOW_LAYOUTS[section]} | of_shape(case["x"]) | edges
    for _ in data["cross_entropy"]["cases"]:
        yield "cross_entropy", {"float64", "float32"}
    yield "cross_entropy", {"float64", "edges", "transposed", "sliced"}
    yield "cross_entropy", {"empty"}
    for op in ("softmax", "log_softmax"):
        yield op, {"float32", "edges"}
    for case in data["arange"]:
        yield "arange", {case["dtype"]}
    yield from from_lists(data["generator"])


def from_lists(data):
    """Lists that are called as the operation, of numbers or of rows that may begin with a dtype."""
    for name, rows in data.items():
        for row in rows if isinstance(rows[0], list) else [rows]:
            yield name, {row[0]} if row and row[0] in DTYPES else set()


def from_creation(data):
    return from_lists({name: rows for name, rows in data.items() if isinstance(rows, list)})


def from_random(data):
    """PyTorch's half of the file; the other is Philox, computed by Python."""
    return from_lists(data["twister"])


def is_cases(data):
    return isinstance(data, list) and all(len(spec) == 4 for case in data for spec in case.get("in", [()]))


def from_named(data):
    """Any other file: every object in it that has a name or an operation."""
    parts = data.values() if isinstance(data, dict) else data if isinstance(data, list) else ()
    name = isinstance(data, dict) and (data.get("op") or data.get("name"))
    if isinstance(name, str):
        shape = data.get("shape") or data.get("input_shape")
        numbers = isinstance(shape, list) and all(isinstance(size, int) for size in shape)
        traits = {data["layout"]} if isinstance(data.get("layout"), str) else set()
        yield name, traits | (of_shape(shape) if numbers else set())
    for part in parts:
        yield from from_named(part)


READERS = {"ordering": from_ordering, "indexing": from_indexing, "reductions": from_reductions, "core": from_core,
           "creation": from_creation, "random": from_random}


def golden(names):
    """operation → the traits of its cases, a list of sets."""
    found = defaultdict(list)
    for path in sorted((ROOT / "tests" / "golden").glob("*.json")):
        data = json.loads(path.read_text())
        reader = READERS.get(path.stem, from_cases if is_cases(data) else from_named)
        for tag, traits in reader(data):
            operation = operation_of(tag, names)
            if operation:
                found[operation].append(traits)
    return found


def golden_rows():
    """The rows of elementwise.json."""
    data = json.loads((ROOT / "tests" / "golden" / "elementwise.json").read_text())
    return {row for part in data.values() if isinstance(part, dict) for row in part["rows"]}


def in_random_programs(names):
    text = (ROOT / "tests" / "differential" / "operations.cpp").read_text()
    tags = re.findall(r'table\["(\w+)"\]|CUTTLE_METHOD\((\w+)\)', text)
    return {operation_of(a or b, names) for a, b in tags}


def own_tests(operation, headers):
    """Test files that call it, loops in double precision: those that are called as the operation or as its
    header or, where there are none, all."""
    stems = [operation]
    for header in headers:
        stems += [Path(header).stem, Path(header).stem.rstrip("s"), Path(header).parent.name,
                  *MORE_TESTS.get(header, ())]
    calling, named = [], []
    for folder in ("core", "kernels", "layers"):
        for path in sorted((ROOT / "tests" / folder).glob("*_test.cpp")):
            if re.search(rf"\b{operation}\w*[(<,;)\"]", path.read_text()):
                (named if path.stem.startswith(tuple(stems)) else calling).append(f"{folder}/{path.name}")
    return named or calling


def described(cases):
    """"17 cases, transposed, sliced, empty, 4 dtypes" of a list of traits."""
    traits = set().union(*cases)
    dtypes = len(traits.intersection(DTYPES))
    parts = [name.replace("_", " ") for name in LAYOUTS + SIZES if name in traits]
    return ", ".join([f"{len(cases)} cases" if len(cases) > 1 else "1 case"] + parts +
                     ([f"{dtypes} dtypes"] if dtypes > 1 else []))


def missing(cases):
    """What of layouts, sizes and edges none of the cases has."""
    traits = set().union(*cases)
    return [name for name in ("transposed", "sliced", "expanded") + SIZES if name not in traits]
