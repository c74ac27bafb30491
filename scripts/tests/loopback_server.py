"""A web server on the loopback address that misbehaves on demand."""

import contextlib
import http.server
import threading


class Server:
    """Answers each path with what `pages` says; "hang" never answers, "drip" never ends."""

    def __init__(self, pages):
        over = self.over = threading.Event()

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                page = pages.get(self.path)
                if page == "hang":
                    over.wait()
                    return
                self.send_response(404 if page is None else 200)
                self.end_headers()
                if page == "drip":
                    with contextlib.suppress(OSError):
                        while not over.wait(0.05):
                            self.wfile.write(b"P")
                else:
                    self.wfile.write(page or b"no such page")

            def log_message(self, *_):
                pass

        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.http.server_address[1]}"
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def close(self):
        self.over.set()
        self.http.shutdown()
        self.http.server_close()
