"""Lets Rasa be imported where TensorFlow, and the channels and stores of Rasa, are not installed.

Import this before the first `import rasa`. Every name asked of an absent package becomes an empty
class, so that Rasa's modules can be read; whoever calls one gets a clear error. The pipeline in
nlu/config.yml calls none.
"""

import importlib.abc
import importlib.machinery
import importlib.util
import sys
import types
from typing import Any, Optional, Sequence

_CANDIDATES = (
    "absl aio_pika aiogram aiormq boto3 botocore bson cachecontrol colorclass coloredlogs confluent_kafka engineio "
    "fbmessenger google.auth google.cloud google.oauth2 keras matplotlib mattermostwrapper psycopg2 pydot pymongo redis "
    "rocketchat_API slack_sdk socketio sympy tensorflow tensorflow_addons tensorflow_hub tensorflow_probability tensorflow_text twilio "
    "webexteamssdk"
).split()


def _is_here(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:  # not even the package that it lies in
        return False


ABSENT = tuple(name for name in _CANDIDATES if not _is_here(name))


def _is_absent(module: str) -> bool:
    return any(f"{module}.".startswith(f"{name}.") for name in ABSENT)


class _Name(type):
    """Class of the empty classes: any attribute is again an empty class."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        value = _Name(name, (), {"__module__": cls.__module__})
        setattr(cls, name, value)
        return value

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        if not _is_absent(cls.__module__):  # a class of Rasa's that inherits from an absent one
            return super().__call__(*args, **kwargs)
        if len(args) == 1 and callable(args[0]) and not kwargs:  # used as a decorator
            return args[0]
        raise RuntimeError(f"{cls.__module__}.{cls.__name__} is not installed: use a pipeline without it")


class _Module(types.ModuleType):
    """A module every name of which exists."""

    __version__ = "2.12.0"  # the TensorFlow that Rasa 3.6.21 pins: Rasa compares it on import

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        value = _Name(name, (), {"__module__": self.__name__})
        setattr(self, name, value)
        return value


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds every module under an absent package."""

    def find_spec(
        self, fullname: str, path: Optional[Sequence[str]] = None, target: Any = None
    ) -> Optional[importlib.machinery.ModuleSpec]:
        if not _is_absent(fullname):
            return None
        return importlib.machinery.ModuleSpec(fullname, self, is_package=True)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        module = _Module(spec.name)
        module.__path__ = []  # type: ignore[attr-defined]
        return module

    def exec_module(self, module: types.ModuleType) -> None:
        parent, _, child = module.__name__.rpartition(".")
        if parent:
            setattr(sys.modules[parent], child, module)


if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
    sys.meta_path.insert(0, _Finder())
