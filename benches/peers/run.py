#!/usr/bin/env python3
"""Runs our programs and the peers on the same work, in turn, and writes benches/RESULTS.md.

    python3 benches/peers/run.py            all of it, more than half an hour
    python3 benches/peers/run.py --quick    fewer rounds and smaller matrices, about three minutes

Needs Python 3.11, a Rust toolchain, and the first time a network: the peers go into a virtual environment under
target/peers. Every figure is the best of its rounds; within a round ours and the peers take turns, each in a process of
its own.
"""

import argparse
import datetime
import json
import os
import platform
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
WORK = ROOT / "target" / "peers"
PYTHON = WORK / "venv" / "bin" / "python"
RESULTS = ROOT / "benches" / "RESULTS.md"
PROFILE = "## Where the time goes"

PEERS = ["scikit-learn", "scikit-learn, one at a time", "fastText", "Vowpal Wabbit", "VADER"]
NOTES = {
    "scikit-learn": "TfidfVectorizer (1-2-grams, sublinear, min_df 3) and LogisticRegression; all texts in one batch",
    "scikit-learn, one at a time": "the same, text by text, as ours reads; 400 of the texts",
    "fastText": "supervised, wordNgrams 2, dim 100, 200,000 buckets, 3 epochs; one batch through the binding",
    "Vowpal Wabbit": "oaa 3, logistic, ngram 2, one pass; its own driver over a file, the time of a single text taken off",
    "VADER": "a sentiment lexicon: no stance, no actor, no training",
    "linfa": "linfa-preprocessing (1-2-grams) and linfa-logistic, dense, so the 500 most frequent terms only",
}
KINDS = {
    "news": "ordinary news",
    "no-stops": "one line without a full stop",
    "mentions": "mentions only",
    "quotes": "quotation marks only",
    "capitals": "all capitals",
    "emoji": "emoji only",
    "no-spaces": "no spaces",
}
ALPHA = 1
"""The strength of the penalty: scikit-learn's default."""
WITHIN = 1e-8
"""How near to the best objective a solver must come, relatively."""


