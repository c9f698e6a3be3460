#!/usr/bin/env python3
"""How fast an 837P is read, beside Python's parsers of X12 on the same kind of file.

    cargo build --release && cargo build --release -p cleanclaim-claims --example x12_speed
    pip install pyx12==4.0.0 ansi-x12==0.2.0 openx12==0.2.1 x12sdk==2.2.0
    python3 benches/compare/x12.py [--lines N] [--cleanclaim PATH] [--json FILE]

Measured is processor time in user mode on one core, so that what else runs on the machine matters little, and the time
that passes for scrubbing, and for reading alone, on all cores beside parsing, which none of the parsers does on more than
one; best of several.
cleanclaim: reading into claim batches with the structure check (`x12_speed`; on all cores, a scrub by the edits of family
FMT alone), converting to NDJSON, and scrubbing with every default edit, findings written (the file has errors planted, one
line in a hundred). The parsers only parse: pyx12's `X12Reader` and ansi-x12's tokenizer give segments with their elements,
openx12 claims and services, x12sdk's `X12SegmentReader` no more than `str.split`. They are given a smaller file. Each must
find as many claims as were made; what is not installed is left out and said.
"""

import argparse
import json
import os
import platform
import re
import resource
import subprocess
import sys
import tempfile
import time


def pyx12(path):
    import pyx12.x12file

    with open(path, encoding="ascii") as text:
        return sum(segment.get_seg_id() == "CLM" for segment in pyx12.x12file.X12Reader(text))


def ansi_x12(path):
    from x12 import tokenize_x12

    with open(path, "rb") as file:
        return sum(segment.tag == "CLM" for segment in tokenize_x12(file.read()).segments)


def openx12(path):
    from openx12 import x837p

    with open(path, encoding="ascii") as text:
        return len(x837p.parse(text.read()).claims)


def x12sdk(path):
    from x12sdk.io import X12SegmentReader

    with X12SegmentReader(path) as reader:
        return sum(name == "CLM" for name, _ in reader.segments())


PARSERS = {parser.__name__: parser for parser in (pyx12, ansi_x12, openx12, x12sdk)}


def timed(arguments, out=None):
    """Runs a program; gives the user time that it took, the time that passed, and what it said. What it writes goes through
    standard output to the file `out`, if one is given: with `--output` cleanclaim would wait for the disk, which no other
    program does."""
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime, time.perf_counter()
    if out:
        with open(out, "wb") as file:
            done = subprocess.run(arguments, check=True, stdout=file, stderr=subprocess.PIPE)
    else:
        done = subprocess.run(arguments, check=True, capture_output=True)
    passed = time.perf_counter() - begun
    said = ((done.stdout or b"") + done.stderr).decode()
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before, passed, said


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--cleanclaim", default="target/release/cleanclaim")
    parser.add_argument("--reading", default="target/release/examples/x12_speed")
    parser.add_argument("--json", help="where the raw results go")
    parser.add_argument("--parse", nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.parse:
        name, path = arguments.parse
        parse = PARSERS[name]
        # This file has the name of a package.
        sys.path.pop(0)
        # What is timed is the second time: the first one loads the package too.
        parse(path)
        before, begun = resource.getrusage(resource.RUSAGE_SELF).ru_utime, time.perf_counter()
        claims = parse(path)
        passed = time.perf_counter() - begun
        print(json.dumps([claims, resource.getrusage(resource.RUSAGE_SELF).ru_utime - before, passed]))
        return

    folder = tempfile.TemporaryDirectory()
    files = {}
    for name, lines in (("large", arguments.lines), ("small", max(arguments.lines // 50, 100))):
        path = os.path.join(folder.name, name + ".837")
        generate = ["generate", "--format", "837p", "--errors", "1", "--lines", str(lines), "-o", path]
        subprocess.run([arguments.cleanclaim, *generate], check=True, capture_output=True)
        with open(path, "rb") as file:
            text = file.read()
        files[name] = (path, text.count(b"\nCLM*"), text.count(b"\nLX*"), len(text))

    results = {}

    def report(name, size, seconds):
        _, _, lines, length = files[size]
        rate = lines / seconds
        results[name] = {"lines_a_second": round(rate), "megabytes_a_second": round(length / seconds / 1e6, 2)}
        print(f"{name:48} {rate / 1e3:10.1f} thousand lines/s {length / seconds / 1e6:10.2f} MB/s", flush=True)

    path, claims, _, _ = files["large"]
    out = os.path.join(folder.name, "out")
    ours = {"cleanclaim convert": ["convert"], "cleanclaim scrub": ["scrub", "--format", "ndjson", "--fail-on", "never"]}
    for name, command in ours.items():
        line = [arguments.cleanclaim, *command, path]
        runs = [timed([*line, "--threads", "1"], out) for _ in range(arguments.times)]
        found = int(re.search(r"(\d[\d,]*) (?:claims|read)", runs[0][2]).group(1).replace(",", ""))
        assert found == claims, f"{name}: {found} claims of {claims}"
        report(name, "large", min(seconds for seconds, _, _ in runs))
    together = {"scrub": [], "reading alone": ["--select", "FMT"]}
    for name, options in together.items():
        passed = min(timed([*line, *options], out)[1] for _ in range(arguments.times))
        report(f"cleanclaim {name}, all cores, time passed", "large", passed)
    if os.path.exists(arguments.reading):
        said = subprocess.run([arguments.reading, path], check=True, capture_output=True, text=True).stdout
        print(f"cleanclaim reading: {said.strip()}")
        results["cleanclaim reading"] = said.strip()
    path, claims, _, _ = files["small"]
    for name in PARSERS:
        try:
            runs = [timed([sys.executable, __file__, "--parse", name, path])[2] for _ in range(arguments.times)]
        except subprocess.CalledProcessError as error:
            print(f"SKIPPED: {name}: {error.stderr.strip().splitlines()[-1]}")
            continue
        found = [json.loads(run) for run in runs]
        assert all(count == claims for count, _, _ in found), f"{name}: {found} claims of {claims}"
        report(f"{name}, parsing alone", "small", min(seconds for _, seconds, _ in found))
        report(f"{name}, time passed", "small", min(passed for _, _, passed in found))
    if arguments.json:
        record = {"what": __doc__.splitlines()[0], "machine": platform.machine(), "cpus": os.cpu_count(),
                  "python": platform.python_version(), "lines": arguments.lines, "results": results}
        with open(arguments.json, "w", encoding="ascii") as file:
            json.dump(record, file, indent=1)
            file.write("\n")


main()
