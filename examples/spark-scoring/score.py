"""Scores a table on Spark with an ONNX model and leaves a prediction log that Weighin reads (weighin/prediction@1, as Parquet).

  spark-submit score.py --model model.onnx --name churn --version v3 --input rows.parquet --id customer_id --output scored
"""
import argparse
import time
from datetime import datetime, timezone

import numpy as np
from pyspark import SparkFiles
from pyspark.sql import SparkSession, functions as F
from pyspark.sql.types import DoubleType, StringType, StructField, StructType

# What ONNX calls a tensor's elements, what they are here, and what stands for a missing value.
kinds = {
    "tensor(float)": (np.float32, np.nan),
    "tensor(double)": (np.float64, np.nan),
    "tensor(int64)": (np.int64, None),
    "tensor(string)": (object, ""),
}


def open_session(path):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    # Spark runs one task a core already.
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def feed(rows, inputs):
    tensors = {}
    for one in inputs:
        dtype, missing = kinds[one.type]
        column = rows[one.name]
        if column.isna().any():
            if missing is None:
                raise ValueError(f"{one.name} is missing in some rows, and the model takes whole numbers there")
            column = column.astype(object).where(column.notna(), missing)
        tensors[one.name] = column.to_numpy(dtype=dtype).reshape(-1, 1)
    return tensors


def score_batches(file, class_index, threshold):
    """For mapInPandas: an iterator of batches in, one out. A session is made once a task, since it can't be sent to executors."""

    def score(batches):
        session = open_session(SparkFiles.get(file))
        inputs = session.get_inputs()
        answer = session.get_outputs()[-1].name
        for rows in batches:
            if len(rows) == 0:
                continue
            started = time.perf_counter()
            found = session.run([answer], feed(rows, inputs))[0]
            # ZipMap on: a dictionary a row, by class; else a matrix of classes, or one number a row.
            if isinstance(found, list):
                found = np.array([list(row.values()) for row in found])
            scores = np.asarray(found, dtype=np.float64).reshape(len(rows), -1)
            scores = scores[:, min(class_index, scores.shape[1] - 1)]
            scored = rows.copy()
            scored["score"] = scores
            scored["prediction"] = np.where(scores >= threshold, "1", "0")
            scored["latency_ms"] = 1_000 * (time.perf_counter() - started) / len(rows)
            yield scored

    return score


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("model", "name", "version", "input", "id", "output"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--class-index", type=int, default=1, help="which probability is the score; 1 is the second class")
    parser.add_argument("--threshold", type=float, default=0.5, help="from which score on the prediction is 1")
    asked = parser.parse_args()

    spark = SparkSession.builder.appName("weighin-scoring").config("spark.sql.session.timeZone", "UTC").getOrCreate()
    spark.sparkContext.addFile(asked.model)
    features = [one.name for one in open_session(asked.model).get_inputs()]
    rows = spark.read.parquet(asked.input)
    absent = [name for name in [*features, asked.id] if name not in rows.columns]
    if absent:
        raise SystemExit(f"{asked.input} has no column {', '.join(absent)}")

    selected = rows.select(F.col(asked.id).cast("string").alias("id"), *[F.col(f"`{name}`") for name in features])
    schema = StructType(
        [*selected.schema.fields, StructField("score", DoubleType()), StructField("prediction", StringType()), StructField("latency_ms", DoubleType())]
    )
    file = asked.model.rsplit("/", 1)[-1]
    scored = selected.mapInPandas(score_batches(file, asked.class_index, asked.threshold), schema)
    log = scored.select(
        "id",
        F.lit(datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")).alias("time"),
        F.lit(asked.name).alias("model"),
        F.lit(asked.version).alias("version"),
        F.struct(*[F.col(f"`{name}`") for name in features]).alias("features"),
        "score",
        "prediction",
        "latency_ms",
    )
    log.write.mode("errorifexists").parquet(asked.output)
    print(f"{spark.read.parquet(asked.output).count()} rows scored")
    spark.stop()


if __name__ == "__main__":
    main()
