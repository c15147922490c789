"""Says what scikit-learn makes of the very rows that a report is about.
usage: recompute-metrics.py ROWS.parquet LABEL THRESHOLD SCORES COLUMN   (SCORES is CSV or Parquet, in the order of the rows)"""
import json
import sys

import numpy as np
import pandas as pd
from sklearn import metrics

rows, label, threshold, scores, column = sys.argv[1:]
y = pd.read_parquet(rows)[label].to_numpy()
s = (pd.read_csv if scores.endswith(".csv") else pd.read_parquet)(scores)[column].to_numpy()
positive = (s >= float(threshold)).astype(int)


def expected_calibration_error(bins=10):
    """|observed share − mean score| of equal-width bins (lo, hi], weighted by their rows. scikit-learn has none."""
    bin_of = np.maximum(np.searchsorted(np.arange(bins + 1) / bins, s) - 1, 0)
    return sum(abs(y[bin_of == b].mean() - s[bin_of == b].mean()) * (bin_of == b).mean() for b in np.unique(bin_of))


print(
    json.dumps(
        {
            "roc_auc": metrics.roc_auc_score(y, s),
            "average_precision": metrics.average_precision_score(y, s),
            "log_loss": metrics.log_loss(y, s),
            "brier": metrics.brier_score_loss(y, s),
            "ece": expected_calibration_error(),
            "accuracy": metrics.accuracy_score(y, positive),
            "balanced_accuracy": metrics.balanced_accuracy_score(y, positive),
            "precision": metrics.precision_score(y, positive),
            "recall": metrics.recall_score(y, positive),
            "f1": metrics.f1_score(y, positive),
            "mcc": metrics.matthews_corrcoef(y, positive),
        }
    )
)
