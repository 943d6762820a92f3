#!/usr/bin/env python3
"""Replays the gdb session of docs/simt_debugging.md and compares every line it shows.

gdb_session.py DOCUMENT PROGRAM; exits with 77 (skipped) where there is no gdb.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

MARK = "gdb-session-command"


def read_session(path):
    """[(command, [expected lines])] from the document's block ```gdb-session."""
    text = open(path, encoding="utf-8").read()
    block = re.search(r"```gdb-session\n(.*?)```", text, re.S).group(1)
    steps = []
    for line in block.splitlines():
        if line.startswith("(gdb) "):
            steps.append((line[len("(gdb) "):], []))
        else:
            steps[-1][1].append(line)
    return steps


def run(program, sources, commands):
    """What gdb prints after each command. The folder `sources` holds the program's: where its object came
    from a cache of compilations, it names the folder of the build that filled the cache."""
    with tempfile.NamedTemporaryFile("w", suffix=".gdb", delete=False) as script:
        script.write(f"set width 0\nset confirm off\nset debuginfod enabled off\ndirectory {sources}\n")
        for command in commands:
            script.write(f"echo \\n{MARK}\\n\n{command}\n")
    environment = dict(os.environ, CUTTLE_SIMT_THREADS="1")
    try:
        output = subprocess.run(["gdb", "-q", "-batch", "-x", script.name, program],
                                env=environment, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, text=True, timeout=120).stdout
    finally:
        os.unlink(script.name)
    return output.split(f"\n{MARK}\n")[1:], output


def normalise(line):
    """Without what differs from machine to machine: addresses and folders."""
    line = re.sub(r"0x[0-9a-f]+", "ADDRESS", line)
    return re.sub(r"\S*/kernel\.cu", "kernel.cu", line).strip()


def main():
    if not shutil.which("gdb"):
        print("skipped: gdb is not installed")
        return 77
    steps = read_session(sys.argv[1])
    playground = os.path.join(os.path.dirname(os.path.abspath(sys.argv[1])), "../playground")
    answers, output = run(sys.argv[2], playground, [command for command, _ in steps])
    if "ptrace" in output and "permitted" in output:
        print("skipped: debugging is not permitted here")
        return 77
    wrong = 0 if len(answers) == len(steps) else 1
    for (command, expected), answer in zip(steps, answers):
        got = [normalise(line) for line in answer.splitlines()]
        for line in expected:
            if normalise(line) not in got:
                print(f"(gdb) {command}\n  the document shows: {line}\n  gdb says: {got}")
                wrong += 1
    if wrong:
        print("--- all that gdb printed ---\n" + output)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
