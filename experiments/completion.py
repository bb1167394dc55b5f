"""Completion of groups, their options and settings in bash, zsh and fish, by Hydra's own plugin.

Hydra's installer knows `python file.py`; ours are started with `python -m`, so the few lines for each shell are here.
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
QUERY = "query=bash"
"""What the lines below ask with, in every shell: Hydra's plugin for bash tells a word per line."""

BASH = r"""
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
ZSH = r"""
(( $+functions[compdef] )) || { autoload -Uz compinit && compinit }
_before_experiments=${_comps[python]:-_default}
_complete_experiments() {
    if (( CURRENT < 4 )) || [[ $words[2] != -m || $words[3] != experiments.* ]]; then
        $_before_experiments "$@"
        return
    fi
    local found="$(COMP_LINE="python $words[3] $words[4,CURRENT]" \
        ${~words[1]} -m $words[3] --shell-completion query=bash 2>/dev/null)"
    compadd -S '' -- ${(f)found}
}
compdef _complete_experiments python python3
"""
FISH = r"""
function __complete_experiments
    set -l words (commandline -opc) (commandline -ct)
    COMP_LINE="python $words[3..]" $words[1] -m $words[3] --shell-completion query=bash 2>/dev/null
end
function __asks_experiments
    functions -q __complete_experiments
    and string match -qr -- '^\S+\s+-m\s+experiments\.\w+\s' (commandline -cp)
end
for python in python python3
    complete -c $python -f -n __asks_experiments -a '(__complete_experiments)'
end
"""
ANSWERS = {
    "install=bash": BASH,
    "uninstall=bash": "complete -r python python3; unset -f _complete_experiments",
    "install=zsh": ZSH,
    "uninstall=zsh": "compdef $_before_experiments python python3; unfunction _complete_experiments",
    "install=fish": FISH,
    "uninstall=fish": "functions -e __complete_experiments",
}
"""Request → what a shell evaluates."""


def shell_completion(config: str, group_names: list[str], request: str) -> str:
    """What `--shell-completion REQUEST` prints.

    Args:
        config: The command's primary config.
        group_names: The groups that it chooses from.
        request: One of `ANSWERS`, such as `install=bash`; or `query=bash`, which the installed lines ask with what is
            typed so far in the environment variable COMP_LINE.

    Raises:
        SettingsError: If anything else is asked for.
    """
    if request == QUERY:
        return "\n".join(_found(config, group_names))
    if request not in ANSWERS:
        asked = f" {request}" if request else ""
        raise SettingsError(f"{FLAGS[0]}{asked}: allowed are {', '.join(ANSWERS)}")
    return ANSWERS[request]


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
