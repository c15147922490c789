"""Writes the breast-cancer table that scikit-learn bundles (569 tumours, 30 measurements) to data/diagnosis.csv."""
from pathlib import Path

from sklearn.datasets import load_breast_cancer

bunch = load_breast_cancer(as_frame=True)
table = bunch.frame.rename(columns=lambda name: name.replace(" ", "_"))
# In the bunch 1 is benign; what a hospital looks for is the malignant ones.
table["malignant"] = 1 - table.pop("target")
table.insert(0, "patient", range(1, len(table) + 1))

folder = Path(__file__).parent / "data"
folder.mkdir(exist_ok=True)
table.to_csv(folder / "diagnosis.csv", index=False)
print(f"{len(table)} tumours in data/diagnosis.csv")
