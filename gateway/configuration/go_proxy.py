"""Reads the configuration file of the Go proxy that many people come from, and says what becomes of each part.

Its format in short: `providers` with `format`, `base_url`, `version`, `max_retries`, `api_key`, `fallback_provider` and
`circuit_breaker`; `subagents` with `enable` and `mappings` of a name to "provider:model"; `server` and `storage`. What
has a counterpart here is put into this program's own form, and goes the way of any other file from there on. What has
none becomes a remark. Source: the public repository seifghazi/claude-code-proxy, `config.yaml.example`, and the issue
that asks for this, for the keys of its descendants.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from gateway.configuration.problems import ConfigurationError, Path, Problem, one_of
from gateway.configuration.source import Source
from providers.credentials import variable_name
from providers.presets import GENERIC, PRESETS

_KINDS = {"anthropic": "anthropic", "openai": "openai"}
"""Format there -> kind here."""
_DEFAULT_URLS = {"anthropic": "https://api.anthropic.com", "openai": "https://api.openai.com"}

_DEFAULT_KEYS = {"openai": "$OPENAI_API_KEY"}
"""Where the file says nothing, the providers of these names have these there too."""

_TOP = ("server", "providers", "storage", "subagents", "fallback_provider", "circuit_breaker")
_OF_A_PROVIDER = ("format", "base_url", "version", "max_retries", "api_key", "fallback_provider", "circuit_breaker")
_OF_SUBAGENTS = ("enable", "mappings")
_ONLY_THERE: dict[Path, frozenset[str]] = {
    (): frozenset({"server", "storage", "fallback_provider", "circuit_breaker"}),
    ("providers", "*"): frozenset(_OF_A_PROVIDER) - {"base_url"},
    ("subagents",): frozenset({"enable"}),
}
_NOT_NEEDED = {
    "version": "not needed: the client's own header anthropic-version is sent on.",
    "max_retries": "not needed: Claude Code itself repeats what failed.",
    "circuit_breaker": "not taken over: every request is tried; a mapping's fallbacks are there for what fails.",
    "storage": "not needed: the request log is in the gateway's own database (DATABASE_URL).",
}


@dataclass(frozen=True, slots=True)
class PlainSecret:
    """A secret that stood in a file as it is. Its text is never shown."""

    value: str = field(repr=False)

    def __str__(self) -> str:
        return "a secret"


@dataclass(frozen=True, slots=True)
class Translation:
    """`remarks` say in words what was not taken over, and why."""

    source: Source
    remarks: tuple[str, ...]


def sign_of_the_go_proxy(data: dict[str, Any]) -> str:
    """A key that only the Go proxy's files have, where there is one."""
    providers = _mapping(data.get("providers"))
    places: list[tuple[Path, Any]] = [((), data), (("subagents",), data.get("subagents"))]
    places += [(("providers", "*"), provider) for provider in providers.values()]
    return next((key for path, place in places for key in _mapping(place) if key in _ONLY_THERE[path]), "")


def translate(source: Source) -> Translation:
    """Raises `ConfigurationError`."""
    translator = _Translator(source)
    data = translator.translate()
    if translator.problems:
        raise ConfigurationError(source.located(problem) for problem in translator.problems)
    return Translation(replace(source, data=data, origins=translator.origins), tuple(translator.remarks))


