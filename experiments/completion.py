"""Completion of groups, their options and settings in bash, as Hydra's commands have it and by Hydra's own plugin.

Hydra's installer knows `python file.py`; ours are started with `python -m`, so the few lines of bash are here.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import redirect_stdout
from io import StringIO

from hydra.core.global_hydra import GlobalHydra
from hydra.core.plugins import Plugins
from hydra.plugins.completion_plugin import CompletionPlugin

from experiments.study.composing import configs_folder, groups, hydra_on
from simulator import SettingsError

FLAGS = ("--shell-completion", "-sc")
INSTALL, UNINSTALL, QUERY = "install=bash", "uninstall=bash", "query=bash"

SCRIPT = r"""
_complete_experiments() {
    local line="${COMP_LINE:0:COMP_POINT}"
    [[ "$line" =~ ^[^[:space:]]+\ +-m\ +(experiments\.[a-z_]+)\ +(.*)$ ]] || return
    local module="${BASH_REMATCH[1]}" typed="${BASH_REMATCH[2]}"
    local ask=("${COMP_WORDS[0]}" -m "$module" --shell-completion query=bash)
    local found="$(COMP_LINE="python $module $typed" "${ask[@]}" 2>/dev/null)"
    COMPREPLY=($(compgen -W "$found" -- "${line##* }"))
}
COMP_WORDBREAKS=${COMP_WORDBREAKS//=}
complete -o nospace -o default -F _complete_experiments python python3
"""


def shell_completion(config: str, group_names: list[str], request: str) -> str:
    """What `--shell-completion REQUEST` prints.

    Args:
        config: The command's primary config.
        group_names: The groups that it chooses from.
        request: `install=bash` or `uninstall=bash`, whose answers a shell evaluates; or `query=bash`, which the
            installed function asks with the line typed so far in the environment variable COMP_LINE.

    Raises:
        SettingsError: If anything else is asked for.
    """
    if request == INSTALL:
        return SCRIPT
    if request == UNINSTALL:
        return "complete -r python python3; unset -f _complete_experiments"
    if request == QUERY:
        return "\n".join(_found(config, group_names))
    asked = f" {request}" if request else ""
    raise SettingsError(f"{FLAGS[0]}{asked}: allowed are {INSTALL} and {UNINSTALL}")


def _found(config: str, group_names: list[str]) -> Iterator[str]:
    """How the last word of COMP_LINE may go on: neither Hydra's own settings nor groups of other commands."""
    os.environ.setdefault("COMP_LINE", "")
    kinds: list[type[CompletionPlugin]] = Plugins.instance().discover(CompletionPlugin)  # type: ignore[assignment]
    plugin = next(kind for kind in kinds if kind.provides() == "bash")
    with hydra_on(configs_folder()), redirect_stdout(StringIO()) as told:
        plugin(GlobalHydra.instance().config_loader()).query(config)
    strangers = groups().keys() - set(group_names)
    for word in told.getvalue().split():
        group = word.partition("=")[0]
        if not word.startswith("hydra") and not ("=" in word and group in strangers):
            yield word
