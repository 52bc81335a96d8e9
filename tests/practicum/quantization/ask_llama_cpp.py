"""Asks llama.cpp: its own environment's Python runs this (`make llama`), with nothing of the project.

    python ask_llama_cpp.py MODEL.gguf < requests.json > replies.json

The requests are a list of pairs: a path of llama.cpp's server, and the JSON to send there.
"""

import json
import os
import sys
import urllib.request

import xllamacpp


def main() -> None:
    requests = json.load(sys.stdin)
    # llama.cpp writes its log to standard output.
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    params = xllamacpp.CommonParams()
    params.model.path = sys.argv[1]
    params.n_ctx = 1024
    params.n_parallel = 1
    params.cpuparams.n_threads = 1
    params.warmup = False
    server = xllamacpp.Server(params)
    # Straight to the server, whatever proxy the environment names.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    found = []
    for path, body in requests:
        request = urllib.request.Request(server.listening_address + path, json.dumps(body).encode())
        with opener.open(request, timeout=120) as reply:
            found.append(json.load(reply))
    json.dump(found, replies)
    replies.close()


if __name__ == "__main__":
    main()
