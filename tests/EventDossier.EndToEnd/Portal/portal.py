"""A stand-in for the national portal's gateway: its six calls, kept in memory. It loses and repeats answers as it is told.

Below /stand-in/ a test plays the citizen, the owner system and the network. What reaches it out of order is a violation, which it keeps.
"""
import json
import random
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock
from urllib.parse import parse_qs, unquote, urlsplit

lock = Lock()
chance = random.Random(7)
mode = {"lose": 0, "repeat": 0, "down": False, "refuse": []}
submissions = {}  # external code -> what was submitted
dossiers = {}     # external code -> {"code", "status", "number", "due", "told": [progress], "owner": bool}
tracked = []      # what owner systems told, in order
violations = []
calls = {}
tokens = set()


class Lost(Exception):
    pass


class Portal(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def do_GET(self):
        self.handle_call("GET")

    def do_POST(self):
        self.handle_call("POST")

    def do_PUT(self):
        self.handle_call("PUT")

    def handle_call(self, method):
        length = int(self.headers.get("Content-Length") or 0)
        if self.headers.get("Transfer-Encoding", "") == "chunked":
            raw = b""
            while size := int(self.rfile.readline().strip(), 16):
                raw += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
        else:
            raw = self.rfile.read(length)
        body = json.loads(raw) if raw else None
        url = urlsplit(self.path)
        parts = [unquote(part) for part in url.path.strip("/").split("/")]
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        try:
            with lock:
                if parts[0] == "stand-in":
                    status, answer = self.play(parts[1], body)
                else:
                    self.lose(before=True)
                    status, answer = self.answer(method, parts, query, body)
                    self.lose(before=False)
        except Lost:
            self.close_connection = True
            self.connection.close()
            return
        text = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def lose(self, before):
        """The connection breaks before the call is heard, or after it has done its work."""
        if mode["down"] or (mode["lose"] and chance.random() < 0.5 / mode["lose"]):
            calls["lost before" if before else "lost after"] = calls.get("lost before" if before else "lost after", 0) + 1
            raise Lost

    def answer(self, method, parts, query, body):
        if parts == ["session"]:
            if (body["user"], body["secret"]) != ("H49", "s3cret"):
                return 403, {}
            tokens.add(token := f"t{len(tokens)}")
            return 200, {"token": token}
        if self.headers.get("Authorization", "")[len("Bearer "):] not in tokens:
            return 401, {}
        calls[f"{method} {parts[0]}"] = calls.get(f"{method} {parts[0]}", 0) + 1
        if parts == ["submissions"]:
            return self.page([s for s in submissions.values() if dossiers.get(s["externalCode"], {}).get("code") is None], "externalCode", query)
        if parts == ["dossiers"] and method == "GET":
            return self.page([{"externalCode": key, **{k: d[k] for k in ("code", "status", "number", "due")}} for key, d in dossiers.items() if d["status"]], "externalCode", query)
        if parts == ["tracked"]:
            after = int(query.get("after", 0))
            items = tracked[after:after + 2]
            return 200, {"items": self.repeated(items), "next": str(after + len(items)) if items else None}
        if parts[0] == "dossiers" and method == "PUT":
            dossiers.setdefault(parts[1], fresh())["code"] = body["code"]
            return 200, {}
        if parts[0] == "dossiers" and method == "POST" and parts[2] == "progress":
            return self.progress(parts[1], body)
        return 404, {}

    def progress(self, external, told):
        if external in mode["refuse"]:
            return 422, {}
        if external not in dossiers:
            return 404, {}
        dossier = dossiers[external]
        if dossier["code"] not in (None, told["code"]):
            violations.append(f"{external} is {dossier['code']} and {told['code']}")
        before = [t for t in dossier["told"] if t["number"] == told["number"]]
        if before:
            if before[0] != told:
                violations.append(f"{external} number {told['number']} is told in two ways")
            return 200, {}
        if dossier["told"] and told["number"] < dossier["told"][-1]["number"]:
            violations.append(f"{external} number {told['number']} after {dossier['told'][-1]['number']}")
            return 409, {}
        dossier["told"].append(told)
        dossier["code"], dossier["due"] = told["code"], told.get("due")
        if not dossier["owner"] or told["status"] == "resultReturned":
            dossier["status"], dossier["number"] = STATUS.index(told["status"]) + 1, told["number"]
        return 200, {}

    def page(self, items, key, query):
        items = sorted(items, key=lambda item: item[key])
        rest = [item for item in items if item[key] > query.get("after", "")]
        size = min(int(query["limit"]), 3)
        return 200, {"items": self.repeated(rest[:size]), "next": rest[size - 1][key] if len(rest) > size else None}

    def repeated(self, items):
        return [again for item in items for again in [item] * (2 if mode["repeat"] and chance.random() < 1 / mode["repeat"] else 1)]

    def play(self, what, body):
        if what == "submit":
            submissions[body["externalCode"]] = body
            dossiers[body["externalCode"]] = fresh() | {"status": 1}
        elif what == "track":
            tracked.append(body)
            dossiers[body["externalCode"]] |= {"status": body["status"], "owner": True, "number": None}
        elif what == "mode":
            mode.update(body)
        elif what == "set":
            dossiers[body["externalCode"]].update(body["to"])
        elif what == "forget":
            dossiers.pop(body["externalCode"])
            submissions.pop(body["externalCode"], None)
        elif what == "sign-out":
            tokens.clear()
        return 200, {"dossiers": dossiers, "violations": violations, "calls": calls}


STATUS = ["newlyRegistered", "accepted", "notAccepted", "processing", "supplementRequested", "financialObligation", "withdrawnByCitizen", "stopped", "processed", "resultReturned"]


def fresh():
    return {"code": None, "status": None, "number": None, "due": None, "told": [], "owner": False}


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Portal)
    server.daemon_threads = True
    print(server.server_port, flush=True)
    server.serve_forever()
