"""Who may do what. Clients send the stack's client key, which is good for asking models; the master key is an administrator's.

LiteLLM asks `check` for each route that it protects. Some it does not protect (its web pages, /routes, /public/…): the gate
stands before all of them.
"""

import hmac
import json
import os

import switchyard_log
from litellm.proxy._types import LitellmUserRoles, ProxyException, UserAPIKeyAuth
from litellm.proxy.common_utils.http_parsing_utils import _read_request_body

# Answer without a key, and call no model.
OPEN = {"/health/liveliness", "/health/liveness", "/health/readiness"}

INFERENCE = {
    "/v1/messages",
    "/v1/messages/count_tokens",
    "/v1/chat/completions",
    "/chat/completions",
    "/v1/responses",
    "/responses",
    "/v1/models",
    "/models",
}

# Fields by which a request could choose another endpoint, key or setting than the configuration's. LiteLLM refuses api_base and
# its like by itself, and lets others pass.
REFUSED_FIELDS = {
    "api_base",
    "api_key",
    "api_type",
    "api_version",
    "base_url",
    "cache",
    "callbacks",
    "client",
    "content_policy_fallbacks",
    "context_window_fallbacks",
    "credentials",
    "custom_llm_provider",
    "default_headers",
    "extra_body",
    "extra_headers",
    "extra_query",
    "fallbacks",
    "headers",
    "litellm_credential_name",
    "litellm_metadata",
    "litellm_params",
    "model_info",
    "model_list",
    "organization",
    "proxy_server_request",
    "router_settings_override",
    "secret_fields",
    "ssl_verify",
    "user_config",
}
REFUSED_PREFIXES = ("mock_", "user_api_key", "vertex_", "aws_", "azure_", "langfuse_")


def _same(given: str | None, name: str) -> bool:
    """Compares with the value of a variable, in a time that tells nothing of it."""
    expected = os.environ.get(name, "")
    return expected != "" and hmac.compare_digest((given or "").encode(), expected.encode())


def _is_master(given: str | None) -> bool:
    return _same(given, "LITELLM_MASTER_KEY")


def _is_client(given: str | None) -> bool:
    return _same(given, "SWITCHYARD_CLIENT_KEY")


def _refused_field(body: object) -> str | None:
    if not isinstance(body, dict):
        return None
    return next((key for key in body if key in REFUSED_FIELDS or str(key).startswith(REFUSED_PREFIXES)), None)


async def check(request, api_key: str | None) -> UserAPIKeyAuth:
    """LiteLLM's `custom_auth`.

    @param api_key of `Authorization: Bearer`, else of `x-api-key`, as LiteLLM found it
    @raises ProxyException 401, 403 or 400, which LiteLLM answers in the form of the endpoint
    """
    if _is_master(api_key):
        return UserAPIKeyAuth(api_key="switchyard-master", user_role=LitellmUserRoles.PROXY_ADMIN)
    # The gate says the same two things; this holds where it does not stand, or a path has another name within.
    if not _is_client(api_key):
        raise ProxyException(message=_WRONG_KEY, type="authentication_error", param=None, code=401)
    if request.url.path not in INFERENCE:
        raise ProxyException(message=_ADMINISTRATION, type="permission_error", param=None, code=403)
    field = _refused_field(await _read_request_body(request)) if request.method == "POST" else None
    if field is not None:
        raise ProxyException(
            message=f"{field} is the configuration's to say, not a request's.",
            type="invalid_request_error",
            param=field,
            code=400,
        )
    return UserAPIKeyAuth(
        api_key="switchyard-client", key_alias="switchyard-client", user_role=LitellmUserRoles.INTERNAL_USER
    )


_WRONG_KEY = "The key is not the client key of this LiteLLM."
_ADMINISTRATION = "The client key is for asking models; this path is LiteLLM's administration."


def _given_key(headers: list[tuple[bytes, bytes]]) -> str:
    found = {name.lower(): value.decode("latin-1") for name, value in headers}
    # LiteLLM takes this one before the others.
    bearer = found.get(b"x-litellm-api-key") or found.get(b"authorization", "")
    return bearer[7:].strip() if bearer[:7].lower() == "bearer " else found.get(b"x-api-key", "")


class Gate:
    """ASGI: lets through what is open, what asks models with the client key, and an administrator. The rest is refused before
    LiteLLM sees it, in Anthropic's form."""

    def __init__(self, app):
        self._app = app

    async def __call__(self, scope, receive, send):
        if scope["type"] == "lifespan":
            return await self._app(scope, receive, send)
        if scope["type"] != "http":
            return await send({"type": "websocket.close", "code": 1008})
        send = _redacting(send)
        given = _given_key(scope["headers"])
        if scope["path"] in OPEN or _is_master(given):
            return await self._app(scope, receive, send)
        if not _is_client(given):
            return await _refuse(send, 401, "authentication_error", _WRONG_KEY)
        if scope["path"] not in INFERENCE:
            return await _refuse(send, 403, "permission_error", _ADMINISTRATION)
        return await self._app(scope, receive, send)


def _redacting(send):
    """A `send` that leaves no known secret in an answer: a provider's error repeats the key at times.

    The body of an error is held until it is whole, for its length changes; a stream is looked through piece by piece.
    """
    held: list[bytes] = []
    start: dict = {}

    async def redacted(message):
        if message["type"] == "http.response.start":
            if message["status"] < 400:
                return await send(message)
            start.update(message)
            return None
        if message["type"] != "http.response.body":
            return await send(message)
        if not start:
            return await send({**message, "body": switchyard_log.redact_bytes(message.get("body", b""), keep_length=True)})
        held.append(message.get("body", b""))
        if message.get("more_body"):
            return None
        body = switchyard_log.redact_bytes(b"".join(held))
        headers = [(name, value) for name, value in start["headers"] if name.lower() != b"content-length"]
        await send({**start, "headers": [*headers, (b"content-length", str(len(body)).encode())]})
        return await send({"type": "http.response.body", "body": body})

    return redacted


async def _refuse(send, status: int, kind: str, message: str) -> None:
    body = json.dumps({"type": "error", "error": {"type": kind, "message": message}}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
