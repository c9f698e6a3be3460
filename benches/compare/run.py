#!/usr/bin/env python3
"""The nightly job beside DuckDB, polars and bare tokenising, on the same generated file, in turn.

cleanclaim reads the CSV, runs every default edit and writes NDJSON findings. DuckDB reads the same CSV and does, in
SQL, three families alone: code validity on the date (diagnoses and procedures), modifier validity on the date, and
NCCI PTP pairs of institutional claims, and writes what it finds as CSV. Its reference tables are loaded before its
clock starts; process start is in both times, for DuckDB as a fresh interpreter.

Findings go through standard output to a file: with `--output` cleanclaim waits until the disk has them, which none of
the others does.

polars does code validity alone, of procedures and diagnoses, by joins; that is what it expresses without loops. The
example `tokenise` only cuts the file into fields, by the crate simd-csv on as many threads. Either is left out where it
is not installed or built.

    pip install duckdb polars
    cargo build --release --workspace --bins --examples
    python3 benches/compare/run.py [--lines 5000000] [--pairs 5] [--threads 2] [--uniform] [--codeset FILE] [--record DIR]

`--codeset` gives cleanclaim an image of your own to judge by, with more tables than DuckDB is asked for; the claims are
drawn from it, so both look at other claims, and what they find is not compared.

Prints all times and their ratios pair by pair; the best ratio is of paired runs, so a noisy machine disturbs both
alike. It also checks that both find the same failing codes and pairs.
"""
import argparse
import csv
import importlib.util
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CODESETS = ROOT / "codesets"
RELEASE = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release"
BINARY = RELEASE / "cleanclaim"
TOKENISE = RELEASE / "examples" / "tokenise"
MIB = 1 << 20
# The public health emergency ended on this day, and with it the codes that carry the flag (I/OCE edit 124).
EMERGENCY_END = "2023-05-11"
# Whose days of approval and termination are Medicare's alone: codesets/procedures/SOURCE.md.
DAYS_OF_COVERAGE = ("20560", "20561", "99421", "99422", "99423", "99458", "99474", "G2061", "G2062", "G2063", "J9247",
                    "Q5107", "Q5121")


def load_tables(db):
    """The reference tables, from the same sources as the embedded codeset."""
    def table(file):
        return f"read_csv('{CODESETS / file}', delim='\t', header=true, quote='', all_varchar=true)"

    db.execute(f"CREATE TABLE dx AS SELECT code, valid_from::DATE f, valid_to::DATE t FROM {table('icd10cm/codes.tsv')}")
    db.execute(f"""
        CREATE TABLE px AS SELECT code,
            -- An approval inside a quarter begins the code only where it was not in use the day before.
            CASE WHEN code IN {DAYS_OF_COVERAGE}
                   OR lag("to"::DATE) OVER (PARTITION BY code ORDER BY "from") = "from"::DATE - 1 THEN "from"::DATE
                 ELSE greatest("from"::DATE, coalesce(approved::DATE, "from"::DATE)) END f,
            least("to"::DATE, CASE WHEN code IN {DAYS_OF_COVERAGE} THEN "to"::DATE ELSE coalesce(terminated::DATE, "to"::DATE) END,
                  CASE WHEN list_contains(string_split(coalesce(flags, ''), ' '), 'cms_mid_quarter_termination')
                       THEN DATE '{EMERGENCY_END}' ELSE "to"::DATE END) t
        FROM {table('procedures/codes.tsv')}""")
    db.execute("DELETE FROM px WHERE f > t")
    db.execute(f"""
        CREATE TABLE modifier AS SELECT modifier AS code, "from"::DATE f, "to"::DATE t,
            list_contains(string_split(coalesce(flags, ''), ' '), 'ncci') ncci
        FROM {table('modifiers/codes.tsv')}""")
    db.execute(f"""
        CREATE TABLE ptp AS SELECT c1, unnest(string_split(column_2, ' ')) c2, indicator, f, t FROM (
            SELECT unnest(string_split(column_1, ' ')) c1, column_2, indicator, "from"::DATE f, "to"::DATE t
            FROM {table('ncci/hospital_ptp.tsv')})""")


