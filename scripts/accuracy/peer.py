"""MASE of mlforecast with LightGBM on a table of a panel, beside which docs/accuracy.md puts ours.

    python scripts/accuracy/peer.py FILE FREQUENCY STEPS ORIGINS EVERY SEASON [SEASON]

FILE has the columns id, t, y. One global recursive model: lags, rolling statistics, calendar; of four settings the best on
eight origins before the test; fitted again every fifth origin. MASE by the first season, its denominator from before the first
origin. Python 3.11 with pandas 2, lightgbm 4.7.0 and mlforecast 1.1.0.
"""
import os, sys, warnings
os.environ["NIXTLA_ID_AS_COL"] = "1"
warnings.filterwarnings("ignore")
import lightgbm as lgb
import numpy as np
import pandas as pd
from mlforecast import MLForecast
from mlforecast.lag_transforms import ExponentiallyWeightedMean, RollingMean, RollingStd, SeasonalRollingMean
from mlforecast.target_transforms import Differences, LocalStandardScaler

FILE, FREQ = sys.argv[1:3]
H, K, EVERY, m = map(int, sys.argv[3:7])
M = int(sys.argv[7]) if len(sys.argv) > 7 else None
IS_DAILY = FREQ == "D"

table = pd.read_csv(FILE)
table["t"] = pd.to_datetime(table.t).dt.tz_localize(None)
actual = table.pivot(index="t", columns="id", values="y").asfreq(FREQ)
known = actual.ffill()
n = len(actual)
TEST = [n - H - (K - 1 - k) * EVERY for k in range(K)]
VALIDATION = [TEST[0] - H - k * H for k in range(7, -1, -1)]
floor = 0 if actual.min().min() >= 0 else None
unit = actual.iloc[: TEST[0]].diff(m).abs().mean().to_numpy()

recent = {1, 2, 3, 4, 6, 12, m // 2, m - 1, m, m + 1, 2 * m}
weekly = {7 * m, M - 1, M, M + 1} if M else {14, 21, 28} if IS_DAILY else set()
LAGS = sorted(lag for lag in recent | weekly if 0 < lag < n // 3)
TRANSFORMS = {
    1: [RollingMean(max(4, m // 4)), RollingMean(m), RollingStd(m), ExponentiallyWeightedMean(0.3)],
    m: [RollingMean(m), SeasonalRollingMean(season_length=m, window_size=4)],
}


def minute(t):
    return t.hour * 60 + t.minute


SETTINGS = {
    "scaled": ([LocalStandardScaler()], "regression"),
    "scaled, absolute error": ([LocalStandardScaler()], "regression_l1"),
    "differences to the period before": ([Differences([1]), LocalStandardScaler()], "regression"),
    "differences to the season before": ([Differences([m]), LocalStandardScaler()], "regression"),
}


def until(origin):
    long = known.iloc[:origin].reset_index().melt("t", var_name="unique_id", value_name="y")
    return long.rename(columns={"t": "ds"}).dropna()


def fitted(origin, setting):
    transforms, objective = SETTINGS[setting]
    model = lgb.LGBMRegressor(
        n_estimators=400, learning_rate=0.05, num_leaves=63, min_child_samples=20, subsample=0.8, subsample_freq=1,
        colsample_bytree=0.8, objective=objective, verbosity=-1, n_jobs=2, random_state=1)
    forecast = MLForecast(
        models={"mean": model}, freq=FREQ, lags=LAGS, lag_transforms=TRANSFORMS,
        date_features=["dayofweek", "dayofyear"] if IS_DAILY else [minute, "dayofweek"], target_transforms=list(transforms))
    forecast.fit(until(origin), static_features=[])
    return forecast


def mase(origins, setting, every):
    errors = []
    for index, origin in enumerate(origins):
        if index % every == 0:
            forecast = fitted(origin, setting)
        said = forecast.predict(H, new_df=until(origin) if index % every else None)
        said = said.pivot(index="ds", columns="unique_id", values="mean").reindex(columns=actual.columns).clip(lower=floor)
        errors.append(np.abs(said.to_numpy() - actual.iloc[origin : origin + H].to_numpy()) / unit)
    return np.nanmean(np.nanmean(np.concatenate(errors), axis=0))


tried = {setting: mase(VALIDATION, setting, len(VALIDATION)) for setting in SETTINGS}
best = min(tried, key=tried.get)
print({setting: round(error, 3) for setting, error in tried.items()})
print(best, round(mase(TEST, best, 5), 3))
