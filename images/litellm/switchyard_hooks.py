"""What LiteLLM has no setting for, by its own hooks. The section `switchyard` of the configuration says what to do; nothing is
guessed here from the name of a provider or a model.

    patterns       names with `*` of model_list, the most specific first, each with its fallbacks: LiteLLM's own lists are
                   found by the name that was asked for, and so never for such a name
    refused        providers of which no target is served, with the reason
    cache_minimum  smallest prompts that a provider caches on request, by how LiteLLM's name of the model begins
"""

import re

from litellm import ModelResponse, Usage
from litellm.integrations.custom_logger import CustomLogger
from litellm.proxy._types import ProxyException

_settings: dict = {"patterns": [], "refused": {}, "names": {}, "providers": {}, "usual": [], "window": [], "minima": [], "reserve": 1.0}


def configure(config: dict) -> None:
    """Takes the configuration in, before LiteLLM starts."""
    section = config.get("switchyard") or {}
    groups = [entry["model_name"] for entry in config.get("model_list") or []]
    router = config.get("router_settings") or {}
    aliases = router.get("model_group_alias") or {}
    minimum = section.get("cache_minimum") or {}
    _settings["names"] = {
        **{name.lower(): name for name in groups if "*" not in name},
        **{alias.lower(): group for alias, group in aliases.items()},
    }
    _settings["providers"] = {name[:-2].lower(): name[:-2] for name in groups if name.endswith("/*")}
    _settings["patterns"] = [(_regex(each["match"]), each) for each in section.get("patterns") or []]
    _settings["usual"] = router.get("fallbacks") or []
    _settings["window"] = router.get("context_window_fallbacks") or []
    _settings["refused"] = {name.lower(): (name, why) for name, why in (section.get("refused") or {}).items()}
    # The longest beginning that fits counts.
    _settings["minima"] = sorted(minimum.get("models") or [], key=lambda each: -len(each["model"]))
    _settings["reserve"] = minimum.get("reserve", 1.0)


def _regex(pattern: str) -> re.Pattern:
    return re.compile(re.escape(pattern).replace(r"\*", ".*") + "$", re.DOTALL)


class Hooks(CustomLogger):
    async def async_pre_call_hook(self, user_api_key_dict, cache, data, call_type):
        """Before a group of model_list is chosen: the name that was asked for, and what stands behind it."""
        asked = data.get("model")
        if not isinstance(asked, str):
            return data
        name = _canonical(asked)
        if name in _settings["names"].values():
            if "," in name and call_type in ("completion", "acompletion"):
                # LiteLLM would make several models of it.
                _rename(data, name)
            else:
                data["model"] = name
            return data
        data["model"] = name
        pattern = next((each for regex, each in _settings["patterns"] if regex.match(name)), None)
        if pattern is not None and not _has_provider(name):
            _put_fallbacks(data, name, pattern)
        return data

    async def async_pre_call_deployment_hook(self, kwargs, call_type):
        """When the deployment is chosen. LiteLLM asks twice where it translates: for /v1/messages, then for what it makes of it."""
        _limit_output(kwargs)
        _prepare_mock(kwargs, getattr(call_type, "value", call_type))
        if "messages" in kwargs and _is_chat(getattr(call_type, "value", call_type)):
            kwargs["messages"] = without_small_cache_marks(kwargs.get("model") or "", kwargs["messages"])
        return kwargs


def _canonical(asked: str) -> str:
    """A name in the letter case of the configuration, without the suffix by which Claude Code asks for a window of a million
    tokens.

    @raises ProxyException 400 for a provider that is not there or cannot be used: another model's answer would not be what was
      asked for
    """
    name = re.sub(r"\[1m\]$", "", asked.strip(), flags=re.IGNORECASE)
    found = _settings["names"].get(name.lower())
    if found is not None:
        return found
    name = re.sub(r"^claude-via/", "", name, flags=re.IGNORECASE)
    provider, comma, model = name.partition(",")
    if not comma:
        return name
    provider = provider.strip().lower()
    if provider in _settings["providers"]:
        return f"{_settings['providers'][provider]}/{model.strip()}"
    refused = _settings["refused"].get(provider)
    raise ProxyException(
        message=f"{name}: there is no such provider." if refused is None else f"{name}: {refused[0]} cannot be used ({refused[1]}).",
        type="invalid_request_error",
        param="model",
        code=400,
    )


