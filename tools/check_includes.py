#!/usr/bin/env python3
"""Checks who includes whom (docs/architecture.md, "The house").

    examples -> checkpoint -> layers, optim, data, io; examples -> report;  all of them -> core -> kernels -> the standard library
    doctor -> core/version.h alone.   data, report -> io.   optim may also call kernels.
    layers, optim, data, report never include each other.
    CUDA, cuDNN and cuBLAS headers under kernels/cuda alone (kernels/simt stands in for them);
    oneDNN under kernels/cpu alone.  Headers of kernels/simt: runtime -> execution -> findings -> language.
    What cuttle.h reaches needs the standard library alone.

Also: no include cycle, `#pragma once` in every header, relative includes inside the library.
Prints file:line: sentence for each break of a rule; exit status 1 if there is one.

    tools/check_includes.py [--root DIR]        (its tests: tests/tools/check_includes_test.py)
"""

import argparse
import re
import sys
from pathlib import Path, PurePosixPath

LIBRARY = ("kernels", "core", "layers", "optim", "data", "report", "io", "checkpoint")
FOLDERS = LIBRARY + ("doctor", "examples", "tests", "bench")
SUFFIXES = (".h", ".cuh", ".cpp", ".cu")

# Which folders a folder may include beside itself. tests and bench look into everything.
MAY_INCLUDE = {
    "kernels": set(),
    "core": {"kernels"},
    "layers": {"core"},
    "optim": {"core", "kernels"},
    "data": {"core", "io"},
    "report": {"core", "io"},
    "io": {"core"},
    "checkpoint": {"core", "layers", "optim", "data", "io"},
    "doctor": {"core"},
    "examples": {"cuttle.h", "core", "layers", "optim", "data", "report", "io", "checkpoint"},
    "cuttle.h": {"core", "layers", "optim", "data", "report", "io", "checkpoint"},
    "tests": set(FOLDERS),
    "bench": set(FOLDERS),
}
# The same within kernels: the signatures know no backend.
MAY_INCLUDE_IN_KERNELS = {
    "": set(),
    "cpu": {""},
    "cuda": {"", "simt"},
    "simt": {"", "cuda"},
}
# The folders of the interpreter, lowest first. Headers alone: what writes a report has to ask upstairs
# which thread is running.
SIMT_FLOORS = ("language", "findings", "execution", "runtime")
FOR_EVERYONE = {"kernels/error.h"}

CUDA = re.compile(r"(cuda|cuda_.*|cublas.*|cudnn.*|curand.*|cusparse.*|cusolver.*|cufft.*|nccl|mma"
                  r"|cooperative_groups|nvrtc|vector_types|device_launch_parameters|math_constants"
                  r"|driver_types|sm_.*)\.h(pp)?"
                  r"|(cooperative_groups|cub|thrust|nvtx3|cuda|cutlass|cute)/.*")
ONEDNN = re.compile(r"(oneapi/dnnl/.*|(dnnl|mkldnn)[^/]*\.(h|hpp))")
# Beside the standard library: what compilers and the operating system bring. (math.h and stdlib.h: the
# functions of C++ under plain names, as device code has them.)
SYSTEM = re.compile(r"(math|stdlib|omp|immintrin|unistd|dlfcn|pthread|sched|ucontext|execinfo|fcntl|poll|cxxabi|elf|link)\.h"
                    r"|(sys|sanitizer)/.*\.h")
STANDARD = re.compile(r"[a-z0-9_]+")
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"\n]+)[>"]', re.MULTILINE)


def without_comments(text):
    """The text with comments blanked out, line numbers kept."""
    pattern = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"', re.DOTALL)

    def blank(match):
        if match[0].startswith('"'):
            return match[0]
        return "\n" * match[0].count("\n")

    return pattern.sub(blank, text)


def folder_of(path):
    """'core' of core/ops/softmax.h; 'cuttle.h' of cuttle.h itself."""
    return PurePosixPath(path).parts[0]


def kernels_folder(path):
    """'cuda' of kernels/cuda/softmax.cu, '' of kernels/softmax.h."""
    parts = PurePosixPath(path).parts
    return parts[1] if len(parts) > 2 else ""


def normal(path):
    """a/b/../c.h as a/c.h; None where it leaves the root."""
    parts = []
    for part in PurePosixPath(path).parts:
        if part == "..":
            if not parts:
                return None
            parts.pop()
        elif part != ".":
            parts.append(part)
    return "/".join(parts)


