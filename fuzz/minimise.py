#!/usr/bin/env python3
"""Keeps the few inputs of a corpus that reach most: `fuzz/minimise.py TARGET` after `cargo fuzz build --sanitizer none`.

libFuzzer's merge tells what each input reaches. Taken greedily, the one first that reaches most that no other has reached,
sixteen inputs of 512 bytes at most become the files `reach-…` of tests/hostile/seeds/TARGET, which `cargo test --test hostile`
starts from.
"""

import hashlib
import subprocess
import sys
import tempfile
from pathlib import Path

MOST, LONGEST = 16, 512
FUZZ = Path(__file__).resolve().parent


def features(target: str) -> dict[Path, set[str]]:
    """What each input reaches, by the control file of a merge: the inputs' paths, then a line FT for each."""
    program = FUZZ / "target/x86_64-unknown-linux-gnu/release" / target
    with tempfile.TemporaryDirectory() as folder:
        control = Path(folder) / "control"
        corpora = [FUZZ / "corpus" / target, FUZZ.parent / "tests/hostile/seeds" / target]
        merged = Path(folder) / "merged"
        merged.mkdir()
        command = [program, "-set_cover_merge=1", f"-merge_control_file={control}", "-timeout=600", merged, *corpora]
        subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
        lines = control.read_text().split("\n")
    inputs = [Path(line) for line in lines[2 : 2 + int(lines[0])]]
    reached = (line.split()[1:] for line in lines if line.startswith("FT "))
    return {inputs[int(number)]: set(found) for number, *found in reached}


def main(target: str) -> None:
    seeds = FUZZ.parent / "tests/hostile/seeds" / target
    reached = features(target)
    written = {path for path in reached if path.parent == seeds and not path.name.startswith("reach-")}
    known = set().union(*(reached[path] for path in written))
    short = {path: reached[path] for path in reached if path.stat().st_size <= LONGEST}
    kept = []
    while len(kept) < MOST and short:
        best = max(short, key=lambda path: (len(short[path] - known), -path.stat().st_size, path.name))
        if not short[best] - known:
            break
        known |= short.pop(best)
        kept.append(best.read_bytes())
    for old in seeds.glob("reach-*"):
        old.unlink()
    for content in kept:
        (seeds / f"reach-{hashlib.sha256(content).hexdigest()[:12]}").write_bytes(content)
    everything = set().union(*reached.values())
    print(f"{target}: {len(reached)} inputs reach {len(everything)} features; {len(kept)} and the written seeds, {len(known)}")


if __name__ == "__main__":
    main(*sys.argv[1:])
