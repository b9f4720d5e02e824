"""Teaches four layers to answer as the twelve of multilingual-e5-small do: nlu/e5/layers.npz, an hour on two cores.

From the repository root: `nlu/.venv/bin/python -m nlu.distil.corpus FOLDER`, then, in the environment of
nlu/distil/pyproject.toml, `python -m nlu.distil.learn FOLDER`. Why: docs/decisions/sentence-model.md. nlu.train
then reads all utterances anew.
"""
