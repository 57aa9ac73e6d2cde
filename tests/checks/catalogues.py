"""Is every message translated, with the same places to fill, and none left over?"""

import re
import sys
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

ROOT = Path(__file__).parent.parent.parent
KEYWORDS = {
    "_": None,
    "gettext": None,
    "ngettext": (1, 2),
    "lazy_gettext": None,
    "lazy_ngettext": (1, 2),
    "N_": None,
    "_l": None,
}
PLACE = re.compile(r"%\(\w+\)[sd]|\{\w+\}")


def used() -> Catalog:
    """All messages that the code and the templates use."""
    catalogue = Catalog()
    with (ROOT / "babel.cfg").open(encoding="utf-8") as config:
        methods, options = parse_mapping_cfg(config)
    for folder in ("rewards", "merchants", "templates"):
        found = extract_from_dir(
            str(ROOT / folder),
            [("**.py", "python"), ("**.html", "jinja2")],
            options,
            KEYWORDS,
        )
        for filename, line, message, _comments, _context in found:
            catalogue.add(message, locations=[(f"{folder}/{filename}", line)])
    assert methods, "babel.cfg names no methods"
    return catalogue


def _ids(message: Message) -> tuple[str, ...]:
    return message.id if isinstance(message.id, tuple) else (message.id,)


def _strings(message: Message) -> tuple[str, ...]:
    return message.string if isinstance(message.string, tuple) else (message.string or "",)


def faults(wanted: Catalog, translated: Catalog) -> list[str]:
    """What is missing, fuzzy, left over, or fills other places than its source."""
    found = []
    for message in wanted:
        if not message.id:
            continue
        have = translated.get(_ids(message)[0])
        where = ":".join(map(str, message.locations[0]))
        if have is None or not all(_strings(have)):
            found.append(f"{where}: not translated: {_ids(message)[0]!r}")
        elif have.fuzzy:
            found.append(f"{where}: translation is fuzzy: {_ids(message)[0]!r}")
        else:
            places = {p for i in _ids(message) for p in PLACE.findall(i)}
            if any(not set(PLACE.findall(s)) <= places for s in _strings(have)):
                found.append(f"{where}: fills places that the source lacks: {_ids(message)[0]!r}")
    for message in translated:
        if message.id and wanted.get(_ids(message)[0]) is None:
            found.append(f"left over: {_ids(message)[0]!r}")
    return found


def main() -> int:
    wanted = used()
    found = []
    for path in sorted((ROOT / "translations").glob("*/LC_MESSAGES/messages.po")):
        with path.open("rb") as file:
            found += [f"{path.parts[-3]} {fault}" for fault in faults(wanted, read_po(file))]
    print("\n".join(found) or f"All {len(wanted)} messages are translated.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
