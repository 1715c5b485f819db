"""A TCP proxy that drops every connection once so many bytes have gone up."""

import contextlib
import socket
import struct
import threading

CHUNK = 64 << 10
RESET = struct.pack("ii", 1, 0)  # SO_LINGER: close with a reset, as a broken line does


class FlakyProxy:
    """Listens on loopback, passes on to `target`; `drops` are the counts of bytes, ascending."""

    def __init__(self, target: tuple[str, int], drops: list[int]) -> None:
        self._target = target
        self._drops = drops
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self.sent_up = 0
        self.dropped = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _address = self._listener.accept()
                server = socket.create_connection(self._target)
                with self._lock:
                    self._open |= {client, server}
                for source, sink, up in ((client, server, True), (server, client, False)):
                    threading.Thread(
                        target=self._pump, args=(source, sink, up), daemon=True
                    ).start()

    def _pump(self, source: socket.socket, sink: socket.socket, up: bool) -> None:
        with contextlib.suppress(OSError):
            while chunk := source.recv(CHUNK):
                sink.sendall(chunk)
                if up:
                    self._count(len(chunk))
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            with self._lock:
                self._open.discard(end)
            end.close()

    def _count(self, size: int) -> None:
        with self._lock:
            self.sent_up += size
            if not self._drops or self.sent_up < self._drops[0]:
                return
            self._drops.pop(0)
            self.dropped += 1
            broken, self._open = self._open, set()
        for end in broken:
            with contextlib.suppress(OSError):
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                end.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self._listener.close()
