"""Expected feature rows, computed by pandas from time stamps, for test/unit/features/oracle.test.ts.

    python test/oracles/features.py DATA_FOLDER    (pandas 2 or 3, numpy, tzdata)

DATA_FOLDER holds us_flights_2001_hourly, bikeshare_uci and nab; see test/fixtures/features/README.md.
Nothing here knows of rings, blocks or period numbers: a lag is a subtraction on the local clock.
"""
import json, math, re, sys
import numpy as np, pandas as pd

DATA = sys.argv[1]
OUT = "test/fixtures/features/"


class Oracle:
    def __init__(self, series, freq, zone, seasons, horizon, holidays=()):
        self.s, self.zone, self.horizon, self.seasons = series, zone, horizon, seasons
        self.step = pd.Timedelta(freq)
        self.m = seasons[0]
        self.M = seasons[1] if len(seasons) > 1 else seasons[0]
        self.W = seasons[1] if len(seasons) > 1 else 4 * seasons[0]
        self.holidays = {pd.Timestamp(d) for d in holidays}
        self.values = dict(zip(series.index, series.to_numpy(float)))

    def local(self, t):
        return t.tz_convert(self.zone).tz_localize(None)

    def before(self, t, lag):
        span = lag * self.step
        if self.step >= pd.Timedelta("1D"):
            return t - span
        if span % pd.Timedelta("1D") != pd.Timedelta(0):
            return t - span
        wall = self.local(t) - span
        there = wall.tz_localize(self.zone, ambiguous=True, nonexistent="shift_forward")
        return there.tz_convert("UTC").floor(self.step)

    def at(self, t):
        return self.values.get(t, math.nan) if t <= self.origin else math.nan

    def mean(self, numbers):
        known = [x for x in numbers if not math.isnan(x)]
        return float(np.mean(known)) if known else math.nan

    def deviation(self, t):
        return self.at(t) - self.mean([self.at(self.before(t, self.M * j)) for j in range(1, 9)])

    def rolled(self, shift, window):
        end = self.origin - shift * self.step
        return self.s[: end].reindex(pd.date_range(end - (window - 1) * self.step, end, freq=self.step))

    def seasonal(self, h, season, first, last, offset=0, after=None):
        target, got = self.origin + h * self.step, []
        base = season * (math.ceil(h / season) - 1) + (after * math.ceil(h / after) if after else 0)
        for j in range(first, last + 1):
            t = self.before(target, base + season * j) - offset * self.step
            if t > self.origin:
                t = self.before(target, base + season * (j + 1)) - offset * self.step
            got.append(self.at(t))
        return self.mean(got)

    def holiday(self, t, by=0):
        day = self.local(t).normalize()
        is_one = day in self.holidays
        return float(is_one) if by == 0 else float(day + pd.Timedelta(days=by) in self.holidays and not is_one)

    def special_day(self, day):
        for by, place in ((0, 1), (1, 0), (-1, 2)):
            other = day + pd.Timedelta(days=by)
            if other in self.holidays: return 3.0 * (100 * other.month + other.day) + place
        return 0.0

    def feature(self, name):
        first = self.origin + self.step
        wall = self.local(first)
        if name == "hour": return float(wall.hour)
        if name == "dayofweek": return float(wall.day_of_week)
        if name == "month": return float(wall.month)
        if name == "is_weekend": return float(wall.day_of_week >= 5)
        if name == "is_holiday": return self.holiday(first)
        if name == "scale":
            n = 3 * self.W
            change = (self.s[: self.origin] - self.s[: self.origin].shift(self.m)).abs().iloc[-n:]
            value = change.mean()
            return 1.0 if value <= 1e-9 else value
        if name == "whole":
            known = self.rolled(0, self.W).dropna()
            return float(len(known) > 0 and (known >= 0).all() and (known % 1 == 0).all())
        if name.startswith("lag_"): return self.at(self.before(first, int(name[4:])))
        if g := re.fullmatch(r"rolling_(\w+?)_(\d+)", name):
            return float(getattr(self.rolled(0, int(g[2])), g[1])())
        if g := re.fullmatch(r"deviation_(\d+)", name):
            return self.deviation(self.origin - int(g[1]) * self.step)
        if g := re.fullmatch(r"deviation_mean_(\d+)", name):
            return self.mean([self.deviation(self.origin - k * self.step) for k in range(int(g[1]))])
        if g := re.fullmatch(r"level_change_(\d+)_(\d+)_(\d+)", name):
            return float(self.rolled(0, int(g[1])).mean() - self.rolled(int(g[3]), int(g[2])).mean())
        name, h = name.split("@")
        h = int(h)
        if name.startswith("target_"): return self.target(name[7:], self.local(self.origin + h * self.step))
        if name == "special_day": return self.special_day(self.local(self.origin + h * self.step).normalize())
        if g := re.fullmatch(r"deviation_(\d+)", name):
            lag = int(g[1])
            return math.nan if h > lag else self.deviation(self.origin + (h - lag) * self.step)
        if name in DAYS: return self.holiday(self.origin + h * self.step, DAYS[name])
        g = re.fullmatch(r"seasonal_(\d+)_(\d+)(?:\.\.(\d+))?(?:_offset_(-?\d+))?(?:_after_(\d+))?", name)
        season, lo, hi, offset, after = (None if x is None else int(x) for x in g.groups())
        return self.seasonal(h, season, lo, hi or lo, offset or 0, after)

    def target(self, field, wall):
        return float({"minuteofday": wall.hour * 60 + wall.minute, "dayofweek": wall.day_of_week,
                      "dayofyear": wall.day_of_year}[field])

    def row(self, origin, names):
        self.origin = origin
        return [self.feature(name) for name in names]

    def naive(self, origin):
        self.origin = origin
        pairs = [(s, 1) for s in self.seasons] + [(self.M, 4)]
        return [self.seasonal(h, s, 1, n) for h in range(1, self.horizon + 1) for s, n in pairs]


