"""The peers that score text: trains them, and times each in a process of its own.

    scoring.py prepare FOLDER                       texts and trained models into FOLDER
    scoring.py score FOLDER PEER WORKERS PASSES     prints a line of JSON
    scoring.py first FOLDER PEER                    loads, judges one text, prints a line of JSON

A peer gets each pair of a passage and an actor as a text of its own in which the actor stands masked; masking, and
whatever form of text a peer wants, is done beforehand and not timed. Imports stand where they are needed: the time from
the start of a process must be that of one peer.
"""

import json
import multiprocessing
import random
import re
import resource
import sys
import tempfile
import time
from pathlib import Path

DATA = Path(__file__).resolve().parents[2] / "data"
STANCES = ["pro", "skeptical", "neutral"]
SENTIMENTS = ["positive", "neutral", "negative"]
SINGLE = 400
"""Texts that are scored where they are scored one at a time."""


def pairs(folders):
    """Each labelled pair: both classes, and the passage with its actors masked."""
    for folder in folders:
        for path in sorted((DATA / folder).glob("*.jsonl")):
            for line in path.read_text().splitlines():
                passage = json.loads(line)
                for actor in passage["actors"]:
                    if "stance" in actor and "sentiment" in actor:
                        labels = STANCES.index(actor["stance"]), SENTIMENTS.index(actor["sentiment"])
                        yield (*labels, masked(passage, actor["name"]))


def masked(passage, name):
    text = passage["text"].encode()
    spans = [(span, actor["name"]) for actor in passage["actors"] for span in actor["spans"]]
    for (start, end), owner in sorted(spans, reverse=True):
        text = text[:start] + (b"TARGETACTOR" if owner == name else b"OTHERACTOR") + text[end:]
    return " ".join(text.decode().split())


def read(path):
    rows = [line.split("\t", 2) for line in path.read_text().splitlines()]
    return [(int(stance), int(sentiment)) for stance, sentiment, _ in rows], [text for _, _, text in rows]


class Peer:
    reloads = False
    """Whether scoring reads the model first: the time of a single text is taken off."""

    @staticmethod
    def train(folder, labels, texts):
        pass

    def form(self, texts):
        return texts

    def classes(self, scored):
        return scored


class ScikitLearn(Peer):
    """TF-IDF of words and pairs of words, two multinomial logistic regressions; probabilities of all texts at once."""

    @staticmethod
    def train(folder, labels, texts):
        import joblib
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.linear_model import LogisticRegression

        vectorizer = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=3)
        rows = vectorizer.fit_transform(texts)
        heads = [LogisticRegression(max_iter=30).fit(rows, [label[head] for label in labels]) for head in (0, 1)]
        joblib.dump((vectorizer, heads), folder / "scikit-learn.joblib")

    def __init__(self, folder):
        import joblib

        self.vectorizer, self.heads = joblib.load(folder / "scikit-learn.joblib")

    def score(self, texts):
        rows = self.vectorizer.transform(texts)
        return [head.predict_proba(rows).argmax(axis=1) for head in self.heads]


