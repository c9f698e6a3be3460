#!/usr/bin/env python3
"""How fast an 837 is read, beside pyx12 on the same file.

    cargo build --release && pip install pyx12==4.0.0
    python3 benches/compare/x12.py [--lines N] [--cleanclaim PATH]

In turn, best of three: cleanclaim converting the file to NDJSON and scrubbing it with every default edit, each on one
thread and on all; pyx12 cutting it into segments (`X12Reader`), and validating it (`x12valid`). pyx12 is given a file a
hundredth as large, since it is slower by orders; all rates are megabytes a second, so that they compare. Each of them
must find as many claims as were made.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time


def best(run, times=3):
    taken = []
    for _ in range(times):
        begun = time.perf_counter()
        run()
        taken.append(time.perf_counter() - begun)
    return min(taken)


def claims_by_pyx12(path):
    import pyx12.x12file

    with open(path, encoding="ascii") as text:
        return sum(segment.get_seg_id() == "CLM" for segment in pyx12.x12file.X12Reader(text))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lines", type=int, default=2_000_000)
    parser.add_argument("--cleanclaim", default="target/release/cleanclaim")
    arguments = parser.parse_args()
    folder = tempfile.TemporaryDirectory()
    large, small = (os.path.join(folder.name, name) for name in ("large.837", "small.837"))
    for path, lines in ((large, arguments.lines), (small, max(arguments.lines // 100, 100))):
        generate = [arguments.cleanclaim, "generate", "--format", "837p", "--errors", "0", "--lines", str(lines)]
        subprocess.run([*generate, "-o", path], check=True)

    def claims_in(path):
        with open(path, "rb") as file:
            return file.read().count(b"\nCLM*")

    def report(name, path, seconds):
        print(f"{name:45} {os.path.getsize(path) / seconds / 1e6:10.1f} MB/s")

    for threads in (["--threads", "1"], []):
        named = "one thread" if threads else "all threads"
        for command, extra in (("convert", []), ("scrub", ["--format", "ndjson", "--fail-on", "never"])):
            line = [arguments.cleanclaim, command, large, *extra, *threads, "-o", os.path.join(folder.name, "out")]
            said = subprocess.run(line, check=True, capture_output=True, text=True).stderr
            found = int(re.search(r"(\d[\d,]*) (?:claims|read)", said).group(1).replace(",", ""))
            assert found == claims_in(large), f"{command}: {found} claims of {claims_in(large)}"
            report(f"cleanclaim {command}, {named}", large, best(lambda: subprocess.run(line, check=True, capture_output=True)))
    try:
        assert claims_by_pyx12(small) == claims_in(small)
    except ImportError:
        sys.exit("SKIPPED: pyx12 is not installed (pip install pyx12==4.0.0)")
    report("pyx12, cutting into segments", small, best(lambda: claims_by_pyx12(small)))
    valid = os.path.join(os.path.dirname(sys.executable), "x12valid")


    def validate():
        # Its exit code is 1 whatever it finds; what it says is not.
        assert ": OK" in subprocess.run([valid, small], capture_output=True, text=True).stdout

    report("pyx12, validating", small, best(validate))


main()
