"""Answers the rows of $WEIGHIN_ROWS (CSV, features only) with the model $WEIGHIN_MODEL: one score a row, in the same order."""
import os
import pickle
from pathlib import Path

import pandas as pd

from features import features

rows = pd.read_csv(os.environ["WEIGHIN_ROWS"])
model = pickle.loads(Path(os.environ["WEIGHIN_MODEL"]).read_bytes())
scores = model.predict_proba(rows[features])[:, 1]
pd.DataFrame({"score": scores}).to_csv(os.environ["WEIGHIN_PREDICTIONS"], index=False)