def _has_provider(name: str) -> bool:
    return name.partition("/")[0].lower() in _settings["providers"] and "/" in name


def _rename(data: dict, name: str) -> None:
    """Asks for a group by its name without a comma, and takes its lists along."""
    data["model"] = name.replace(",", "/", 1)
    for field, lists in (("fallbacks", "usual"), ("context_window_fallbacks", "window")):
        found = next((each[name] for each in _settings[lists] if name in each), None)
        if found:
            data[field] = [{data["model"]: found}]


def _put_fallbacks(data: dict, name: str, pattern: dict) -> None:
    # `provider/*` takes the name that was asked for.
    targets = {
        field: [target.replace("*", name) for target in pattern.get(field) or []]
        for field in ("fallbacks", "context_window_fallbacks")
    }
    if targets["fallbacks"]:
        data["fallbacks"] = [{name: targets["fallbacks"]}]
    # What a request says takes the place of the configured list: a target that stands in may be too small as well.
    window = [{name: targets["context_window_fallbacks"]}] if targets["context_window_fallbacks"] else []
    if window or _settings["window"]:
        data["context_window_fallbacks"] = [*window, *_settings["window"]]


def _limit_output(kwargs: dict) -> None:
    """Claude Code asks for as many tokens as Claude can write; other models answer 400 to more than they can."""
    most = (kwargs.get("model_info") or {}).get("max_output_tokens")
    for field in ("max_tokens", "max_completion_tokens"):
        if isinstance(most, int) and isinstance(kwargs.get(field), int) and kwargs[field] > most:
            kwargs[field] = most


def _prepare_mock(kwargs: dict, call_type: str) -> None:
    """A mock answer that says which model was asked for, and that can be streamed.

    For /v1/messages LiteLLM answers a text with one JSON body even where a stream was asked for; an object goes the way of a
    provider's answer.
    """
    text = kwargs.get("mock_response")
    if not isinstance(text, str):
        return
    metadata = kwargs.get("litellm_metadata") or kwargs.get("metadata") or {}
    text = text.replace("{model}", str(metadata.get("model_group") or kwargs.get("model")))
    if call_type in ("anthropic_messages", "aanthropic_messages"):
        kwargs["mock_response"] = ModelResponse(
            choices=[{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}],
            # A mock has no tokenizer: four characters a token.
            usage=Usage(prompt_tokens=0, completion_tokens=len(text) // 4, total_tokens=len(text) // 4),
        )
    else:
        kwargs["mock_response"] = text


def _is_chat(call_type: str | None) -> bool:
    return call_type in ("completion", "acompletion")


def cache_minimum_of(model: str) -> float | None:
    """Tokens, with the reserve; None where nothing is known to be too small."""
    found = next((each for each in _settings["minima"] if model.startswith(each["model"])), None)
    return None if found is None else found["tokens"] * _settings["reserve"]


def without_small_cache_marks(model: str, messages: list) -> list:
    """The messages without cache_control where what LiteLLM would have cached is less than the provider caches.

    LiteLLM takes the first run of marked messages. Where that is too small, none of the later marks is of use either: what
    they stand for begins with it.
    """
    minimum = cache_minimum_of(model)
    if minimum is None:
        return messages
    from litellm import token_counter
    from litellm.llms.vertex_ai.context_caching.transformation import separate_cached_messages

    cached, _ = separate_cached_messages(messages)
    if not cached or token_counter(model=model, messages=cached, use_default_image_token_count=True) >= minimum:
        return messages
    return [_without_mark(message) for message in messages]


def _without_mark(message):
    if not isinstance(message, dict):
        return message
    bare = {key: value for key, value in message.items() if key != "cache_control"}
    if isinstance(bare.get("content"), list):
        bare["content"] = [
            {key: value for key, value in part.items() if key != "cache_control"} if isinstance(part, dict) else part
            for part in bare["content"]
        ]
    return bare


hooks = Hooks()