def queries(claims, columns):
    """The three families. Dates outside the tables are left out, as `not evaluated` is."""
    dx = [c for c in columns if c.startswith("dx_") and c != "dx_pointers"]
    modifiers = [c for c in columns if c.startswith("modifier_")]
    types = "{" + ", ".join(f"'{c}': 'VARCHAR'" for c in columns) + "}"
    yield "lines", f"""
        CREATE TABLE lines AS SELECT row_number() OVER () AS row, * REPLACE (
            try_strptime(service_from, '%Y%m%d')::DATE AS service_from)
        FROM read_csv('{claims}', header=true, columns={types})"""
    yield "found", """
        CREATE TABLE found (claim_id VARCHAR, line VARCHAR, family VARCHAR, code VARCHAR)"""
    yield "procedures", """
        INSERT INTO found SELECT claim_id, line_number, 'procedure', procedure FROM lines l
        WHERE procedure IS NOT NULL AND service_from IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM px WHERE px.code = l.procedure AND l.service_from BETWEEN px.f AND px.t)"""
    yield "diagnoses", f"""
        INSERT INTO found SELECT DISTINCT claim_id, NULL, 'diagnosis', code FROM (
            SELECT claim_id, service_from, replace(unnest([{', '.join(dx)}]), '.', '') code FROM lines) d
        WHERE code IS NOT NULL AND service_from IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM dx WHERE dx.code = d.code AND d.service_from BETWEEN dx.f AND dx.t)"""
    yield "modifiers", f"""
        INSERT INTO found SELECT claim_id, line_number, 'modifier', code FROM (
            SELECT claim_id, line_number, service_from, unnest([{', '.join(modifiers)}]) code FROM lines) m
        WHERE code IS NOT NULL AND service_from IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM modifier WHERE modifier.code = m.code AND m.service_from BETWEEN modifier.f AND modifier.t)"""
    yield "pairs", f"""
        INSERT INTO found SELECT DISTINCT b.claim_id, b.line_number, 'ptp', b.procedure
        FROM lines a JOIN lines b ON a.claim_id = b.claim_id AND a.service_from = b.service_from AND a.row <> b.row
        JOIN ptp ON ptp.c1 = a.procedure AND ptp.c2 = b.procedure AND b.service_from BETWEEN ptp.f AND ptp.t
        WHERE a.claim_type = 'I' AND (ptp.indicator = '0' OR NOT EXISTS (
            SELECT 1 FROM modifier WHERE ncci AND b.service_from BETWEEN modifier.f AND modifier.t
            AND modifier.code IN ({', '.join(f'{side}.{m}' for side in 'ab' for m in modifiers)})))"""


def run_duckdb(claims, out, threads, columns):
    """Seconds that the SQL takes, its tables loaded before."""
    import duckdb
    db = duckdb.connect(config={"threads": threads})
    load_tables(db)
    begun = time.perf_counter()
    for _, sql in queries(claims, columns):
        db.execute(sql)
    db.execute(f"COPY (SELECT * FROM found ORDER BY ALL) TO '{out}' (HEADER)")
    return time.perf_counter() - begun


def run_polars(claims, out, columns):
    """Seconds that code validity takes, its tables loaded before."""
    import polars as pl
    def table(file, begins, ends):
        frame = pl.read_csv(CODESETS / file, separator="\t", quote_char=None, infer_schema=False)
        return frame.select(pl.col("code"), pl.col(begins).str.to_date().alias("f"), pl.col(ends).str.to_date().alias("t"))
    tables = {"dx": table("icd10cm/codes.tsv", "valid_from", "valid_to"), "px": table("procedures/codes.tsv", "from", "to")}
    begun = time.perf_counter()
    lines = pl.scan_csv(claims, infer_schema=False).with_columns(
        pl.col("service_from").str.to_date("%Y%m%d", strict=False))
    dx = [c for c in columns if c.startswith("dx_") and c != "dx_pointers"]
    of_lines = lines.select("claim_id", "service_from", pl.col("procedure").alias("code"))
    of_claims = lines.select("claim_id", "service_from", pl.concat_list(dx).alias("code")).explode("code").with_columns(
        pl.col("code").str.replace(".", "", literal=True))
    found = []
    for name, given in (("px", of_lines), ("dx", of_claims)):
        given = given.drop_nulls().unique()
        valid = given.join(tables[name].lazy(), on="code").filter(pl.col("service_from").is_between("f", "t"))
        found.append(given.join(valid, on=["claim_id", "service_from", "code"], how="anti"))
    pl.concat(found).sort(pl.all()).collect().write_csv(out)
    return time.perf_counter() - begun


def run_tokenise(claims, threads):
    """Seconds that cutting the file into fields takes, or nothing where the example is not built."""
    if not TOKENISE.exists():
        return None
    done = subprocess.run([TOKENISE, claims, str(threads)], check=True, capture_output=True, text=True)
    return float(done.stdout.split()[0])


