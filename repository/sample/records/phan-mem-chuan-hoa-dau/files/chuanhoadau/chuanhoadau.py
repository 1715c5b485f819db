"""Normalise Vietnamese text in one column of a CSV file, row by row."""

import argparse
import csv
import re
import sys
import unicodedata

TONES = "\u0300\u0301\u0303\u0309\u0323"
OPEN_PAIR = re.compile(rf"(?<!q)(o[ae]|uy)([{TONES}])(?!\w)", re.IGNORECASE)


def nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def old_style(text: str) -> str:
    """Put the tone of open oa, oe, uy on the first vowel: hoà becomes hòa, thuý becomes thúy."""
    apart = unicodedata.normalize("NFD", text)
    return nfc(OPEN_PAIR.sub(lambda m: m[1][0] + m[2] + m[1][1], apart))


def search_key(text: str) -> str:
    """Lower case without marks, with đ as d."""
    apart = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    return "".join(c for c in apart if not unicodedata.combining(c))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("column")
    parser.add_argument("--key", action="store_true", help="thêm cột khóa tìm kiếm")
    options = parser.parse_args()
    reader = csv.DictReader(sys.stdin)
    names = list(reader.fieldnames or [])
    writer = csv.DictWriter(sys.stdout, names + [f"{options.column}_key"] * options.key)
    writer.writeheader()
    for row in reader:
        row[options.column] = old_style(row[options.column])
        if options.key:
            row[f"{options.column}_key"] = search_key(row[options.column])
        writer.writerow(row)


if __name__ == "__main__":
    main()
