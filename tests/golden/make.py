"""Golden numbers for tests/golden.rs, from scikit-learn.

Made with Python 3.11 and

    pip install scikit-learn==1.9.1 numpy==2.4.6 scipy==1.17.1

    python tests/golden/make.py

writes tfidf.json and logistic.json beside this file. The seed is fixed and numbers are rounded to ten decimals, so a
second run gives the same bytes. Versions of scikit-learn whose class_weight="balanced" counts rows where this one adds
up sample weights are told by the assertions in `fit`.
"""

import json
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression

HERE = Path(__file__).parent

# What idf is learnt from: repeated terms, a term in all but two, terms in one only, a repeated document, a
# document of one word and one without any.
FITTED = [
    "the envoy praised the talks and the truce held",
    "the envoy left the talks",
    "the talks about the talks about the talks failed again",
    "truce truce truce truce",
    "the rebels broke the truce and the army broke the truce",
    "the ministry said the army would keep the truce",
    "the",
    "the envoy left the talks",
    "no deal , no talks , no truce , said the rebels",
    "",
    "the union and the railway agreed on the pay deal",
    "the railway rejected the pay deal and the union left the talks",
]
# Transformed with what was learnt: new counts, terms that nobody has seen, nothing but such terms.
UNSEEN = [
    "the the the the the the the the truce",
    "talks talks talks about a deal with nobody",
    "entirely other words",
    "the railway broke the deal , the union broke the deal , the army broke the truce",
]

# Sixty rows, three classes of unequal size, and fits of them.
ROWS, COLUMNS, CLASSES = 60, 12, 3
FITS = [(c, weights) for c in (0.3, 2.0) for weights in ("uniform", "balanced", {"given": [1.5, 0.25, 4.0]})]


def rounded(values):
    return [round(float(value), 10) + 0.0 for value in values]


def tfidf():
    documents = FITTED + UNSEEN
    settings = {"token_pattern": r"\S+", "ngram_range": (1, 2), "lowercase": False}
    counter = CountVectorizer(**settings).fit(FITTED)
    counts = counter.transform(documents)
    counts.sort_indices()
    fitted = counts[: len(FITTED)]
    out = {
        "documents": len(FITTED),
        "terms": counter.get_feature_names_out().tolist(),
        "frequencies": np.bincount(fitted.indices, minlength=fitted.shape[1]).tolist(),
        "rows": [
            {"text": text, "counts": [[int(j), int(n)] for j, n in zip(row.indices, row.data)]}
            for text, row in zip(documents, counts)
        ],
        "fits": [],
    }
    for weighting in ("linear", "sublinear"):
        vectorizer = TfidfVectorizer(**settings, sublinear_tf=weighting == "sublinear", smooth_idf=True, norm="l2")
        weights = vectorizer.fit(FITTED).transform(documents)
        weights.sort_indices()
        assert vectorizer.get_feature_names_out().tolist() == out["terms"]
        assert (weights.indices == counts.indices).all() and (weights.indptr == counts.indptr).all()
        rows = [rounded(row.data) for row in weights]
        out["fits"].append({"weighting": weighting, "idf": rounded(vectorizer.idf_), "rows": rows})
    return out


def problem():
    """Sparse rows whose values and weights are multiples of 1/64, and so exact in f32; noisy classes."""
    random = np.random.default_rng(20)
    x = random.integers(-128, 129, size=(ROWS, COLUMNS)) / 64
    # Columns from common to rare; the last is in two rows.
    share = np.linspace(0.7, 0.1, COLUMNS)
    x *= random.random((ROWS, COLUMNS)) < share
    x[:, -1] = 0
    x[[3, 40], -1] = [1.25, -0.5]
    x[17] = 0
    margins = x @ random.normal(size=(COLUMNS, CLASSES)) * 0.8 + [1.2, 0.3, -0.6]
    classes = (margins + random.gumbel(size=margins.shape)).argmax(axis=1)
    weights = random.integers(16, 193, size=ROWS) / 64
    weights[[8, 29]] = 0
    return x, classes, weights


def balanced(classes, weights):
    """n / (K * n_k), where n are sums of sample weights."""
    totals = np.bincount(classes, weights=weights)
    return totals.sum() / (len(totals) * totals)


def factors(name, classes, weights):
    if name == "uniform":
        return np.ones(CLASSES)
    return balanced(classes, weights) if name == "balanced" else np.array(name["given"])


def scikit_learns(name):
    if name == "uniform":
        return None
    return name if name == "balanced" else dict(enumerate(name["given"]))


def fit(x, classes, weights, c, name):
    model = LogisticRegression(C=c, class_weight=scikit_learns(name), solver="newton-cg", tol=1e-12, max_iter=100_000)
    model.fit(csr_matrix(x), classes, sample_weight=weights)
    p = model.predict_proba(csr_matrix(x))

    # It is the optimum: the gradient of sum of losses + 1/2C * |W|^2 vanishes, and with it the intercepts'.
    s = weights * factors(name, classes, weights)[classes]
    residuals = s[:, None] * (p - np.eye(CLASSES)[classes])
    assert abs(residuals.T @ x + model.coef_ / c).max() < 1e-8, "coefficients"
    assert abs(residuals.sum(axis=0)).max() < 1e-8, "intercepts"
    assert s[8] == 0 and model.n_iter_.max() < 100_000

    losses = -s @ np.log(p[np.arange(ROWS), classes])
    return {
        "c": c,
        "class_weights": name,
        "objective": round(float(losses + (model.coef_**2).sum() / (2 * c)), 10),
        "coefficients": [rounded(row) for row in model.coef_],
        "intercepts": rounded(model.intercept_),
        "probabilities": [rounded(row) for row in p],
    }


def logistic():
    x, classes, weights = problem()
    return {
        "columns": COLUMNS,
        "rows": [[[int(j), float(row[j])] for j in np.flatnonzero(row)] for row in x],
        "classes": classes.tolist(),
        "weights": weights.tolist(),
        "fits": [fit(x, classes, weights, c, name) for c, name in FITS],
    }


def text(value, depth=0):
    """JSON with a row of numbers, or a document, on each line."""
    flat = json.dumps(value, separators=(",", ":"))
    if len(flat) < 400 or isinstance(value, list) and not any(isinstance(v, (dict, list)) for v in value):
        return flat
    pad, end = " " * (depth + 1), "\n" + " " * depth
    if isinstance(value, dict):
        parts = [f"{pad}{json.dumps(k)}:{text(v, depth + 1)}" for k, v in value.items()]
        return "{\n" + ",\n".join(parts) + end + "}"
    return "[\n" + ",\n".join(pad + text(v, depth + 1) for v in value) + end + "]"


for name, made in [("tfidf", tfidf()), ("logistic", logistic())]:
    (HERE / f"{name}.json").write_text(text(made) + "\n", encoding="utf-8")
