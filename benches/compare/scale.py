#!/usr/bin/env python3
"""What a run costs by its size, its threads and the tables it judges by; and whether two processes share an image.

    cargo build --release
    python3 benches/compare/scale.py [--lines N ...] [--rounds 3] [--codeset FILE ...] [--directory DIR] [--record FILE]

Generates claims of each size as CSV into DIR (7 GiB for 50 million lines), and scrubs them with every default edit,
NDJSON findings to a file, on one thread, on one core and on two; the sizes in turn, and the best of all rounds. Each
image that is given judges the claims of five million lines too (or of the largest size below), in turn with the one
inside. Of the first image two processes are held open at once, and what the system says of its pages is added up (Linux).
"""
import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BINARY = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release" / "cleanclaim"
SCRUB = ["--format", "ndjson", "--fail-on", "never", "--quiet"]


def scrub(claims, out, threads, codeset=None, cores=None):
    """Scrubs, on so many cores if that is said; gives seconds, processor seconds and mebibytes at most."""
    pin = {"preexec_fn": lambda: os.sched_setaffinity(0, range(cores))} if cores and hasattr(os, "sched_setaffinity") else {}
    command = [BINARY, "scrub", claims, "--output", out, "--threads", str(threads), *SCRUB]
    command += ["--codeset", codeset] if codeset else []
    begun = time.perf_counter()
    process = subprocess.Popen(command, **pin)
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        sys.exit(f"cleanclaim failed with status {status}")
    return time.perf_counter() - begun, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def best(results):
    return {"wall_seconds": round(min(result[0] for result in results), 3),
            "processor_seconds": round(min(result[1] for result in results), 3),
            "peak_mb": round(max(result[2] for result in results))}


def shared(codeset, claims):
    """The kilobytes of the image that each of two processes has in memory, in how far both have the same."""
    head = Path(claims).open("rb").read(1 << 20)
    head = head[:head.rindex(b"\n") + 1]
    processes = []
    for _ in range(2):
        command = [BINARY, "scrub", "-", "--codeset", codeset, *SCRUB]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
        process.stdin.write(head)
        process.stdin.flush()
        processes.append(process)
    time.sleep(2)
    told = []
    for process in processes:
        own, name = {}, os.path.realpath(codeset)
        inside = False
        for line in Path(f"/proc/{process.pid}/smaps").read_text().splitlines():
            if "-" in line.split(" ")[0]:
                inside = line.endswith(name)
            elif inside:
                key, value = line.split(":")
                if value.endswith(" kB"):
                    own[key] = own.get(key, 0) + int(value.split()[0])
        told.append({key: own.get(key, 0) for key in
                     ("Rss", "Pss", "Shared_Clean", "Private_Clean", "Private_Dirty")})
    for process in processes:
        process.stdin.close()
        process.wait()
    return told


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=int, nargs="+", default=[100_000, 1_000_000, 5_000_000, 50_000_000])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--codeset", nargs="*", default=[], help="images to judge by beside the one inside")
    parser.add_argument("--directory", help="where the claims are written")
    parser.add_argument("--record", type=Path, help="file to write the raw results to")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=arguments.directory) as folder:
        out = str(Path(folder) / "findings.ndjson")
        files = {}
        for lines in sorted(arguments.lines):
            files[lines] = str(Path(folder) / f"{lines}.csv")
            subprocess.run([BINARY, "generate", "--lines", str(lines), "--seed", "7", "--output", files[lines]], check=True)
        # One worker beside the thread that reads and writes, then all of it on one core, then two.
        ways = [(1, 2), (1, 1), (2, 2)]
        results = {(lines, *way): [] for lines in files for way in ways}
        for _ in range(arguments.rounds):
            for (lines, threads, cores), own in results.items():
                own.append(scrub(files[lines], out, threads, cores=cores))
        told = []
        for (lines, threads, cores), own in results.items():
            one = {"lines": lines, "bytes": os.path.getsize(files[lines]), "threads": threads, "cores": cores, **best(own)}
            one["nanoseconds_a_line"] = round(one["wall_seconds"] / lines * 1e9, 1)
            told.append(one)
            print(f"{lines} lines, {threads} threads on {cores} cores: {one['wall_seconds']:.2f} s, {one['nanoseconds_a_line']:.0f} ns a line, "
                  f"{one['peak_mb']} MB", flush=True)
        size = max((lines for lines in files if lines <= 5_000_000), default=min(files))
        images = [None, *arguments.codeset]
        by_image = {image: [] for image in images}
        for _ in range(arguments.rounds if arguments.codeset else 0):
            for image, own in by_image.items():
                own.append(scrub(files[size], out, 2, image))
        tables = []
        for image, own in by_image.items():
            if own:
                name = Path(image).name if image else "the one inside"
                tables.append({"image": name, "bytes": os.path.getsize(image) if image else None, "lines": size,
                               "threads": 2, **best(own)})
                print(f"{name}: {tables[-1]['wall_seconds']:.2f} s", flush=True)
        pages = shared(arguments.codeset[0], files[size]) if arguments.codeset and os.path.isdir("/proc") else None
        if pages:
            print("pages of the image in two processes, kB:", pages)
        if arguments.record:
            record = {"what": __doc__.splitlines()[0], "machine": platform.machine(), "cpus": os.cpu_count(),
                      "rounds": arguments.rounds, "by size": told, "by image": tables,
                      "pages of an image in two processes, kB": pages}
            arguments.record.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