class ScikitLearnSingle(ScikitLearn):
    """The same, one text at a time, as texts come in."""

    def form(self, texts):
        return texts[:: max(1, len(texts) // SINGLE)][:SINGLE]

    def score(self, texts):
        scored = [ScikitLearn.score(self, [text]) for text in texts]
        return [[classes[head][0] for classes in scored] for head in (0, 1)]


class FastText(Peer):
    """Supervised, wordNgrams = 2, one model for each head; probabilities of all classes."""

    @staticmethod
    def train(folder, labels, texts):
        import fasttext

        for head in (0, 1):
            path = folder / "fasttext.txt"
            lines = (f"__label__{label[head]} {FastText.words(text)}\n" for label, text in zip(labels, texts))
            path.write_text("".join(lines))
            # The default of 2,000,000 buckets costs more memory and more cache misses.
            settings = {"wordNgrams": 2, "epoch": 3, "lr": 0.5, "bucket": 200_000, "thread": 2, "verbose": 0}
            fasttext.train_supervised(str(path), **settings).save_model(str(folder / f"fasttext-{head}.bin"))

    @staticmethod
    def words(text):
        return " ".join(re.findall(r"\w+|[^\w\s]", text.lower()))

    def __init__(self, folder):
        import fasttext

        fasttext.FastText.eprint = lambda *_: None
        self.heads = [fasttext.load_model(str(folder / f"fasttext-{head}.bin")) for head in (0, 1)]

    def form(self, texts):
        return [self.words(text) + "\n" for text in texts]

    def score(self, texts):
        # The binding itself: `predict` of this version fails with numpy 2.
        return [head.f.multilinePredict(texts, 3, 0.0, "strict") for head in self.heads]

    def classes(self, scored):
        return [[int(own[0].removeprefix("__label__")) for own in labels] for labels, _ in scored]


class VowpalWabbit(Peer):
    """One against all, pairs of words, one model for each head; probabilities."""

    reloads = True

    @staticmethod
    def train(folder, labels, texts):
        from vowpalwabbit import Workspace

        for head in (0, 1):
            model = str(folder / f"vw-{head}.model")
            settings = "--oaa 3 --loss_function logistic --probabilities --ngram 2 -b 20 --quiet"
            workspace = Workspace(f"{settings} -f {model}")
            for label, text in zip(labels, texts):
                workspace.learn(f"{label[head] + 1} {VowpalWabbit.words(text)}")
            workspace.finish()

    @staticmethod
    def words(text):
        return "| " + " ".join(re.findall(r"\w+", text.lower()))

    def __init__(self, folder):
        self.folder = folder
        self.places = tempfile.TemporaryDirectory()

    def form(self, texts):
        return [self.words(text) for text in texts]

    def score(self, texts):
        """Its own driver, in C++: three times as fast as `predict` line by line. Reads the model each time."""
        from vowpalwabbit import Workspace

        place = tempfile.mkdtemp(dir=self.places.name)
        Path(place, "texts").write_text("\n".join(texts) + "\n")
        for head in (0, 1):
            model, files = f"-i {self.folder}/vw-{head}.model", f"-d {place}/texts -p {place}/scores-{head}"
            Workspace(f"{model} -t --probabilities --quiet {files}").finish()
        return place

    def classes(self, place):
        # A line is `1:p 2:p 3:p`.
        lines = [Path(place, f"scores-{head}").read_text().splitlines() for head in (0, 1)]
        probabilities = [[[float(cell.split(":")[1]) for cell in line.split()] for line in head] for head in lines]
        return [[max(range(3), key=own.__getitem__) for own in head] for head in probabilities]


class Vader(Peer):
    """A lexicon of sentiment: knows no actor and no stance, and is not trained."""

    def __init__(self, folder):
        from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

        self.analyzer = SentimentIntensityAnalyzer()

    def score(self, texts):
        compound = [self.analyzer.polarity_scores(text)["compound"] for text in texts]
        # The thresholds that its authors recommend.
        return [None, [0 if value >= 0.05 else 2 if value <= -0.05 else 1 for value in compound]]


PEERS = {
    "scikit-learn": ScikitLearn,
    "scikit-learn, one at a time": ScikitLearnSingle,
    "fastText": FastText,
    "Vowpal Wabbit": VowpalWabbit,
    "VADER": Vader,
}


def prepare(folder):
    folder.mkdir(parents=True, exist_ok=True)
    for name, folders in (("train", ["train"]), ("pairs", ["development", "test"])):
        lines = [f"{stance}\t{sentiment}\t{text}\n" for stance, sentiment, text in pairs(folders)]
        # The files are ordered by kind, which learners that see each line once do not like.
        random.Random(1).shuffle(lines)
        (folder / f"{name}.tsv").write_text("".join(lines))
    labels, texts = read(folder / "train.tsv")
    for name in ("scikit-learn", "fastText", "Vowpal Wabbit"):
        PEERS[name].train(folder, labels, texts)


def score(folder, name, workers, passes):
    peer = PEERS[name](folder)
    labels, texts = read(folder / "pairs.tsv")
    texts = peer.form(texts)
    line = {"judgements": len(texts), "workers": workers}
    if workers == 1:
        found = peer.classes(peer.score(texts))
        if "at a time" not in name:
            line["accuracy"] = [accuracy(head, [label[at] for label in labels]) for at, head in enumerate(found)]
        times = [timed(peer, texts) for _ in range(passes)]
        line["seconds"] = min(wall for wall, _ in times)
        line["core_seconds"] = min(core for _, core in times)
    else:
        line["seconds"] = min(in_parallel(peer, texts, workers) for _ in range(passes))
    line["microseconds"] = 1e6 * line["seconds"] / len(texts)
    line["peak_megabytes"] = peak()
    return line


def accuracy(classes, truth):
    return None if classes is None else sum(int(a == b) for a, b in zip(classes, truth)) / len(truth)


def timed(peer, texts):
    """Seconds on the wall and on a core."""
    wall, core = time.perf_counter(), time.process_time()
    peer.score(texts)
    wall, core = time.perf_counter() - wall, time.process_time() - core
    if peer.reloads and len(texts) > 1:
        of_one = timed(peer, texts[:1])
        wall, core = wall - of_one[0], core - of_one[1]
    return wall, core


def in_parallel(peer, texts, workers):
    """The time from the first worker's start to the last one's end; processes, as none of these gives up Python's lock."""
    context = multiprocessing.get_context("fork")
    barrier, times = context.Barrier(workers), context.SimpleQueue()

    def work(part):
        peer.score(part[:50])
        barrier.wait()
        start = time.perf_counter()
        wall, _ = timed(peer, part)
        times.put((start, start + wall))

    processes = [context.Process(target=work, args=(texts[at::workers],)) for at in range(workers)]
    for process in processes:
        process.start()
    spans = [times.get() for _ in processes]
    for process in processes:
        process.join()
    return max(end for _, end in spans) - min(start for start, _ in spans)


def first(folder, name):
    peer = PEERS[name](folder)
    text = "TARGETACTOR accepted the truce that OTHERACTOR had proposed; OTHERACTOR rejected it out of hand."
    peer.score(peer.form([text]))
    return {"peak_megabytes": peak()}


def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


def main():
    task, folder, *rest = sys.argv[1:]
    folder = Path(folder)
    if task == "prepare":
        prepare(folder)
    elif task == "score":
        name, workers, passes = rest
        print(json.dumps(score(folder, name, int(workers), int(passes))), flush=True)
    elif task == "first":
        print(json.dumps(first(folder, *rest)), flush=True)
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
