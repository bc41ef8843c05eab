"""Finding segments: features, k-means, the number of segments, the model."""