class _Translator:
    def __init__(self, source: Source) -> None:
        self._source, self._sign = source, sign_of_the_go_proxy(source.data)
        self.problems: list[Problem] = []
        self.remarks: list[str] = []
        self.origins: dict[Path, Path] = {}

    def translate(self) -> dict[str, Any]:
        there = self._checked((), self._source.data, _TOP)
        here: dict[str, Any] = {}
        providers = self._children("providers", there)
        if "providers" in there:
            here["providers"] = {name: self._provider(name, entry) for name, entry in providers.items()}
            self._choose_default(here["providers"])
        if "subagents" in there:
            here["subagents"] = {"mappings": self._mappings(there, here.get("providers", {}))}
        self._remark_on_the_server(_mapping(there.get("server")))
        self._remark((), there)
        self._check_fallback((), there)
        return here

    def _provider(self, name: str, entry: Any) -> dict[str, Any]:
        path = ("providers", name)
        there = self._checked(path, entry, _OF_A_PROVIDER)
        format_ = str(there.get("format", name))
        if format_ not in _KINDS:
            self.problems.append(Problem((*path, "format"), one_of(format_, _KINDS, "format")))
        self._check_fallback(path, there)
        base_url = there.get("base_url", _DEFAULT_URLS.get(name, ""))
        self._remark(path, there)
        here = {"kind": _KINDS.get(format_, ""), "base_url": base_url, **self._credential(path, there)}
        for key, origin in {"kind": "format", "credential": "api_key", "credential_source": "api_key"}.items():
            self.origins[*path, key] = (*path, origin) if origin in there else path
        if here["kind"] == "openai" and (preset := preset_of(str(base_url))):
            here["preset"] = preset
        return here

    def _credential(self, path: Path, there: dict[str, Any]) -> dict[str, Any]:
        """Without a key, an Anthropic provider there gets the client's own credential, and any other none."""
        key = there.get("api_key") or (_DEFAULT_KEYS.get(str(path[-1])) if "api_key" not in there else "")
        if not key:
            is_anthropic = there.get("format", path[-1]) == "anthropic"
            return {"credential_source": "client" if is_anthropic else "none"}
        if isinstance(key, str) and variable_name(key):
            return {"credential": key}
        if not isinstance(key, str) or "$" in key:
            self.problems.append(Problem((*path, "api_key"), "write a key as a whole, or $NAME alone."))
            return {}
        self.remarks.append(
            f"{self._place((*path, 'api_key'))} the key is stored encrypted. Take it out of the file: write $NAME."
        )
        return {"credential": PlainSecret(key)}

    def _choose_default(self, providers: dict[str, dict[str, Any]]) -> None:
        """There, what no mapping claims goes to Anthropic."""
        of_anthropic = [name for name, provider in providers.items() if provider["kind"] == "anthropic"]
        if of_anthropic:
            chosen = "anthropic" if "anthropic" in of_anthropic else of_anthropic[0]
            providers[chosen]["is_default"] = True

    def _mappings(self, there: dict[str, Any], providers: dict[str, dict[str, Any]]) -> dict[str, Any]:
        subagents = self._checked(("subagents",), there["subagents"], _OF_SUBAGENTS)
        enabled = subagents.get("enable", True)
        if not isinstance(enabled, bool):
            self.problems.append(Problem(("subagents", "enable"), "write true or false."))
        if enabled is False:
            self.remarks.append(f"{self._place(('subagents', 'enable'))} the mappings are there, and not enabled.")
        mappings = self._children("mappings", subagents, ("subagents",))
        return {name: self._mapped(name, target, enabled, there, providers) for name, target in mappings.items()}

    def _mapped(
        self, name: str, target: Any, enabled: bool, there: dict[str, Any], providers: dict[str, dict[str, Any]]
    ) -> dict[str, Any]:
        path = ("subagents", "mappings", name)
        self.origins[*path, "target"] = path
        here = {"target": target} if enabled else {"target": target, "enabled": False}
        provider, _, model = str(target).partition(":")
        fallback = self._fallback(provider, there)
        if not fallback or fallback == provider:
            return here
        if fallback in providers and providers[fallback]["kind"] == providers.get(provider, {}).get("kind"):
            self.origins[*path, "fallbacks"] = path
            return {**here, "fallbacks": [f"{fallback}:{model}"]}
        self.remarks.append(
            f"{self._place(path)} fallback_provider {fallback} is not taken over: it does not have the model {model}. "
            "Add a fallback with a model of its own to the mapping."
        )
        return here

    def _check_fallback(self, path: Path, there: dict[str, Any]) -> None:
        name, providers = there.get("fallback_provider"), _mapping(self._source.data.get("providers"))
        if name is not None and str(name) not in providers:
            self.problems.append(Problem((*path, "fallback_provider"), one_of(str(name), providers, "provider")))

    def _fallback(self, provider: str, there: dict[str, Any]) -> str:
        entry = _mapping(_mapping(there.get("providers")).get(provider))
        return str(entry.get("fallback_provider") or there.get("fallback_provider") or "")

    def _checked(self, path: Path, data: Any, known: Iterable[str]) -> dict[str, Any]:
        """The mapping at a place, where it is one and has no key that is unknown there."""
        if data is not None and not isinstance(data, dict):
            self.problems.append(Problem(path, "this should be a mapping of keys to values."))
        mapping = _mapping(data)
        for key in mapping:
            if key not in known:
                why = f" The file is read as the Go proxy's, because it has “{self._sign}”."
                self.problems.append(Problem((*path, key), one_of(key, known, "key") + why))
        return mapping

    def _children(self, key: str, data: dict[str, Any], path: Path = ()) -> dict[str, Any]:
        children = data.get(key)
        if children is not None and not isinstance(children, dict):
            self.problems.append(Problem((*path, key), "this should be a mapping of names."))
        return _mapping(children)

    def _remark(self, path: Path, there: dict[str, Any]) -> None:
        self.remarks += [f"{self._place((*path, key))} {_NOT_NEEDED[key]}" for key in there if key in _NOT_NEEDED]

    def _remark_on_the_server(self, server: dict[str, Any]) -> None:
        for key, value in server.items():
            if key in ("port", "host"):
                words = f"not taken over: set {key.upper()}={value} in the gateway's environment."
            else:
                words = "not needed: each provider has timeouts of its own, in the admin."
            self.remarks.append(f"{self._place(('server', key))} {words}")

    def _place(self, path: Path) -> str:
        return str(Problem(path, "", self._source.line(path))).rstrip()


def preset_of(base_url: str) -> str:
    """The preset whose provider has this host; `GENERIC` where none has."""
    host = _host(base_url)
    return next(
        (name for name, preset in PRESETS.items() if preset.base_url and _host(preset.base_url) == host), GENERIC
    )


def _host(url: str) -> str:
    try:
        return urlsplit(url).netloc.lower().replace("localhost", "127.0.0.1")
    except ValueError:
        return ""


def _mapping(data: Any) -> dict[str, Any]:
    return data if isinstance(data, dict) else {}
