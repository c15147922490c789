"""Python's own ONNX Runtime on the rows of a Parquet file. usage: score-onnx.py MODEL.onnx ROWS.parquet SCORES.csv"""
import sys

import numpy as np
import onnxruntime
import pandas as pd

model, rows, scores = sys.argv[1:]
table = pd.read_parquet(rows)
session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
feed = {given.name: table[given.name].to_numpy(np.float32).reshape(-1, 1) for given in session.get_inputs()}
probabilities = session.run(["probabilities"], feed)[0]
pd.DataFrame({"score": probabilities[:, 1].astype(float)}).to_csv(scores, index=False)
