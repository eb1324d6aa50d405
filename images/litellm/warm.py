"""Run while the image is built: starts the proxy once and has it ask each kind of provider, so that Python's bytecode is there
for all that a start and a request load, and for nothing else. The file system is read-only later.

It calls nobody: every provider is a closed port of this machine.
"""

import json
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

PORT = 4999
KEY = "switchyard-warm-client"
KINDS = ["openai", "anthropic", "gemini", "openrouter"]


def deployment(name: str, **params: str) -> dict:
    return {"model_name": name, "litellm_params": {"api_key": "none", **params}}


def ask(path: str, body: dict | None = None) -> None:
    """Sends a request and waits for its end; a refusal is as good as an answer."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{PORT}{path}",
        data=None if body is None else json.dumps(body).encode(),
        headers={"authorization": f"Bearer {KEY}", "content-type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=120) as answer:
            answer.read()
    except urllib.error.HTTPError as error:
        error.read()


def wait_until_ready(process: subprocess.Popen) -> None:
    for _ in range(600):
        if process.poll() is not None:
            sys.exit("LiteLLM ended while it started")
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{PORT}/health/readiness", timeout=5).read()
            return
        except OSError:
            time.sleep(0.2)
    sys.exit("LiteLLM did not become ready")


def main() -> None:
    models = [deployment(kind, model=f"{kind}/warm", api_base="http://127.0.0.1:9") for kind in KINDS]
    config = {
        "model_list": [*models, deployment("mock", model="openai/demo", mock_response="Warm.")],
        "router_settings": {"num_retries": 0, "enable_pre_call_checks": True},
        "litellm_settings": {
            "drop_params": True,
            "use_chat_completions_url_for_anthropic_messages": True,
            "callbacks": ["switchyard_hooks.hooks"],
        },
        "general_settings": {"master_key": "os.environ/LITELLM_MASTER_KEY", "custom_auth": "switchyard_auth.check"},
        "switchyard": {},
    }
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "litellm.yaml"
        file.write_text(json.dumps(config), encoding="utf-8")
        start = Path(__file__).with_name("start.py")
        process = subprocess.Popen(
            [sys.executable, str(start), "--config", str(file), "--port", str(PORT), "--host", "127.0.0.1"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
        )
        keys = {"SWITCHYARD_CLIENT_KEY": KEY, "LITELLM_MASTER_KEY": "sk-warm-administrator"}
        process.stdin.write(f"{json.dumps(keys)}\n".encode())
        process.stdin.flush()
        wait_until_ready(process)
        text = [{"role": "user", "content": "Warm."}]
        for name in [*KINDS, "mock"]:
            for stream in (False, True):
                for path in ("/v1/messages", "/v1/chat/completions"):
                    ask(path, {"model": name, "max_tokens": 9, "messages": text, "stream": stream})
            ask("/v1/messages/count_tokens", {"model": name, "messages": text})
        ask("/v1/models")
        process.terminate()
        process.wait(60)


main()
