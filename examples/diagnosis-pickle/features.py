"""What the model reads, in the order in which it does: training, prediction and export share it."""

measurements = ["radius", "texture", "perimeter", "area", "smoothness", "compactness", "concavity", "concave_points", "symmetry", "fractal_dimension"]
features = [f"mean_{name}" for name in measurements] + [f"{name}_error" for name in measurements] + [f"worst_{name}" for name in measurements]
