"""Trains a model of your own on the rows that `tidecast train --export` wrote, as ONNX.

    python train.py ROWS MODEL.onnx --kind ridge|lightgbm --until 2001-03-05

Learns from the origins whose targets lie before `--until`, forecasts from those after it, says how good
that was beside the values of the day before, and keeps these forecasts in MODEL.csv.
"""
import argparse, json
from pathlib import Path

import numpy as np, onnx, onnxruntime, pandas as pd


def ridge(features, targets):
    """All steps at once: one row an origin, as many outputs as steps."""
    from sklearn.linear_model import Ridge
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from skl2onnx import to_onnx
    from skl2onnx.common.data_types import DoubleTensorType

    model = make_pipeline(StandardScaler(), Ridge(alpha=1_000)).fit(features, targets)
    return model, to_onnx(model, initial_types=[("features", DoubleTensorType([None, features.shape[1]]))])


def lightgbm(features, targets):
    """One model for all steps: one row a step, one output. It knows itself what to do about gaps."""
    from lightgbm import LGBMRegressor
    from onnxmltools import convert_lightgbm
    from onnxmltools.convert.common.data_types import DoubleTensorType

    model = LGBMRegressor(objective="l1", n_estimators=40, num_leaves=15, n_jobs=1, verbose=-1)
    model.fit(features, targets.ravel())
    # In float64, as the rows are: in float32 a value can fall on the other side of a split.
    return model, convert_lightgbm(model, initial_types=[("features", DoubleTensorType([None, features.shape[1]]))])


# How each reads rows, and what it is given in place of what is missing.
KINDS = {"ridge": (ridge, "direct", "zero"), "lightgbm": (lightgbm, "per-step", "nan")}


class Rows:
    """What was exported, origin by origin; `steps` rows belong to each."""

    def __init__(self, folder):
        self.said = json.loads((folder / "features.json").read_text())
        self.features, self.targets = np.load(folder / "features.npy"), np.load(folder / "targets.npy")
        self.origins = pd.read_csv(folder / "origins.csv", parse_dates=["origin"])
        self.horizon = self.said["horizon"]
        self.period = pd.Timedelta(json.loads(self.said["metadata"]["tidecast.feature_schema"])["frequency"])
        self.steps = len(self.features) // len(self.origins)

    def where(self, chosen):
        """The rows of some of the origins."""
        return np.repeat(chosen.to_numpy(), self.steps)

    def day_before(self, rows):
        names = [name for name in self.said["columns"] if name.startswith("seasonal_24_1@")]
        return rows[:, [self.said["columns"].index(name) for name in names]].reshape(-1, self.horizon)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("rows", type=Path)
    parser.add_argument("model", type=Path)
    parser.add_argument("--kind", choices=KINDS, default="ridge")
    parser.add_argument("--until", type=lambda text: pd.Timestamp(text, tz="UTC"), required=True)
    asked = parser.parse_args()

    rows = Rows(asked.rows)
    train, strategy, missing = KINDS[asked.kind]
    if rows.said["strategy"] != strategy:
        raise SystemExit(f"{asked.kind} learns from other rows: export them with --strategy {strategy}")
    features = np.nan_to_num(rows.features) if missing == "zero" else rows.features
    origin = rows.origins["origin"]
    learnt = rows.where(origin + rows.horizon * rows.period < asked.until) & ~np.isnan(rows.targets).any(axis=1)
    held = rows.where(origin >= asked.until)

    model, graph = train(features[learnt], rows.targets[learnt])
    for key, value in {**rows.said["metadata"], "tidecast.missing": missing}.items():
        graph.metadata_props.add(key=key, value=value)
    onnx.save(graph, asked.model)

    means = model.predict(features[held]).reshape(-1, rows.horizon)
    session = onnxruntime.InferenceSession(asked.model, providers=["CPUExecutionProvider"])
    served = session.run(None, {"features": features[held]})[0].reshape(means.shape)
    apart = (np.abs(served - means) / np.maximum(1, np.abs(means))).max()
    actual = rows.targets[held].reshape(means.shape)
    error, naive = (np.nanmean(np.abs(said - actual)) for said in (means, rows.day_before(features[held])))
    print(f"{asked.kind}: {learnt.sum()} rows learnt; error {error:.3f}, of the day before {naive:.3f}; ONNX differs by {apart:.0e}")

    steps = pd.DataFrame(means, columns=[f"step_{step + 1}" for step in range(rows.horizon)])
    forecasts = rows.origins[origin >= asked.until].reset_index(drop=True).join(steps)
    forecasts.to_csv(asked.model.with_suffix(".csv"), index=False, date_format="%Y-%m-%dT%H:%M:%SZ")


main()
