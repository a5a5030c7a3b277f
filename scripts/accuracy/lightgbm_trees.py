"""LightGBM on the matrix of scripts/accuracy/trees.ts, which calls this; prints what it took as JSON.

    pip install numpy==2.4.6 lightgbm==4.7.0

One thread. Seconds are those of the processor, as for ours: who else uses the machine does not count.
"""
import json, sys, time
import lightgbm as lgb, numpy as np

folder, options = sys.argv[1], json.loads(sys.argv[2])
inputs, targets = np.load(f"{folder}/learnt.inputs.npy"), np.load(f"{folder}/learnt.targets.npy").ravel()

settings = {
    "objective": "l1",
    "learning_rate": options["rate"],
    # As deep as ours may grow, and every node of it: what a tree is grown by first is then no matter.
    "max_depth": options["depthMax"],
    "num_leaves": 2 ** options["depthMax"],
    "min_data_in_leaf": options["leafMin"],
    "min_sum_hessian_in_leaf": 0,
    "bagging_fraction": options["sampleShare"],
    "bagging_freq": options["treesADraw"],
    "feature_fraction": options["inputShare"],
    "max_bin": options["bins"] - 1,
    "num_threads": 1,
    "verbosity": -1,
}

before = time.process_time()
data = lgb.Dataset(inputs, targets, params=settings).construct()
binned = time.process_time() - before

held, actual = np.load(f"{folder}/held-out.inputs.npy"), np.load(f"{folder}/held-out.targets.npy").ravel()
boosted, errors = [], []
for seed in range(1, options["seeds"] + 1):
    before = time.process_time()
    model = lgb.train({**settings, "seed": seed}, data, num_boost_round=options["trees"])
    boosted.append(time.process_time() - before)
    errors.append(np.abs(model.predict(held, num_threads=1) - actual).mean())
print(json.dumps({"binned": binned, "boosted": np.mean(boosted), "error": np.mean(errors)}))