class Checker:
    """Holds {path: text} of a source tree and collects (path, line, sentence)."""

    def __init__(self, files):
        self.files = files
        self.problems = []
        self.includes = {path: [] for path in files}  # path -> [(line, included path)]
        self.foreign = {path: [] for path in files}  # path -> [(line, header in angle brackets)]

    def report(self, path, line, sentence):
        self.problems.append((path, line, sentence))

    def run(self):
        for path, text in sorted(self.files.items()):
            code = without_comments(text)
            if path.endswith((".h", ".cuh")) and not re.search(r"^#pragma once$", code, re.MULTILINE):
                self.report(path, 1, "a header needs `#pragma once`")
            for match in INCLUDE.finditer(code):
                line = code.count("\n", 0, match.start(2)) + 1
                self.check_include(path, line, match[1] == "<", match[2])
        self.check_cycles()
        self.check_public()
        return sorted(set(self.problems))

    def check_include(self, path, line, in_angles, name):
        if in_angles and not name.startswith("cuttle/"):
            self.foreign[path].append((line, name))
            self.check_foreign(path, line, name)
            return
        if in_angles:
            target = normal(name[len("cuttle/"):])
            if folder_of(path) in LIBRARY:
                self.report(path, line, f"inside the library includes are relative to the file, "
                                        f"so that installed headers need no -I: <{name}>")
        else:
            target = self.resolve(path, name)
        if target not in self.files:
            self.report(path, line, f"there is no such file: {name}")
            return
        self.includes[path].append((line, target))
        self.check_direction(path, line, target)

    def resolve(self, path, name):
        beside = normal(str(PurePosixPath(path).parent / name))
        if beside not in self.files and folder_of(path) == "tests":
            return normal("tests/" + name)  # tests have their own folder as include path
        return beside

    def check_foreign(self, path, line, name):
        inside = f"{folder_of(path)}/{kernels_folder(path)}"
        if CUDA.fullmatch(name):
            if inside not in ("kernels/cuda", "kernels/simt"):
                self.report(path, line, f"CUDA headers belong in kernels/cuda alone: <{name}>; "
                                        "kernels/cuda_runtime.h offers what others need")
        elif ONEDNN.fullmatch(name):
            if inside != "kernels/cpu":
                self.report(path, line, f"oneDNN belongs in kernels/cpu alone: <{name}>")
        elif folder_of(path) in ("core", "kernels"):
            if not STANDARD.fullmatch(name) and not SYSTEM.fullmatch(name):
                self.report(path, line, f"{folder_of(path)} needs the standard library alone: <{name}>")

    def check_direction(self, path, line, target):
        source, to = folder_of(path), folder_of(target)
        if target in FOR_EVERYONE or source in ("tests", "bench"):
            return
        if source == to == "kernels":
            source, to = kernels_folder(path), kernels_folder(target)
            if source == to == "simt":
                self.check_floors(path, line, target)
            if source != to and to not in MAY_INCLUDE_IN_KERNELS.get(source, {""}):
                self.report(path, line, f"kernels/{source} must not include kernels/{to}: {target}"
                            .replace("kernels/ ", "kernels/*.h "))
        elif source != to:
            allowed = MAY_INCLUDE[source]
            if to not in allowed:
                names = ", ".join(sorted({source} | allowed))
                self.report(path, line, f"{source} must not include {to} ({target}); "
                                        f"it may include {names}")
            elif source == "doctor" and target != "core/version.h":
                self.report(path, line, f"doctor starts where the library does not, so it may include "
                                        f"core/version.h alone, not {target}")
            elif to == "kernels" and kernels_folder(target):
                self.report(path, line, f"{source} may include kernels/*.h alone, not {target}")

    def check_floors(self, path, line, target):
        source, to = PurePosixPath(path).parent.name, PurePosixPath(target).parent.name
        if path.endswith(".h") and source in SIMT_FLOORS and to in SIMT_FLOORS:
            if SIMT_FLOORS.index(to) > SIMT_FLOORS.index(source):
                self.report(path, line, f"kernels/simt/{source} lies below {to}: {target}")

    def check_cycles(self):
        state = {}  # path -> "open" or "done"

        def visit(path, trail):
            state[path] = "open"
            for line, target in self.includes[path]:
                if state.get(target) == "open":
                    cycle = trail[trail.index(target):] + [target]
                    self.report(path, line, "include cycle: " + " -> ".join(cycle))
                elif target not in state:
                    visit(target, trail + [target])
            state[path] = "done"

        for path in sorted(self.files):
            if path not in state:
                visit(path, [path])

    def check_public(self):
        """What <cuttle/cuttle.h> reaches must compile with no include path but our own."""
        reached, todo = set(), ["cuttle.h"] if "cuttle.h" in self.files else []
        while todo:
            path = todo.pop()
            if path in reached:
                continue
            reached.add(path)
            todo += [target for _, target in self.includes[path]]
            if kernels_folder(path) and folder_of(path) == "kernels":
                self.report(path, 1, "cuttle.h reaches this header, but it is not installed")
            for line, name in self.foreign[path]:
                if not STANDARD.fullmatch(name):
                    self.report(path, line, f"cuttle.h reaches this header, so it may include the "
                                            f"standard library alone: <{name}>")


def read_tree(root):
    paths = [p for folder in FOLDERS for p in (root / folder).rglob("*") if p.suffix in SUFFIXES]
    paths += root.glob("cuttle.h")
    return {p.relative_to(root).as_posix(): p.read_text(encoding="utf-8")
            for p in paths if p.is_file() and "CIFAR10" not in p.parts}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--root", type=Path, default=Path(__file__).resolve().parent.parent)
    arguments = parser.parse_args()
    files = read_tree(arguments.root)
    if not files:
        sys.exit(f"{arguments.root} holds none of Cuttle's sources")
    problems = Checker(files).run()
    for path, line, sentence in problems:
        print(f"{path}:{line}: {sentence}")
    if problems:
        sys.exit(1)
    print(f"include rules hold in {len(files)} files")


if __name__ == "__main__":
    main()
