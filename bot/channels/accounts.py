"""Our account at a vendor: the credentials that turn a channel on, by the vendor's own names."""

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, SecretStr, ValidationError

from bot.errors import SettingsError
from bot.settings import PREFIX


class Account(BaseModel):
    """Each field is a variable: `QUIETLINE_<CHANNEL>_<FIELD>`. Secrets are `SecretStr`."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True, extra="forbid")


def variables(channel: str, account: type[Account]) -> tuple[str, ...]:
    """Name the variables that must be set for a channel to be on."""
    fields = account.model_fields.items()
    return tuple(f"{PREFIX}{channel}_{name}".upper() for name, field in fields if field.is_required())


def account_of[A: Account](channel: str, account: type[A], settings: Mapping[str, SecretStr]) -> A | None:
    """Read an account from the settings; None: no variable of it is set, the channel is off.

    Raises:
        SettingsError: Some are set, and others are missing, malformed or unknown; it names them.
    """
    mine = f"{channel}_"
    given = {
        name.removeprefix(mine): value.get_secret_value() for name, value in settings.items() if name.startswith(mine)
    }
    if not given:
        return None
    try:
        return account(**given)
    except ValidationError as error:
        faults = error.errors(include_input=False)
        named = [f"{PREFIX}{channel}_{fault['loc'][0]}".upper() + f": {fault['msg']}" for fault in faults]
        raise SettingsError("; ".join(named)) from None
