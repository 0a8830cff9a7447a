"""Pilin's batch clusters beside scikit-learn's, on the same 100,000 points.

Both get the same places: scikit-learn as earth-centred metres, Pilin as a CSV of
degrees through `pilin analyze clusters`. The partition must be the same; the one
thing DBSCAN leaves open, to which of several clusters a border point goes, Pilin
decides by the nearest core, and that is checked too.

    python benches/peers/dbscan_sklearn.py [path to pilin]
"""

import csv
import io
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import time

import numpy as np
from scipy.spatial import cKDTree
from sklearn.cluster import DBSCAN

ROOT = pathlib.Path(__file__).resolve().parents[2]
PILIN = sys.argv[1] if len(sys.argv) > 1 else str(ROOT / "target/release/pilin")
COUNT, EPS_M, MIN_POINTS, ROUNDS = 100_000, 500.0, 5, 5


def places():
    """Half anywhere over the delta, half round 400 hot spots 300 to 1,500 m wide."""
    draw = np.random.default_rng(20261125)
    half = COUNT // 2
    wide = np.column_stack([draw.uniform(115.0, 122.5, half), draw.uniform(27.5, 35.0, half)])
    spots = np.column_stack([draw.uniform(115.0, 122.5, 400), draw.uniform(27.5, 35.0, 400)])
    width_m = draw.uniform(300.0, 1500.0, 400)
    which = draw.integers(0, 400, half)
    metres = draw.normal(size=(half, 2)) * width_m[which, None]
    degrees = metres / np.column_stack([111_320.0 * np.cos(np.radians(spots[which, 1])),
                                        np.full(half, 110_950.0)])
    return draw.permutation(np.vstack([wide, spots[which] + degrees]))


def earth_centred(degrees):
    """As src/atlas/ground.rs: WGS-84, metres."""
    lng, lat = np.radians(degrees).T
    a, e2 = 6_378_137.0, 0.006_694_379_990_141_317
    normal = a / np.sqrt(1.0 - e2 * np.sin(lat) ** 2)
    return np.column_stack([normal * np.cos(lat) * np.cos(lng), normal * np.cos(lat) * np.sin(lng),
                            normal * (1.0 - e2) * np.sin(lat)])


def pilin(file):
    """Its labels (-1 is noise), cores, and the best time in ms."""
    best = float("inf")
    for _ in range(ROUNDS):
        done = subprocess.run(
            [PILIN, "analyze", "clusters", "--eps-m", str(EPS_M), "--min-points", str(MIN_POINTS),
             "--time", file], check=True, capture_output=True, text=True)
        best = min(best, float(re.search(r"in ([\d.]+) ms", done.stderr).group(1)))
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    labels = np.array([int(row["cluster"]) if row["cluster"] else -1 for row in rows])
    return labels, np.array([row["core"] == "true" for row in rows]), best


def peer(points):
    best = float("inf")
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        found = DBSCAN(eps=EPS_M, min_samples=MIN_POINTS, n_jobs=1).fit(points)
        best = min(best, (time.perf_counter() - begun) * 1e3)
    core = np.zeros(len(points), bool)
    core[found.core_sample_indices_] = True
    return found.labels_, core, best


def check(points, ours, our_core, theirs, their_core):
    assert (our_core == their_core).all(), "the cores differ"
    assert ((ours < 0) == (theirs < 0)).all(), "the noise differs"
    pairs = np.unique(np.column_stack([ours[our_core], theirs[our_core]]), axis=0)
    assert len(pairs) == len(np.unique(pairs[:, 0])) == len(np.unique(pairs[:, 1])), \
        "the cores are parted otherwise"
    border = np.flatnonzero((ours >= 0) & ~our_core)
    cores = np.flatnonzero(our_core)
    _, nearest = cKDTree(points[cores]).query(points[border])
    assert (ours[border] == ours[cores[nearest]]).all(), "a border point is not with its nearest core"
    return len(pairs), len(cores), len(border)


def main():
    degrees = places()
    with tempfile.TemporaryDirectory() as folder:
        file = f"{folder}/places.csv"
        with open(file, "w", newline="") as out:
            table = csv.writer(out)
            table.writerow(["id", "lon", "lat"])
            table.writerows([at, repr(float(lng)), repr(float(lat))]
                            for at, (lng, lat) in enumerate(degrees))
        ours, our_core, our_ms = pilin(file)
    points = earth_centred(degrees)
    theirs, their_core, their_ms = peer(points)
    clusters, cores, border = check(points, ours, our_core, theirs, their_core)
    print(f"same partition: {clusters} clusters, {cores} cores, {border} border points, "
          f"{(ours < 0).sum()} noise")
    print(f"pilin {our_ms:.1f} ms, scikit-learn {their_ms:.1f} ms: {their_ms / our_ms:.1f} times")
    rows = [{"what": f"batch clusters of {COUNT:,} points, one core", "figure": our_ms, "unit": "ms",
             "peer": f"scikit-learn {their_ms:.0f} ms", "ratio": their_ms / our_ms,
             "goal": "at least 5 times as fast, same partition"}]
    folder = ROOT / "target/bench"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "dbscan.json").write_text(json.dumps(rows))


if __name__ == "__main__":
    main()