def run_cleanclaim(claims, out, threads, codeset):
    """Seconds of the whole process, from start to exit, its processor seconds, and its peak memory in MB."""
    command = [BINARY, "scrub", claims, "--format", "ndjson", "--threads", str(threads),
               "--fail-on", "never", "--quiet"] + (["--codeset", codeset] if codeset else [])
    begun = time.perf_counter()
    with open(out, "wb") as findings:
        process = subprocess.Popen(command, stdout=findings)
    _, status, usage = os.wait4(process.pid, 0)
    taken = time.perf_counter() - begun
    if status != 0:
        sys.exit(f"cleanclaim failed with status {status}")
    return taken, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def agree(duckdb_out, ndjson_out):
    """Whether both name the same failing procedures, diagnoses, modifiers and column-2 lines."""
    families = {"PX001": "procedure", "PX003": "procedure", "PX004": "procedure", "DX001": "diagnosis",
                "DX002": "diagnosis", "DX003": "diagnosis", "DX004": "diagnosis", "MOD001": "modifier",
                "MOD002": "modifier", "PTP001": "ptp", "PTP002": "ptp"}
    ours = set()
    with open(ndjson_out, encoding="utf-8") as lines:
        for line in lines:
            finding = json.loads(line)
            family = families.get(finding["edit"])
            if family:
                line_number = "" if family == "diagnosis" else str(finding["line_number"])
                ours.add((finding["claim_id"], line_number, family))
    with open(duckdb_out, encoding="utf-8", newline="") as rows:
        theirs = {(row["claim_id"], row["line"], row["family"]) for row in csv.DictReader(rows)}
    return len(ours & theirs), sorted(ours - theirs)[:5], sorted(theirs - ours)[:5]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=int, default=5_000_000)
    parser.add_argument("--pairs", type=int, default=5, help="how many times each runs, in turn")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--uniform", action="store_true", help="draw all codes with the same chance")
    parser.add_argument("--codeset", help="image for cleanclaim instead of the one inside")
    parser.add_argument("--record", type=Path, help="folder to write the raw results to")
    parser.add_argument("--name", default="", help="what the record's file name begins with")
    parser.add_argument("--rival-only", nargs=3, metavar=("RIVAL", "CLAIMS", "OUT"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.rival_only:
        rival, claims, out = arguments.rival_only
        with open(claims, encoding="utf-8") as file:
            columns = file.readline().strip().split(",")
        print(run_polars(claims, out, columns) if rival == "polars" else
              run_duckdb(claims, out, arguments.threads, columns))
        return
    has_polars = importlib.util.find_spec("polars") is not None
    with tempfile.TemporaryDirectory() as folder:
        claims, ndjson, found, other = (str(Path(folder) / name) for name in
                                        ("claims.csv", "findings.ndjson", "found.csv", "polars.csv"))
        command = [BINARY, "generate", "--lines", str(arguments.lines), "--seed", "7", "--output", claims]
        command += ["--uniform"] if arguments.uniform else []
        command += ["--codeset", arguments.codeset] if arguments.codeset else []
        subprocess.run(command, check=True)
        print(f"{arguments.lines} lines, {os.path.getsize(claims) / MIB:.0f} MiB, {arguments.threads} threads")
        results = []
        for pair in range(arguments.pairs):
            # In a process of its own: its memory is given back, and its caches are its own.
            def rival(name, out):
                environment = {**os.environ, "POLARS_MAX_THREADS": str(arguments.threads)}
                answer = subprocess.run([sys.executable, __file__, "--threads", str(arguments.threads), "--rival-only",
                                         name, claims, out], check=True, capture_output=True, text=True, env=environment)
                return float(answer.stdout.split()[-1])
            duckdb = rival("duckdb", found)
            ours, processor, peak = run_cleanclaim(claims, ndjson, arguments.threads, arguments.codeset)
            tokenise = run_tokenise(claims, arguments.threads)
            polars = rival("polars", other) if has_polars else None
            result = {"duckdb_seconds": round(duckdb, 3), "cleanclaim_seconds": round(ours, 3),
                      "cleanclaim_processor_seconds": round(processor, 3), "cleanclaim_peak_mb": round(peak),
                      "ratio": round(duckdb / ours, 2)}
            text = (f"pair {pair + 1}: DuckDB {duckdb:.2f} s, cleanclaim {ours:.2f} s, ratio {duckdb / ours:.2f}, "
                    f"{arguments.lines / ours / 1e6:.2f} million lines/s, {peak:.0f} MB")
            if polars:
                result |= {"polars_seconds": round(polars, 3), "ratio_to_polars": round(polars / ours, 2)}
                text += f"; polars {polars:.2f} s, ratio {polars / ours:.2f}"
            if tokenise:
                result |= {"tokenise_seconds": round(tokenise, 3), "share_of_tokenising": round(tokenise / ours, 3)}
                text += f"; tokenising {tokenise:.2f} s, {tokenise / ours:.2f} of its speed"
            results.append(result)
            print(text, flush=True)
        if not arguments.codeset:
            both, only_ours, only_theirs = agree(found, ndjson)
            print(f"found by both: {both}; by cleanclaim alone: {only_ours}; by DuckDB alone: {only_theirs}")
        ratios = sorted(result["ratio"] for result in results)
        print(f"ratio: best {ratios[-1]}, median {ratios[len(ratios) // 2]}, worst {ratios[0]}")
        if arguments.record:
            arguments.record.mkdir(parents=True, exist_ok=True)
            import duckdb as module
            record = {"what": __doc__.splitlines()[0], "lines": arguments.lines, "bytes": os.path.getsize(claims),
                      "threads": arguments.threads, "uniform": arguments.uniform, "codeset": bool(arguments.codeset),
                      "machine": platform.machine(), "cpus": os.cpu_count(), "duckdb": module.__version__,
                      "results": results}
            name = f"{arguments.name or 'nightly'}-{'uniform' if arguments.uniform else 'repeated'}-{arguments.lines}.json"
            (arguments.record / name).write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
