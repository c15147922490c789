"""Two models' scores of a million real flights, for the bootstrap: a candidate and a baseline that knows less.
usage: make_predictions.py REFERENCE.parquet CURRENT.parquet OUT.parquet   (columns y, candidate, baseline; the same for the same input)"""
import sys

import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier

reference, current, out = sys.argv[1:]
columns = {"candidate": ["distance", "hour", "weekday", "fare", "load_factor"], "baseline": ["distance", "hour"]}
train, test = (pd.read_parquet(path, columns=[*columns["candidate"], "late"]) for path in (reference, current))
train = train.iloc[:200_000]
scores = {
    name: HistGradientBoostingClassifier(max_iter=40, random_state=1).fit(train[used], train["late"]).predict_proba(test[used])[:, 1]
    for name, used in columns.items()
}
pd.DataFrame({"y": test["late"], **scores}).to_parquet(out, index=False)
