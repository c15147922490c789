"""Two services around one ONNX model, for teams that serve with Python: /predict takes a list of numbers, /score an entity whose features
this service looks up. Both write the prediction log that Weighin's monitoring, skew and replay read.

    MODEL=churn.onnx MODEL_VERSION=v12 LOG=logs/churn.jsonl uvicorn app:app --host 0.0.0.0 --port 8000 --workers 4
"""
import json
import math
import os
import time
import uuid
from datetime import datetime, timezone

import numpy as np
import onnxruntime as ort
from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

options = ort.SessionOptions()
options.intra_op_num_threads = 1
session = ort.InferenceSession(os.environ["MODEL"], options, providers=["CPUExecutionProvider"])
model_input = session.get_inputs()[0]
width = model_input.shape[1]
version = os.environ.get("MODEL_VERSION", "v1")
# One file a process: workers never write into each other's lines.
path = os.environ.get("LOG")
log = open(f"{path.removesuffix('.jsonl')}-{os.getpid()}.jsonl", "a", buffering=1) if path else None
# Where a feature store would be asked. Replace it with yours; `skew` then tells whether it says what training saw.
store: dict[str, list[float]] = json.load(open(os.environ["FEATURES"])) if os.environ.get("FEATURES") else {}

app = FastAPI(title="churn")


@app.exception_handler(Exception)
def failed(request: Request, error: Exception) -> JSONResponse:
    # What went wrong, and none of the values that it went wrong with: those stay in this server's own log.
    return JSONResponse({"detail": f"The service failed ({type(error).__name__})."}, 500)


class Features(BaseModel):
    features: list[float] = Field(min_length=1)


class Entity(BaseModel):
    entity_id: str = Field(min_length=1)
    context: dict[str, str] = {}


def contextual(context: dict[str, str], now: datetime) -> dict:
    """What only the moment of the request knows."""
    return {
        "hour_of_day": now.hour,
        "is_weekend": now.weekday() >= 5,
        "device_type": context.get("device_type", "unknown"),
        "ip_country": context.get("ip_country", "unknown"),
    }


def score_of(values: list[float]) -> float:
    if len(values) != width:
        raise HTTPException(422, f"The model takes {width} numbers, and {len(values)} came.")
    if not all(math.isfinite(value) for value in values):
        raise HTTPException(422, "Every value must be a finite number.")
    return float(session.run(None, {model_input.name: np.array([values], np.float32)})[1][0, 1])


def answered(request: str, features: dict, score: float, prediction: int, started: float) -> float:
    latency = (time.perf_counter() - started) * 1000
    if log:
        line = {"id": request, "time": datetime.now(timezone.utc).isoformat(timespec="milliseconds"), "model": "churn", "version": version,
                "variant": None, "features": features, "score": score, "prediction": prediction, "latency_ms": round(latency, 3)}
        log.write(json.dumps(line, allow_nan=False) + "\n")
    return latency


@app.post("/predict")
def predict(request: Features) -> dict:
    started = time.perf_counter()
    score = score_of(request.features)
    prediction = int(score > 0.5)
    answered(str(uuid.uuid4()), {f"f{at}": value for at, value in enumerate(request.features)}, score, prediction, started)
    return {"prediction": prediction, "probability": max(score, 1 - score)}


@app.post("/score")
def score(request: Entity) -> dict:
    started = time.perf_counter()
    values = store.get(request.entity_id)
    if values is None:
        raise HTTPException(404, "There is no such entity in the feature store.")
    found = score_of(values)
    # Exactly one half is no.
    prediction = int(found > 0.5)
    features = {**{f"f{at}": value for at, value in enumerate(values)}, **contextual(request.context, datetime.now(timezone.utc))}
    latency = answered(str(uuid.uuid4()), features, found, prediction, started)
    return {"entity_id": request.entity_id, "score": found, "prediction": prediction, "model_version": version, "latency_ms": latency}


@app.get("/health")
def health() -> dict:
    return {"status": "healthy", "model_loaded": True, "feature_store_connected": bool(store)}
