"""llama.cpp's side of `benchmarks.decoding`: its own environment's Python runs this (`make llama`).

    python side_llama_cpp.py MODEL.gguf < requests.json

The request has `prompts` (token ids), `new_tokens`, `threads`, `parallel` (rows decoded together) and `context` (tokens
a row may take). Prints one JSON line: the least seconds of two runs over all prompts, after one that is not counted.
"""

import json
import os
import sys
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import xllamacpp


def main() -> None:
    asked = json.load(sys.stdin)
    # llama.cpp writes its log to standard output.
    said = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    params = xllamacpp.CommonParams()
    params.model.path = sys.argv[1]
    params.n_parallel = asked["parallel"]
    params.n_ctx = asked["context"] * asked["parallel"]
    params.n_batch = 2048
    params.cpuparams.n_threads = asked["threads"]
    params.cpuparams_batch.n_threads = asked["threads"]
    server = xllamacpp.Server(params)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def complete(prompt: list[int]) -> int:
        body: dict[str, Any] = {
            "prompt": prompt,
            "n_predict": asked["new_tokens"],
            "temperature": 0,
            "ignore_eos": True,
            "cache_prompt": True,
        }
        request = urllib.request.Request(server.listening_address + "/completion", json.dumps(body).encode())
        with opener.open(request, timeout=600) as reply:
            return int(json.load(reply)["tokens_predicted"])

    def run() -> tuple[float, int]:
        began = time.perf_counter()
        with ThreadPoolExecutor(asked["parallel"]) as pool:
            tokens = sum(pool.map(complete, asked["prompts"]))
        return time.perf_counter() - began, tokens

    run()
    seconds, tokens = min(run() for _ in range(2))
    json.dump({"seconds": seconds, "tokens": tokens}, said)
    said.close()


if __name__ == "__main__":
    main()
