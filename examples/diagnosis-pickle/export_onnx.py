"""The same model as ONNX, with one input a column: what serves it can't mix up their order, and needs no Python."""
from onnx import TensorProto, compose, helper
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType

from features import features


def export_onnx(model) -> bytes:
    trees = to_onnx(model, initial_types=[("features", FloatTensorType([None, len(features)]))], options={"zipmap": False}, target_opset=18)
    columns = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [None, 1]) for name in features]
    joined = helper.make_tensor_value_info("joined", TensorProto.FLOAT, [None, len(features)])
    graph = helper.make_graph([helper.make_node("Concat", features, ["joined"], axis=1)], "columns", columns, [joined])
    join = helper.make_model(graph, ir_version=trees.ir_version, opset_imports=trees.opset_import)
    return compose.merge_models(join, trees, io_map=[("joined", "features")]).SerializeToString()
