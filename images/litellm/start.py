"""Starts LiteLLM's proxy: keys over stdin, nothing secret on the way out.

    start.py --config FILE --port PORT [--host HOST] [--end-with-stdin] <keys.json

One line of JSON comes on stdin: an object of strings, the variables that the configuration names as os.environ/NAME. They
go into os.environ and nowhere else: not into the arguments, not into the environment that the process was started with.

With a configuration that Switchyard wrote (it has a section `switchyard`) the proxy stands behind a gate: clients reach what
asks models, and nothing of its administration. A user's own configuration is run as LiteLLM's own command runs it.
"""

import argparse
import json
import os
import signal
import sys
import threading


def read_keys(line: str) -> dict[str, str]:
    """The variables of one line of JSON. Says nothing of what it read: it may be a key."""
    try:
        keys = json.loads(line or "{}")
    except json.JSONDecodeError:
        sys.exit("switchyard: LiteLLM was given keys that are not one line of JSON")
    if not isinstance(keys, dict) or not all(isinstance(value, str) for value in keys.values()):
        sys.exit("switchyard: LiteLLM was given keys that are not an object of strings")
    return keys


def end_with_stdin() -> None:
    """Ends this process when whoever started it is gone, killed or not: the pipe is closed then."""
    while sys.stdin.read(4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


# Before anything of LiteLLM is imported: it reads these once. A variable that is set already wins.
QUIET = {
    # Prices and windows come with the package: nothing is fetched at start.
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS": "True",
    "LITELLM_LOCAL_BLOG_POSTS": "True",
    "LITELLM_LOCAL_POLICY_TEMPLATES": "True",
    "LITELLM_LOCAL_AUTOROUTER_PRESETS": "True",
    # No .env of the working directory.
    "LITELLM_MODE": "PRODUCTION",
    "LITELLM_LOG": "ERROR",
    "LITELLM_DONT_SHOW_FEEDBACK_BOX": "true",
}
CLOSED = {"NO_DOCS": "True", "NO_REDOC": "True", "NO_OPENAPI": "True", "DISABLE_ADMIN_UI": "True"}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--config", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--host", default="0.0.0.0")
    parser.add_argument("--end-with-stdin", action="store_true")
    options = parser.parse_args()

    keys = read_keys(sys.stdin.readline())
    if options.end_with_stdin:
        threading.Thread(target=end_with_stdin, daemon=True).start()
    os.environ.update(keys)
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)

    import switchyard_log

    switchyard_log.install(keys.values())

    import yaml

    try:
        with open(options.config, encoding="utf-8") as file:
            config = yaml.safe_load(file) or {}
    except OSError as error:
        sys.exit(f"switchyard: {options.config} cannot be read ({error.strerror})")
    except yaml.YAMLError:
        sys.exit(f"switchyard: {options.config} is not YAML")
    if isinstance(config, dict) and "switchyard" in config:
        serve_generated(options, config)
    else:
        serve_own(options)


def serve_generated(options: argparse.Namespace, config: dict) -> None:
    os.environ.update(CLOSED)
    import switchyard_hooks
    import switchyard_log

    switchyard_log.shorten()
    switchyard_hooks.configure(config)
    # As proxy_cli.py hands its options to the application.
    os.environ["WORKER_CONFIG"] = json.dumps({"config": options.config, "telemetry": False})

    import uvicorn
    from litellm.proxy.proxy_server import app

    import switchyard_auth

    uvicorn.run(
        switchyard_auth.Gate(app),
        host=options.host,
        port=options.port,
        log_level="info",
        server_header=False,
        timeout_keep_alive=120,
    )


def serve_own(options: argparse.Namespace) -> None:
    from litellm.proxy.proxy_cli import run_server

    run_server.main(
        args=["--config", options.config, "--host", options.host, "--port", str(options.port), "--telemetry", "False"],
        standalone_mode=False,
    )


if __name__ == "__main__":
    main()