def run(command, threads=1, timeout=None):
    """The last line that a program prints, read as JSON."""
    names = ["RAYON_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"]
    # Waiting threads must not spin: on a busy machine they would hold up those that work.
    environment = os.environ | {name: str(threads) for name in names} | {"OMP_WAIT_POLICY": "passive"}
    arguments = [str(part) for part in command]
    done = subprocess.run(
        arguments, cwd=ROOT, env=environment, timeout=timeout, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(arguments)}: {done.stderr[-2000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def quiet(command, **options):
    done = subprocess.run([str(part) for part in command], cwd=ROOT, capture_output=True, text=True, **options)
    if done.returncode != 0:
        sys.exit(f"{command}: {done.stderr[-4000:]}")
    return done.stdout


def install():
    wanted = (HERE / "requirements.txt").read_text()
    installed = WORK / "installed.txt"
    if not (installed.exists() and installed.read_text() == wanted):
        WORK.mkdir(parents=True, exist_ok=True)
        quiet([sys.executable, "-m", "venv", WORK / "venv"])
        quiet([PYTHON, "-m", "pip", "install", "--quiet", "-r", HERE / "requirements.txt"])
        installed.write_text(wanted)


def build():
    """The paths of our program and of linfa's."""
    lines = quiet(["cargo", "bench", "--no-run", "--bench", "peers", "--message-format", "json"]).splitlines()
    built = [json.loads(line) for line in lines if line.startswith("{")]
    ours = [line["executable"] for line in built if line.get("executable") and line["target"]["name"] == "peers"][-1]
    manifest = HERE / "linfa" / "Cargo.toml"
    target = WORK / "linfa"
    quiet(["cargo", "build", "--release", "--locked", "--manifest-path", manifest, "--target-dir", target])
    return Path(ours), target / "release" / "linfa-peer"


def best(lines, key="seconds"):
    return min((line[key] for line in lines if line.get(key)), default=None)


def say(text):
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


class Comparison:
    def __init__(self, quick):
        self.quick = quick
        self.ours, self.linfa = build()
        self.models = WORK / "models"
        self.rounds = 2 if quick else 5

    def scoring(self):
        """Lines by contestant and number of workers."""
        files = sorted((ROOT / "data").glob("development/*.jsonl")) + sorted((ROOT / "data").glob("test/*.jsonl"))
        passes = 3
        script = [PYTHON, HERE / "scoring.py", "score", self.models]
        texts = [self.models / "train.tsv", self.models / "pairs.tsv"]
        contestants = {}
        for what in ("pairs", "raw"):
            contestants[f"ours, {what}"] = lambda w, what=what: [self.ours, "score", what, w, passes, *files]
        for peer in PEERS:
            contestants[peer] = lambda w, peer=peer: [*script, peer, w, passes]
        contestants["linfa"] = lambda w: [self.linfa, "score", *texts, 500, 2000, w, passes]
        found = {}
        for number in range(self.rounds):
            for workers in (1, 2):
                say(f"scoring, round {number + 1} of {self.rounds}, {workers} worker(s)")
                for name, command in contestants.items():
                    found.setdefault((name, workers), []).append(run(command(workers)))
        return found

    def starting(self):
        """From the start of a process to its first judgement."""
        contestants = {"ours": [self.ours, "first"]}
        script = [PYTHON, HERE / "scoring.py", "first", self.models]
        contestants |= {peer: [*script, peer] for peer in PEERS if "at a time" not in peer}
        found = {}
        for number in range(self.rounds):
            say(f"starting, round {number + 1} of {self.rounds}")
            for name, command in contestants.items():
                clock = time.perf_counter()
                child = subprocess.Popen([str(part) for part in command], stdout=subprocess.PIPE, text=True)
                line = json.loads(child.stdout.readline())
                line["seconds"] = time.perf_counter() - clock
                child.wait()
                found.setdefault(name, []).append(line)
        return found

    def hostile(self):
        megabytes, limit, passes = (0.5, 20, 5) if self.quick else (10, 60, 2)
        found = {}
        for kind in KINDS:
            say(f"hostile: {kind}")
            try:
                found[kind] = run([self.ours, "hostile", kind, megabytes, passes], timeout=limit)
            except subprocess.TimeoutExpired:
                found[kind] = run([self.ours, "hostile", kind, 0.02, passes], timeout=30 * limit) | {"limit": limit}
        return found

    def streaming(self):
        sizes = [5, 20] if self.quick else [20, 200]
        say("streaming")
        return [run([self.ours, "stream", size]) for size in sizes]

    def fitting(self):
        """For each matrix: its size, the best objective, and by solver and threads the fits that reached it."""
        sizes = [(5_000, 20_000)] + ([] if self.quick else [(20_000, 50_000), (200_000, 200_000)])
        tolerances, found = {}, []
        for rows, columns in sizes:
            for classes in (3, 2):
                path = WORK / f"{rows}x{columns}-{classes}.rows"
                if not path.exists():
                    quiet([PYTHON, HERE / "fitting.py", "matrix", path, rows, columns, classes])
                solvers = ["lbfgs", "newton-cg"] if classes == 3 else ["liblinear"]
                say(f"fitting {path.name}")
                found.append(self.matrix(path, rows, columns, classes, ["ours", *solvers], tolerances))
        return found

    def matrix(self, path, rows, columns, classes, solvers, tolerances):
        script = [PYTHON, HERE / "fitting.py"]
        least = run([self.ours, "fit", path, ALPHA, 1e-8, 1], threads=2)["objective"]
        goal = least * (1 + WITHIN)

        def command(solver, tolerance):
            own = [self.ours, "fit", path, ALPHA, tolerance, 1]
            return own if solver == "ours" else [*script, "fit", path, solver, ALPHA, tolerance]

        def search(solver, tolerance):
            if solver != "ours":
                return run([*script, "search", path, solver, ALPHA, tolerance, goal])
            while (line := run(command(solver, tolerance)))["objective"] > goal and tolerance > 1e-13:
                tolerance /= 10**0.5
            return line

        fits = {}
        for solver in solvers:
            # What sufficed for the smaller matrix is where the search begins.
            line = search(solver, tolerances.get((solver, classes), 1e-2))
            least = min(least, line["objective"])
            if line["objective"] <= goal:
                tolerances[solver, classes] = line["tolerance"]
                fits[solver, 1] = [line]
        rounds = 1 if rows > 100_000 else self.rounds
        for number in range(rounds):
            for threads in (1, 2):
                for solver in solvers:
                    # The search has been a round of the large matrices already.
                    if (solver, 1) in fits and not (rows > 100_000 and threads == 1):
                        line = run(command(solver, tolerances[solver, classes]), threads=threads)
                        fits.setdefault((solver, threads), []).append(line)
        return {"rows": rows, "columns": columns, "classes": classes, "least": least, "fits": fits, "solvers": solvers}

    def dense(self):
        """linfa-logistic's solver against ours, on a matrix small enough to be dense."""
        path = WORK / "2000x300-3.rows"
        if not path.exists():
            quiet([PYTHON, HERE / "fitting.py", "matrix", path, 2000, 300, 3])
        commands = {
            "ours": lambda tolerance: [self.ours, "fit", path, ALPHA, tolerance, 1],
            "linfa": lambda tolerance: [self.linfa, "fit", path, ALPHA, tolerance, 20_000],
        }
        least = run(commands["ours"](1e-8))["objective"]
        fits = {}
        for solver, exponents in (("ours", range(4, 20)), ("linfa", range(-4, 20))):
            for exponent in exponents:
                command = commands[solver](10 ** (-exponent / 2))
                line = run(command)
                least = min(least, line["objective"])
                if line["objective"] / least - 1 <= WITHIN:
                    fits[solver, 1] = [line] + [run(command) for _ in range(self.rounds)]
                    break
        return {"rows": 2000, "columns": 300, "classes": 3, "least": least, "fits": fits, "solvers": ["ours", "linfa"]}


def number(value, digits=3):
    """About this many digits that count."""
    if value is None:
        return "-"
    places = max(0, digits - len(str(int(abs(value)))) - (0 if abs(value) >= 1 else -1))
    return f"{value:,.{places}f}"


def times(value):
    return "-" if value is None else f"{value:.2f}" if value < 10 else f"{value:,.0f}"


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def ratio(peer, ours):
    return peer / ours if peer and ours else None


def scoring_table(found, workers):
    rows = []
    for name in [*PEERS, "linfa"]:
        lines = found[name, workers]
        judgements = lines[0]["judgements"]
        for what, work in (("pairs", "labelled pairs"), ("raw", "raw text, actors found")):
            own = found[f"ours, {what}", workers]
            per = [1e6 * best(own) / own[0]["judgements"], 1e6 * best(lines) / judgements]
            row = [f"{work}; {name}", number(per[0]), number(per[1]), times(ratio(per[1], per[0]))]
            if workers == 1:
                core = [best(own, "core_seconds"), best(lines, "core_seconds")]
                cores = [value and value / count for value, count in zip(core, (own[0]["judgements"], judgements))]
                row.append(times(ratio(cores[1], cores[0])))
            rows.append(row)
    head = ["work", "ours, µs", "peer, µs", "ratio"] + (["ratio, time on the core"] if workers == 1 else [])
    return table(head, rows)


def fitting_table(matrices, threads):
    rows = []
    for matrix in matrices:
        fits = matrix["fits"]
        own = fits.get(("ours", threads))
        for solver in matrix["solvers"][1:]:
            # Two threads can be slower than one, above all where others use the machine: the peer has its choice.
            lines = [line for (name, number), some in fits.items() if name == solver and number <= threads for line in some]
            if not lines or not own:
                rows.append([f"{matrix['rows']:,} × {matrix['columns']:,}; {solver}", "-", "-", "not reached"])
                continue
            kind = "binary" if matrix["classes"] == 2 else "three classes"
            name = {"linfa": "linfa-logistic, dense"}.get(solver, solver)
            row = [f"{matrix['rows']:,} × {matrix['columns']:,}, {kind}; {name}"]
            row += [number(best(own)), number(best(lines)), times(ratio(best(lines), best(own)))]
            if threads == 1:
                row.append(times(ratio(best(lines, "core_seconds"), best(own, "core_seconds"))))
                gaps = [f"{max(0.0, line[0]['objective'] / matrix['least'] - 1):.0e}" for line in (own, lines)]
                row.append(", ".join(gaps))
            rows.append(row)
    head = ["work", "ours, s", "peer, s", "ratio"]
    return table(head + (["ratio, time on the core", "above the best: ours, peer"] if threads == 1 else []), rows)


def starting_table(found):
    own = found["ours"]
    rows = []
    for name in [name for name in found if name != "ours"]:
        seconds = [1000 * best(own), 1000 * best(found[name])]
        rows.append([f"start to first judgement, ms; {name}", *map(number, seconds), times(ratio(seconds[1], seconds[0]))])
        memory = [best(own, "peak_megabytes"), best(found[name], "peak_megabytes")]
        rows.append([f"peak memory then, MB; {name}", *map(number, memory), times(ratio(memory[1], memory[0]))])
    return table(["work", "ours", "peer", "ratio"], rows)


def load_table(found):
    parts = [("Model::bundled", "model_seconds"), ("Classifier::new", "classifier_seconds")]
    parts.append(("first judgement", "judgement_seconds"))
    return table(["ours alone", "ms"], [[name, number(1000 * best(found["ours"], key))] for name, key in parts])


def hostile_table(found):
    rows = []
    for kind, line in found.items():
        growth = line.get("ratio") if line["seconds"] > 0.1 else line["ratio_wall"]
        note = f"; at the full size not done in {line['limit']} s" if "limit" in line else ""
        cells = [number(line["bytes"] / 1e6), number(line["seconds"]), number(line["bytes"] / 1e6 / line["seconds"])]
        rows.append([KINDS[kind] + note, *cells, times(growth), number(line["peak_megabytes"])])
    return table(["text", "MB (2n)", "s", "MB/s", "time(2n) / time(n)", "peak MB"], rows)


def streaming_table(lines):
    rows = [
        [number(line["megabytes"]), number(line["seconds"]), number(line["megabytes_per_second"])]
        + [f"{line['judgements'] / line['seconds']:,.0f}", number(line["peak_megabytes"])]
        for line in lines
    ]
    return table(["stream, MB", "s", "MB/s", "judgements/s", "peak MB"], rows)


def quality_table(found):
    rows = []
    for name in ["ours, pairs", *PEERS]:
        accuracy = found[name, 1][0].get("accuracy")
        if accuracy:
            rows.append([name.removesuffix(", pairs"), *("-" if part is None else f"{part:.3f}" for part in accuracy)])
    return table(["accuracy on the scored pairs", "stance", "sentiment"], rows)


def machine():
    info = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
    model = next((line.split(":", 1)[1].strip() for line in info.splitlines() if line.startswith("model name")), "?")
    return f"{model}, {os.cpu_count()} cores, {platform.system()} {platform.release()}"


def report(quick, load, scoring, starting, hostile, streaming, matrices):
    rust = quiet(["rustc", "--version"]).strip()
    commit = quiet(["git", "rev-parse", "--short", "HEAD"]).strip()
    versions = ", ".join(line.replace("==", " ") for line in (HERE / "requirements.txt").read_text().split())
    load_end = os.getloadavg()[0]
    command = "python3 benches/peers/run.py" + (" --quick" if quick else "")
    pairs, raw = scoring["ours, pairs", 1][0]["judgements"], scoring["ours, raw", 1][0]["judgements"]
    notes = "\n".join(f"* {name}: {note}." for name, note in NOTES.items())
    return f"""# Results

Written by the command below; only the last section is written by hand.

| | |
|---|---|
| date | {datetime.date.today().isoformat()} |
| command | `{command}` |
| machine | {machine()} |
| load average | {load:.1f} at the start, {load_end:.1f} at the end; much above 2, others used the machine: trust only the ratios |
| commit | {commit} |
| versions | {rust}; Python {platform.python_version()}; {versions}; linfa 0.8.1 |

Every time is the best of its rounds; ours and the peers take turns within a round. A ratio is the peer's figure over
ours: above 1 ours is better. "Time on the core" leaves out what other programs on the machine took.

## Scoring, one core

A judgement is stance and sentiment of one actor in one passage, from `data/development` and `data/test`. Peers get the
{pairs:,} labelled pairs as texts in which the actor is masked already (not timed). Ours does the same pairs ("labelled
pairs", which includes tallying the scores), or finds the actors and masks them itself ("raw text": {raw:,} judgements).

{notes}

{scoring_table(scoring, 1)}

{quality_table(scoring)}

The peers are trained on `data/train` for few rounds, to be timed, not to win.

## Scoring, two cores

Two workers over halves of the texts; processes where the peer is a Python package.

{scoring_table(scoring, 2)}

## Start and memory

{starting_table(starting)}

{load_table(starting)}

## Fitting, one core

Rows like text: about 100 terms a row, columns after Zipf. Each solver's tolerance is tightened step by step until its
objective is within 1e-8 of the best that any reached; that run's time counts, without reading the matrix. The sum of the
losses plus α/2 · ‖W‖², α = {ALPHA}, C = 1/α; intercepts are not penalised. liblinear has no multinomial loss: it fits the
first class against the others, with C = 2/α, as ours has weights for both classes; its intercept is a
constant column of 10, so that its penalty is negligible, and its objective is taken without it.

{fitting_table(matrices, 1)}

## Fitting, two cores

Ours with two threads; peers with one or two, whichever was quicker for them.

{fitting_table([matrix for matrix in matrices if ("ours", 2) in matrix["fits"]], 2)}

## Hostile texts, one core

{hostile_table(hostile)}

## Streaming

{streaming_table(streaming)}

"""


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--quick", action="store_true", help="fewer rounds, smaller matrices")
    quick = arguments.parse_args().quick
    say("installing and building")
    install()
    comparison = Comparison(quick)
    if not (comparison.models / "vw-1.model").exists():
        say("training the peers")
        quiet([PYTHON, HERE / "scoring.py", "prepare", comparison.models])
    load = os.getloadavg()[0]
    parts = [comparison.scoring(), comparison.starting(), comparison.hostile(), comparison.streaming()]
    text = report(quick, load, *parts, [comparison.dense(), *comparison.fitting()])
    before = RESULTS.read_text() if RESULTS.exists() else ""
    kept = before[before.index(PROFILE) :] if PROFILE in before else f"{PROFILE}\n\nTo be filled by hand from a profile.\n"
    RESULTS.write_text(text + kept)
    say(f"wrote {RESULTS.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
