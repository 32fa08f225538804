"""The peers that fit logistic regression, on the same matrix.

    fitting.py matrix FILE ROWS COLUMNS CLASSES     writes a sparse matrix like one of text
    fitting.py fit FILE SOLVER ALPHA TOLERANCE      prints a line of JSON
    fitting.py search FILE SOLVER ALPHA TOLERANCE OBJECTIVE
                                                    the same; tightens the tolerance until the objective is not above

The file holds little-endian numbers: rows, columns, stored values (u64), the start of each row and the end of the last
(u64), columns (u32) and values (f32) of the stored values, classes of the rows (u8).

All objectives are the sum of the losses plus alpha/2 times the squared norm of the weights; intercepts are not
penalised. scikit-learn's C is 1/alpha. With two classes ours has weights for both, each half of the one set that the
binary solvers have, so their C is 2/alpha. liblinear penalises its intercept: its constant column is 10, which makes that
penalty too small to matter, and what counts is the objective without it.
"""

import json
import sys
import time
import warnings
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix

STORED = 110
"""Terms of a row; those drawn twice are one column."""


def matrix(path, rows, columns, classes):
    random = np.random.default_rng(1)
    # Zipf's law, as in text.
    shares = np.cumsum(1 / np.arange(1, columns + 1))
    drawn = np.searchsorted(shares, random.random(rows * STORED) * shares[-1]).astype(np.int32)
    counts = csr_matrix((np.ones(len(drawn), np.float32), (np.repeat(np.arange(rows), STORED), drawn)), (rows, columns))
    counts.sum_duplicates()
    idf = np.log((1 + rows) / (1 + np.bincount(counts.indices, minlength=columns))) + 1
    values = (1 + np.log(counts.data)) * idf[counts.indices]
    norms = np.sqrt(np.add.reduceat(values**2, counts.indptr[:-1]))
    counts.data = (values / np.repeat(norms, np.diff(counts.indptr))).astype(np.float32)
    # About as hard as stance: three in four classes can be told.
    margins = 4 * (counts @ random.standard_normal((columns, 3)))
    truth = (margins + random.gumbel(size=margins.shape)).argmax(axis=1)
    write(path, counts, truth if classes == 3 else (truth == 0))


def write(path, x, truth):
    with open(path, "wb") as out:
        np.array([*x.shape, x.nnz], "<u8").tofile(out)
        x.indptr.astype("<u8").tofile(out)
        x.indices.astype("<u4").tofile(out)
        x.data.astype("<f4").tofile(out)
        truth.astype("u1").tofile(out)


def read(path):
    with open(path, "rb") as file:
        rows, columns, stored = (int(number) for number in np.fromfile(file, "<u8", 3))
        starts = np.fromfile(file, "<u8", rows + 1).astype(np.int32)
        indices = np.fromfile(file, "<u4", stored).astype(np.int32)
        values = np.fromfile(file, "<f4", stored).astype(np.float64)
        truth = np.fromfile(file, "u1", rows).astype(np.int64)
    return csr_matrix((values, indices, starts), (rows, columns)), truth


def search(x, truth, solver, alpha, tolerance, objective):
    while tolerance > 1e-13:
        line = fit(x, truth, solver, alpha, tolerance)
        if line["objective"] <= objective:
            break
        tolerance /= 10**0.5
    return line


def fit(x, truth, solver, alpha, tolerance):
    from sklearn.linear_model import LogisticRegression

    binary = truth.max() == 1
    settings = {"intercept_scaling": 10} if solver == "liblinear" else {}
    c = (2 if binary else 1) / alpha
    model = LogisticRegression(C=c, solver=solver, tol=tolerance, max_iter=20_000, **settings)
    wall, core = time.perf_counter(), time.process_time()
    model.fit(x, truth)
    line = {"seconds": time.perf_counter() - wall, "core_seconds": time.process_time() - core}
    z = x @ model.coef_.T + model.intercept_
    if binary:
        losses = np.logaddexp(0, np.where(truth == 1, -1, 1) * z[:, 0]).sum()
    else:
        losses = (np.logaddexp.reduce(z, axis=1) - z[np.arange(len(truth)), truth]).sum()
    line["objective"] = losses + (model.coef_**2).sum() / (2 * c)
    line["iterations"] = int(np.max(model.n_iter_))
    line["tolerance"] = tolerance
    return line


def main():
    task, path, *rest = sys.argv[1:]
    if task == "matrix":
        matrix(Path(path), *map(int, rest))
    elif task in ("fit", "search"):
        # A solver that gives up early shows in its objective.
        warnings.simplefilter("ignore")
        solver, *numbers = rest
        line = {"fit": fit, "search": search}[task](*read(Path(path)), solver, *map(float, numbers))
        print(json.dumps(line), flush=True)
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
