"""Mutation score: how many small wrong changes of the code the tests notice.

Each mutant changes one constant, comparison, sign, index or bound of one function; the tests that call that function
are run against it, quickest first, until one fails. Everything happens in forked children of one pytest session, where
the code of the changed function is replaced. Compiled functions run as plain Python (``NUMBA_DISABLE_JIT=1``), or each
mutant would have to be compiled. What stands in the bodies of classes (bounds of settings) is not changed.

    python benchmarks/mutants.py map --out map.json       # which tests call which function, and for how long
    python benchmarks/mutants.py run --map map.json --out mutants.json --count 200 --seed 0

``--chosen FILE`` takes the mutants of an earlier result, found again by their text, so that two states of the tests (or
of the modules' names: ``--moved``) are measured by the same mutants.
"""

from __future__ import annotations

import argparse
import json
import random
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from mutant_changes import Mutant, all_mutants
from mutant_runs import in_session, make_map, tests_of, verdict_of

CAUGHT = ("caught", "time")
#: What the result was made with.
COMMANDS = (
    "# moved.json: names of files after, by those before. At the state before:",
    "python benchmarks/mutants.py list --out before.json",
    "python benchmarks/mutants.py map --out before-map.json",
    "python benchmarks/mutants.py run --map before-map.json --common after.json --moved moved.json --out old.json",
    "# At the state after:",
    "python benchmarks/mutants.py list --out after.json",
    "python benchmarks/mutants.py map --out after-map.json",
    "python benchmarks/mutants.py run --map after-map.json --chosen old.json --moved moved.json --out new.json",
    "python benchmarks/mutants.py report --before old.json --after new.json --moved moved.json --out mutants",
)
VERDICTS = ("caught", "time", "survived", "untested")


def choose(found: list[tuple[Mutant, str]], options: argparse.Namespace) -> list[tuple[Mutant, str]]:
    """A sample, or the mutants of an earlier result found again."""
    if options.chosen is None:
        other = None if options.common is None else _keys(json.loads(options.common.read_text(encoding="utf-8")))
        moved = _moved(options.moved)
        if other is not None:
            found = [(m, s) for m, s in found if (moved.get(m.file, m.file), m.key) in other]
        return random.Random(options.seed).sample(found, min(options.count, len(found)))
    moved = _moved(options.moved)
    known = {(mutant.file, mutant.key): (mutant, source) for mutant, source in found}
    wanted = [Mutant(**entry["mutant"]) for entry in json.loads(options.chosen.read_text(encoding="utf-8"))["mutants"]]
    keys = [(moved.get(mutant.file, mutant.file), mutant.key) for mutant in wanted]
    lost = [key for key in keys if key not in known]
    if lost:
        print(f"{len(lost)} mutants are not there any more, for one {lost[0]}")
    return [known[key] for key in keys if key in known]


def _keys(listed: list[list[str]]) -> set[tuple[str, str]]:
    return {(file, key) for file, key in listed}


def _moved(path: Path | None) -> dict[str, str]:
    return {} if path is None else json.loads(path.read_text(encoding="utf-8"))


def run(options: argparse.Namespace) -> None:
    """Tries every chosen mutant and writes the result after each."""
    table = json.loads(options.map.read_text(encoding="utf-8"))
    chosen = choose(all_mutants(), options)

    def work(items: dict[str, pytest.Item]) -> None:
        results: list[dict[str, Any]] = []
        for mutant, source in chosen:
            tests = [items[name] for name in tests_of(mutant, table)]
            results.append(
                {"mutant": asdict(mutant), "verdict": verdict_of(mutant, source, tests), "tests": len(tests)}
            )
            tally = {name: sum(r["verdict"] == name for r in results) for name in VERDICTS}
            options.out.write_text(json.dumps({"tally": tally, "mutants": results}, indent=1) + "\n", encoding="utf-8")

    in_session(work)


def report(before: Path, after: Path, moved: dict[str, str], out: Path) -> None:
    """Both results as one file for programs and one for people.

    Mutants that were caught before are not tried again where ``after`` holds the others alone: the tests that caught
    them are still there.
    """
    old, new = (json.loads(path.read_text(encoding="utf-8"))["mutants"] for path in (before, after))
    again = {(entry["mutant"]["file"], Mutant(**entry["mutant"]).key): entry["verdict"] for entry in new}
    rows = []
    for entry in old:
        first = entry["verdict"]
        key = moved.get(entry["mutant"]["file"], entry["mutant"]["file"]), Mutant(**entry["mutant"]).key
        second = again.get(key, first if first in CAUGHT else "lost")
        rows.append({"mutant": entry["mutant"], "before": first, "after": second})
    rows = [row for row in rows if row["after"] != "lost"]
    count = len(rows)
    share = {when: sum(row[when] in CAUGHT for row in rows) / count for when in ("before", "after")}
    out.with_suffix(".json").write_text(
        json.dumps({"caught": share, "mutants": rows}, indent=1) + "\n", encoding="utf-8"
    )
    parts = sorted({row["mutant"]["file"].split("/")[1] for row in rows})
    lines = [
        "# Mutation score",
        "",
        f"{count} small wrong changes of `losses`, `graphs` and `tracking` (as folders were named), drawn with seed 0",
        "from those that both states of the code have: how many the tests notice, before and after the golden tests.",
        "",
        "| | mutants | caught before | caught after |",
        "|---|---|---|---|",
    ]
    for part in [*parts, "all"]:
        chosen = [row for row in rows if part in ("all", row["mutant"]["file"].split("/")[1])]
        cells = [sum(row[when] in CAUGHT for row in chosen) for when in ("before", "after")]
        lines.append(f"| {part} | {len(chosen)} | " + " | ".join(f"{n} ({n / len(chosen):.0%})" for n in cells) + " |")
    left = [row["mutant"] | {"verdict": row["after"]} for row in rows if row["after"] not in CAUGHT]
    lines += ["", f"Not caught ({len(left)}):", ""]
    lines += [f"- `{m['file']}:{m['line']}` `{m['before']}` → `{m['after']}` ({m['verdict']})" for m in left]
    lines += [
        "",
        "Before: the tests of commit 71ee209. The tests that call a mutant's function were tried quickest first, for",
        "four seconds of computing; what survived was tried again, for six, with the tests written since. Tests that",
        "take more than 1.5 s without compilation were left out. Some changes mean nothing: -1 or -2 for none, a",
        "bound that is never reached.",
        "",
    ]
    lines += ["How:", "", "```sh", *COMMANDS, "```", ""]
    out.with_suffix(".md").write_text("\n".join(lines), encoding="utf-8")


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["map", "run", "list", "report"])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--map", type=Path)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--chosen", type=Path)
    parser.add_argument("--common", type=Path, help="list of another state: only mutants that it has too are drawn")
    parser.add_argument("--moved", type=Path, help="JSON object: file there, by file here")
    parser.add_argument("--before", type=Path, help="result to report")
    parser.add_argument("--after", type=Path, help="likewise")
    options = parser.parse_args()
    if options.what == "report":
        report(options.before, options.after, _moved(options.moved), options.out)
    elif options.what == "map":
        make_map(options.out)
    elif options.what == "list":
        keys = [[mutant.file, mutant.key] for mutant, _ in all_mutants()]
        options.out.write_text(json.dumps(keys), encoding="utf-8")
    else:
        run(options)


if __name__ == "__main__":
    main()