DAYS = {"is_holiday": 0, "is_day_before_holiday": 1, "is_day_after_holiday": -1}


def column_names(o):
    """The default features, written down once more from their description."""
    m, M = o["seasons"][0], (o["seasons"] + [None])[1]
    slot, wide, q = M or m, M or 4 * m, max(2, m // 4)
    scalars = [f"lag_{k}" for k in o["lags"]]
    scalars += [f"rolling_{f}_{w}" for w in o["windows"] for f in ("mean", "std", "min", "max")] + o["calendar"]
    scalars += [f"lag_{k}" for k in range(1, 2 * m + 3) if not M and m <= 14]
    scalars += ["scale", f"rolling_min_{9 * slot}", f"rolling_max_{9 * slot}", f"rolling_mean_{m}"]
    scalars += [f"deviation_{k}" for k in (0, 1, 2, 3, m, slot)]
    scalars += [f"deviation_mean_{w}" for w in sorted({q, m, 2 * m, wide})]
    changes = [(m, m, m), (m, m, wide), (m, wide, 0), (wide, wide, wide), (q, q, m), (q, q, wide)]
    scalars += [f"level_change_{a}_{b}_{c}" for a, b, c in changes] + ["whole"]
    profiles = [f"seasonal_{m}_{k}" for k in range(1, 8)] + [f"seasonal_{slot}_1..4", f"seasonal_{slot}_1..8"]
    if M:
        profiles += [f"seasonal_{M}_{k}" for k in (1, 2, 3)] + [f"seasonal_{M}_1..8_after_{m}"]
        profiles += [f"seasonal_{M}_1..4_offset_1", f"seasonal_{M}_1..4_offset_-1", f"seasonal_{m}_1..28"]
        profiles += [f"seasonal_{m}_1..7_offset_1", f"seasonal_{m}_2..8_offset_-1"]
    profiles += [f"deviation_{k}" for k in sorted({m, 2 * m, slot})]
    if o["holidays"]: profiles += list(DAYS) + ["special_day"]
    is_daily = o["frequency"] == "1d"
    profiles += ["target_minuteofday"] * (not is_daily) + ["target_dayofweek", "target_dayofyear"]
    once = lambda names: list(dict.fromkeys(names))
    return once(scalars) + [f"{p}@{h}" for p in once(profiles) for h in range(1, o["horizon"] + 1)]


def short(x):
    return None if math.isnan(x) else (int(x) if x == int(x) and abs(x) < 1e15 else float(f"{x:.13g}"))


def write(name, oracle, origins, options, **more):
    names = column_names(options)
    rows = [dict(origin=t.isoformat(), row=[short(x) for x in oracle.row(t, names)],
                 naive=[short(x) for x in oracle.naive(t)]) for t in origins]
    body = dict(options=options, names=names, **more, rows=rows)
    json.dump(body, open(f"{OUT}{name}.json", "w"), separators=(",", ":"))
    print(name, len(names), "columns", len(rows), "rows")


def utc(text):
    return pd.Timestamp(text, tz="UTC")


def options(frequency, zone, seasons, horizon, lags, windows, calendar, holidays=()):
    return dict(frequency=frequency, timeZone=zone, seasons=seasons, horizon=horizon, lags=lags, windows=windows,
                calendar=calendar, holidays=list(holidays))


FIELDS = ["hour", "dayofweek", "month", "is_weekend", "is_holiday"]
HOURLY = dict(seasons=[24, 168], horizon=24, lags=[1, 2, 3, 24, 48, 168, 336], windows=[24, 168, 672], calendar=FIELDS)


def flights():
    d = pd.read_csv(DATA + "/us_flights_2001_hourly/departures_hourly_top60.csv").iloc[:-1]
    return pd.Series(d["ATL"].to_numpy(float), index=pd.to_datetime(d.hour_local).dt.tz_localize("UTC"))


def bike():
    d = pd.read_csv(DATA + "/bikeshare_uci/hour.csv")
    t = pd.to_datetime(d.dteday, format="%m/%d/%Y") + pd.to_timedelta(d.hr, unit="h")
    s = pd.Series(d.cnt.to_numpy(float), index=t.dt.tz_localize("UTC"))
    return s.reindex(pd.date_range(s.index[0], s.index[-1], freq="h"))


def arrivals(series, seed):
    """What a source would send: known values only, 5 % up to a day late, 2 % wrong at first, 2 % twice."""
    rng, sent = np.random.default_rng(seed), []
    for i, x in enumerate(series.to_numpy()):
        if math.isnan(x): continue
        late = float(rng.integers(1, 25)) if rng.random() < .05 and i > 0 else 0.0
        if rng.random() < .02: sent += [(i + late, i, x + 100), (i + late + 30, i, x)]
        elif rng.random() < .02: sent += [(i + late, i, x), (i + late, i, x)]
        else: sent.append((i + late, i, x))
    sent.sort(key=lambda e: e[0])
    return [[i, short(x)] for _, i, x in sent]


def bike_case(name, source_start, start, hours, zone, origins, seed):
    s = bike()[utc(source_start):].iloc[:hours]
    s.index = pd.date_range(utc(start), periods=hours, freq="h")
    o = Oracle(s, "1h", zone, [24, 168], 24)
    write(name, o, [utc(t) for t in origins], options("1h", zone, **HOURLY), start=s.index[0].isoformat(),
          arrivals=arrivals(s, seed))


def taxi():
    d = pd.read_csv(DATA + "/nab/data/realKnownCause/nyc_taxi.csv")
    s = pd.Series(d.value.to_numpy(float), index=pd.to_datetime(d.timestamp).dt.tz_localize("UTC"))
    s = s["2014-08-29":"2014-11-05"]
    zone = "America/New_York"
    o = Oracle(s, "30min", zone, [48, 336], 48)
    opts = options("30m", zone, [48, 336], 48, [1, 2, 3, 48, 96, 336], [48, 336], FIELDS)
    origins = ["2014-11-02T04:30", "2014-11-02T05:30", "2014-11-02T06:00", "2014-11-03T05:30"]
    write("taxi-new-york-autumn", o, [utc(t) for t in origins], opts, start=s.index[0].isoformat(),
          arrivals=[[i, short(x)] for i, x in enumerate(s)])


def daily():
    s = flights().resample("1D").sum()
    holidays = ["2001-01-01", "2001-01-15", "2001-02-19", "2001-05-28"]
    o = Oracle(s, "1D", "UTC", [7], 7, holidays)
    opts = options("1d", "UTC", [7], 7, [1, 7, 14, 28, 365], [7, 14, 28], FIELDS, holidays)
    origins = ["2001-01-10", "2001-02-17", "2001-02-18", "2001-05-24", "2001-05-27", "2001-06-28"]
    write("flights-daily", o, [utc(t) for t in origins], opts, start=s.index[0].isoformat(),
          arrivals=[[i, short(x)] for i, x in enumerate(s)])


def machine():
    """Five-minute readings with repeated and backward stamps, as the mean of each hour."""
    d = pd.read_csv(DATA + "/nab/data/realKnownCause/machine_temperature_system_failure.csv")
    t = pd.to_datetime(d.timestamp)
    back = int(np.flatnonzero(t.diff().dt.total_seconds().to_numpy() <= 0)[0])
    d, t = d.iloc[back - 3600: back + 1200], t.iloc[back - 3600: back + 1200]
    hour = t.dt.floor("h")
    s = d.value.groupby(hour.to_numpy()).mean()
    s.index = s.index.tz_localize("UTC")
    s = s.reindex(pd.date_range(s.index[0], s.index[-1], freq="h"))
    o = Oracle(s, "1h", "UTC", [24], 24)
    opts = options("1h", "UTC", [24], 24, [1, 2, 24], [24, 48], FIELDS)
    ms = t.astype("datetime64[ms]").astype("int64").to_numpy()
    write("machine-hourly-mean", o, [s.index[k] for k in (60, 330, len(s) - 40, len(s) - 1)], opts,
          start=s.index[0].isoformat(), startMs=int(ms[0]),
          events=[[int(a), short(x)] for a, x in zip(np.diff(ms, prepend=ms[0]) // 1000, d.value)])


if __name__ == "__main__":
    s = flights()["2001-01-24":"2001-04-05"]
    write("flights-new-york-spring", Oracle(s, "1h", "America/New_York", [24, 168], 24),
          [utc(t) for t in ("2001-01-29T03:00", "2001-03-31T07:00", "2001-04-01T05:00", "2001-04-01T06:00",
                            "2001-04-01T07:00", "2001-04-02T06:00", "2001-04-04T12:00")],
          options("1h", "America/New_York", **HOURLY), start=s.index[0].isoformat(),
          arrivals=[[i, short(x)] for i, x in enumerate(s)])
    bike_case("bike-berlin-spring", "2011-01-10", "2023-01-18T00:00", 1680, "Europe/Berlin",
              ["2023-03-25T01:00", "2023-03-26T00:00", "2023-03-26T01:00", "2023-03-27T00:00", "2023-03-28T10:00"], 1)
    bike_case("bike-berlin-autumn", "2012-08-25", "2023-08-24T00:00", 1680, "Europe/Berlin",
              ["2023-10-28T22:00", "2023-10-29T00:00", "2023-10-29T01:00", "2023-10-30T01:00", "2023-10-31T10:00"], 2)
    taxi()
    daily()
    machine()
