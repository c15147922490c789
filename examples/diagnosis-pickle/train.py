"""Trains on $WEIGHIN_TRAIN and leaves the model in $WEIGHIN_OUTPUT: model.pkl, or model.onnx with {"format": "onnx"} in $WEIGHIN_PARAMS."""
import json
import os
import pickle
from pathlib import Path

import pandas as pd
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.metrics import roc_auc_score

from features import features

params = json.loads(os.environ["WEIGHIN_PARAMS"])
train = pd.read_parquet(os.environ["WEIGHIN_TRAIN"])
validation = pd.read_parquet(os.environ["WEIGHIN_VALIDATION"])
model = GradientBoostingClassifier(
    n_estimators=params.get("trees", 100), learning_rate=params.get("learningRate", 0.1), random_state=int(os.environ["WEIGHIN_SEED"])
)
model.fit(train[features], train["malignant"])

output = Path(os.environ["WEIGHIN_OUTPUT"])
if params.get("format") == "onnx":
    from export_onnx import export_onnx

    (output / "model.onnx").write_bytes(export_onnx(model))
else:
    (output / "model.pkl").write_bytes(pickle.dumps(model))

# Shown in the report as what the script says of itself; it decides nothing.
validation_auc = roc_auc_score(validation["malignant"], model.predict_proba(validation[features])[:, 1])
(output / "metrics.json").write_text(json.dumps({"validation_roc_auc": validation_auc}))
print(f"validation roc_auc {validation_auc:.4f}")
