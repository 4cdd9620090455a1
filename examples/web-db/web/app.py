#!/usr/bin/python3
"""Counts visits: each request adds a row to the database and a line to the hits file."""

import json
import os
import signal
import socket
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import psycopg2

PORT = 8000
HITS_FILE = "/var/log/web/hits.log"
DATABASE_URL = os.environ["DATABASE_URL"]


class Visit(BaseHTTPRequestHandler):
    def do_GET(self):
        visitor = self.headers.get("X-Forwarded-For", self.client_address[0])
        try:
            visit, version = record(self.path, visitor)
        except psycopg2.Error as error:
            self.answer(503, {"error": str(error).strip()})
            return
        with open(HITS_FILE, "a", encoding="utf-8") as hits:
            hits.write(f"{visit} {visitor} {self.path}\n")
        self.answer(200, {"visit": visit, "path": self.path, "web": socket.gethostname(), "database": version})

    def answer(self, status, body):
        text = json.dumps(body).encode() + b"\n"
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)


def record(path, visitor):
    """Stores one visit and gives its number and the name and version of the database server."""
    connection = psycopg2.connect(DATABASE_URL, connect_timeout=5)
    try:
        with connection, connection.cursor() as cursor:
            # two first requests at once must not both make the table
            cursor.execute("SELECT pg_advisory_xact_lock(1)")
            cursor.execute("CREATE TABLE IF NOT EXISTS visits (id serial PRIMARY KEY, path text, visitor text)")
            cursor.execute("INSERT INTO visits (path, visitor) VALUES (%s, %s) RETURNING id, version()", (path, visitor))
            visit, version = cursor.fetchone()
            return visit, " ".join(version.split()[:2])
    finally:
        connection.close()


if __name__ == "__main__":
    # the first process of a container has no default action for signals
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    ThreadingHTTPServer(("", PORT), Visit).serve_forever()
